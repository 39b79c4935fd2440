"""What the embedded Qdrant acknowledged is there after a restart, however it ended."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.exceptions import ResponseHandlingException

from embedded.qdrant import EmbeddedQdrant

TITLE = models.TextIndexParams(type=models.TextIndexType.TEXT, phrase_matching=True)


def connect(url: str) -> AsyncQdrantClient:
    """Return a client."""
    return AsyncQdrantClient(url=url, limits=httpx.Limits(), check_compatibility=False)


async def create(client: AsyncQdrantClient) -> None:
    """Create the collection of these tests, with compact vectors beside the floats as papers have them."""
    compact = models.TurboQuantization(turbo=models.TurboQuantQuantizationConfig(bits=models.TurboQuantBitSize.BITS8))
    dense = models.VectorParams(size=2, distance=models.Distance.COSINE, quantization_config=compact)
    await client.create_collection(
        "papers",
        vectors_config={"dense": dense},
        sparse_vectors_config={"bm25": models.SparseVectorParams(modifier=models.Modifier.IDF)},
        metadata={"model": "all-MiniLM-L6-v2"},
    )
    await client.create_payload_index("papers", "n", models.PayloadSchemaType.INTEGER)
    await client.create_payload_index("papers", "title", TITLE)


def point(n: int) -> models.PointStruct:
    """Return a point."""
    sparse = models.SparseVector(indices=[n % 7], values=[1.0])
    return models.PointStruct(
        id=n, vector={"dense": [1.0, n], "bm25": sparse}, payload={"n": n, "title": f"paper {n} 😀"}
    )


async def described(client: AsyncQdrantClient) -> tuple[Any, ...]:
    """Return everything that a restart must not change."""
    info = await client.get_collection("papers")
    points, _ = await client.scroll("papers", limit=100, with_vectors=True)
    return info.config, info.payload_schema, info.points_count, points


def test_a_restart_keeps_everything(tmp_path: Path) -> None:
    """Configuration, metadata, payload indexes and points."""

    async def scenario() -> None:
        async with EmbeddedQdrant(tmp_path) as qdrant:
            client = connect(qdrant.url)
            await create(client)
            await client.upsert("papers", [point(n) for n in range(10)])
            await client.update_collection("papers", metadata={"schema": 2})
            before = await described(client)
            await client.close()
        async with EmbeddedQdrant(tmp_path) as qdrant:
            client = connect(qdrant.url)
            assert await described(client) == before
            assert before[0].metadata == {"model": "all-MiniLM-L6-v2", "schema": 2}
            await client.close()

    asyncio.run(scenario())


def test_an_added_vector_outlives_a_kill(tmp_path: Path) -> None:
    """A collection gets further vectors, dense and sparse; adding one again changes nothing, and one can go."""
    title = models.DenseVectorNameConfig(
        dense=models.DenseVectorConfig(size=2, distance=models.Distance.COSINE, datatype=models.Datatype.FLOAT16)
    )
    terms = models.SparseVectorNameConfig(sparse=models.SparseVectorConfig())

    async def scenario() -> None:
        async with EmbeddedQdrant(tmp_path) as qdrant:
            client = connect(qdrant.url)
            await create(client)
            await client.upsert("papers", [point(n) for n in range(10)])
            for _ in range(2):
                await client.create_vector_name("papers", "title", title)
                await client.create_vector_name("papers", "terms", terms)
                await client.create_vector_name("papers", "more", terms)
            vectors: Any = {"title": [0.0, 1.0], "terms": models.SparseVector(indices=[4], values=[0.5])}
            await client.update_vectors("papers", [models.PointVectors(id=3, vector=vectors)])
            await client.delete_vector_name("papers", "more")
            before = await described(client)
            await client.close()
            psutil.Process(qdrant.pid).send_signal(signal.SIGKILL)
        async with EmbeddedQdrant(tmp_path) as qdrant:
            client = connect(qdrant.url)
            assert await described(client) == before
            assert set(before[0].params.sparse_vectors) == {"bm25", "terms"}
            near = await client.query_points("papers", [0.0, 1.0], using="title")
            words = models.SparseVector(indices=[4], values=[1.0])
            about = await client.query_points("papers", words, using="terms")
            assert [(one.id, one.score) for one in (*near.points, *about.points)] == [(3, 1.0), (3, 0.5)]
            await client.close()

    asyncio.run(scenario())


def test_vectors_and_indexes_added_at_once_are_all_kept(tmp_path: Path) -> None:
    """Two processes that each add what an earlier version lacks do not undo each other."""
    terms = models.SparseVectorNameConfig(sparse=models.SparseVectorConfig())
    names = [f"terms-{n}" for n in range(4)]

    async def scenario() -> None:
        async with EmbeddedQdrant(tmp_path) as qdrant:
            client = connect(qdrant.url)
            await create(client)
            await asyncio.gather(
                *(client.create_vector_name("papers", name, terms) for name in names),
                *(client.create_payload_index("papers", name, models.PayloadSchemaType.INTEGER) for name in names),
            )
            info = await client.get_collection("papers")
            assert set(info.config.params.sparse_vectors or ()) == {"bm25", *names}
            assert set(info.payload_schema) == {"n", "title", *names}
            await client.close()

    asyncio.run(scenario())


def test_sigkill_loses_nothing_acknowledged(tmp_path: Path) -> None:
    """INVARIANT: an upsert that was answered survives SIGKILL in the middle of the next."""

    async def scenario() -> None:
        acknowledged: list[int] = []
        enough = asyncio.Event()
        async with EmbeddedQdrant(tmp_path) as qdrant:
            client = connect(qdrant.url)
            await create(client)
            writer = asyncio.create_task(write(client, acknowledged, enough))
            await enough.wait()
            assert qdrant.pid is not None
            psutil.Process(qdrant.pid).kill()
            await writer
            assert await qdrant.wait() == -signal.SIGKILL
            await client.close()
        async with EmbeddedQdrant(tmp_path) as qdrant:
            client = connect(qdrant.url)
            found = await client.retrieve("papers", acknowledged, with_payload=["n"])
            assert sorted(each.id for each in found) == sorted(acknowledged)
            assert (await client.facet("papers", "n", limit=10_000)).hits
            await client.close()

    asyncio.run(scenario())


async def write(client: AsyncQdrantClient, acknowledged: list[int], enough: asyncio.Event) -> None:
    """Upsert until the server is gone, noting what it confirmed."""
    with suppress(ResponseHandlingException):
        for start in range(0, 1_000_000, 20):
            numbers = range(start, start + 20)
            await client.upsert("papers", [point(n) for n in numbers])
            acknowledged.extend(numbers)
            if len(acknowledged) >= 60:
                enough.set()


def test_a_half_created_collection_is_removed(tmp_path: Path) -> None:
    """A directory that a crash left while creating is removed, and the name is free."""
    (tmp_path / "collections" / "papers" / "shard").mkdir(parents=True)

    async def scenario() -> None:
        async with EmbeddedQdrant(tmp_path) as qdrant:
            client = connect(qdrant.url)
            assert not await client.collection_exists("papers")
            await create(client)
            await client.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("name", ("", "/wrong-secret"))
def test_the_address_is_readable_by_its_owner_only(tmp_path: Path, name: str) -> None:
    """Another user of the machine who finds the port finds nothing but its health."""

    async def scenario() -> None:
        async with EmbeddedQdrant(tmp_path) as qdrant, httpx.AsyncClient() as client:
            origin = qdrant.url.rsplit("/", 1)[0]
            assert (await client.get(f"{origin}/healthz")).status_code == 200
            assert (await client.get(f"{origin}{name}/collections")).status_code == 404
            assert (await client.get(f"{qdrant.url}/collections")).status_code == 200

    asyncio.run(scenario())
