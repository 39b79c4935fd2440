"""The index after a loss: what the records know and Qdrant lacks is written again, and nobody is alerted twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from prometheus_client import REGISTRY
from qdrant_client import AsyncQdrantClient, models

from services.cli.instance.builders import builders
from services.enricher.works.listing import list_records
from services.indexer.papers import QdrantPapers
from services.indexer.reconciling.reconciler import NAME, Reconciler
from shared.board import INDEX, IndexRow
from shared.board.table import count_works, read_revisions
from shared.papers.names import BUCKETS, point_id
from shared.papers.streams import ENRICHED, FETCHED, INDEXED, REQUESTED
from shared.qdrant import BM25, DENSE, PAPERS, open_qdrant
from shared.runtime import Runtime, open_runtime, running
from shared.settings import Settings
from shared.tasks import cancel
from tests.integration.indexer.support import CountingEmbedder, point, vector
from tests.support import fetched, publish, settled, until

COUNT = 60


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def reaching(settings: Settings, qdrant_url: str) -> Settings:
    # Nothing has to be reclaimed here, and a stop during an early reclaim can leave a connection open.
    return settings.model_copy(update={"qdrant_url": qdrant_url, "max_deliveries": 2, "reclaim_idle": 60.0})


@pytest.fixture
async def client(reaching: Settings) -> AsyncIterator[AsyncQdrantClient]:
    opened = open_qdrant(reaching)
    yield opened
    await opened.close()


@asynccontextmanager
async def instance(settings: Settings, embedder: CountingEmbedder) -> AsyncIterator[Runtime]:
    """Run the services that a paper passes until it is searchable, without their loops."""
    async with open_runtime(settings, embedder=embedder) as runtime:
        runtime.services += [await build(runtime) for build in builders("enricher", "indexer")]
        await list_records(runtime.redis)
        await runtime.bus.start()
        yield runtime
        await runtime.bus.stop()


async def take_in(runtime: Runtime, numbers: range, **fields: object) -> None:
    await publish(runtime.bus, FETCHED, *(fetched(n, **fields) for n in numbers))
    await until(lambda: settled(runtime.bus, FETCHED, "enricher"))
    await until(lambda: settled(runtime.bus, ENRICHED, "indexer"))


async def reconciled(runtime: Runtime, client: AsyncQdrantClient, embedder: CountingEmbedder) -> IndexRow:
    """Reconcile as the indexer does in the background, and return what the board then says."""
    papers = QdrantPapers(client, embedder)
    reconciler = Reconciler(papers, runtime.bus, 600.0, lambda: datetime.now(UTC))
    await until(reconciler.reconcile)
    (row,) = await INDEX.some(runtime.redis, [NAME])
    assert row
    return row


async def count(client: AsyncQdrantClient) -> int:
    return (await client.count(PAPERS, exact=True)).count


async def test_a_collection_lost_while_nothing_runs_is_filled_again_at_the_start(
    reaching: Settings, client: AsyncQdrantClient, embedder: CountingEmbedder
) -> None:
    """INVARIANT: an index that was lost is filled again from the records, and no alert is sent twice."""
    async with instance(reaching, embedder) as runtime:
        await take_in(runtime, range(COUNT))
    await client.delete_collection(PAPERS)
    async with running(builders("enricher", "indexer"), reaching, embedder=embedder) as runtime:
        await until(lambda: count_is(client, COUNT))
        await until(lambda: settled(runtime.bus, ENRICHED, "indexer"))
        assert await runtime.redis.xlen(INDEXED.name) == COUNT, "nothing was published as changed a second time"
        assert await runtime.redis.xlen(ENRICHED.dead) == await runtime.redis.xlen(REQUESTED.dead) == 0
        assert len((await point(client, "arXiv:2401.00007"))["sparse"].indices) > 5
        await until(lambda: INDEX.ids(runtime.redis))
        await until(lambda: runtime.trouble is None)


async def count_is(client: AsyncQdrantClient, wanted: int) -> bool:
    return await client.collection_exists(PAPERS) and await count(client) == wanted


async def test_a_collection_lost_while_services_run_takes_new_papers_and_gets_the_others_again(
    reaching: Settings, client: AsyncQdrantClient, embedder: CountingEmbedder
) -> None:
    """INVARIANT: after a loss the process is not ready until the index is whole again; no paper is a dead letter."""
    async with instance(reaching, embedder) as runtime:
        await take_in(runtime, range(COUNT))
        assert runtime.trouble is None
        await client.delete_collection(PAPERS)
        await take_in(runtime, range(COUNT, 2 * COUNT))
        assert await count(client) == COUNT, "new papers are searchable at once"
        assert "has lost its papers, and they are being written again" in (runtime.trouble or "")
        background = [asyncio.ensure_future(loop()) for loop in runtime.services[1].loops]
        await until(lambda: runtime.trouble is None)
        await cancel(background)
        assert await count(client) == 2 * COUNT
        assert await runtime.redis.xlen(ENRICHED.dead) == 0
        assert await runtime.redis.xlen(INDEXED.name) == 2 * COUNT


async def test_points_of_an_older_snapshot_are_repaired(
    reaching: Settings, client: AsyncQdrantClient, embedder: CountingEmbedder
) -> None:
    """INVARIANT: points that are missing or of an older revision are written again as the records have them."""
    async with instance(reaching, embedder) as runtime:
        await take_in(runtime, range(COUNT))
        await take_in(runtime, range(3), abstract="A better text.", version=2)
        before = [await point(client, f"arXiv:2401.{n:05d}") for n in range(8)]
        await restore_older(client, range(3))
        await client.delete(PAPERS, [point_id(f"arXiv:2401.{n:05d}") for n in range(3, 8)], wait=True)
        embedded, received = len(embedder.seen), await runtime.redis.xlen(INDEXED.name)
        row = await reconciled(runtime, client, embedder)
        assert (row["repaired"], row["missing"], row["outdated"], row["unknown"]) == (8, 0, 0, 0)
        after = [await point(client, f"arXiv:2401.{n:05d}") for n in range(8)]
        for was, is_ in zip(before, after, strict=True):
            assert is_["payload"]["paper"] == was["payload"]["paper"]
            assert is_["payload"]["revision"] == was["payload"]["revision"]
            assert is_["dense"] == was["dense"]
        assert await runtime.redis.xlen(INDEXED.name) == received
        assert len(embedder.seen) == embedded + 8, "only what the index has lost is embedded again"
        assert (await reconciled(runtime, client, embedder))["repaired"] == 0


async def restore_older(client: AsyncQdrantClient, numbers: range) -> None:
    """Put points back as they were in their first revision."""
    points = []
    for number in numbers:
        work = f"arXiv:2401.{number:05d}"
        found = await point(client, work)
        payload = found["payload"] | {"revision": 1, "fingerprint": "of the first text"}
        vectors = {DENSE: vector("the first text").tolist(), BM25: found["sparse"]}
        points.append(models.PointStruct(id=point_id(work), vector=vectors, payload=payload))
    await client.upsert(PAPERS, points, wait=True)


async def test_only_a_changed_text_is_embedded_again(
    reaching: Settings, client: AsyncQdrantClient, embedder: CountingEmbedder
) -> None:
    async with instance(reaching, embedder) as runtime:
        await take_in(runtime, range(3))
        await client.set_payload(PAPERS, {"revision": 0}, [point_id("arXiv:2401.00001")], wait=True)
        row = await reconciled(runtime, client, embedder)
        assert row["repaired"] == 1
        assert (await point(client, "arXiv:2401.00001"))["payload"]["revision"] == 1
        assert len(embedder.seen) == 3


async def test_a_point_without_a_record_is_reported_and_kept(
    reaching: Settings, client: AsyncQdrantClient, embedder: CountingEmbedder
) -> None:
    async with instance(reaching, embedder) as runtime:
        await take_in(runtime, range(3))
        await add_point(client, "pw:nobody")
        row = await reconciled(runtime, client, embedder)
        assert (row["unknown"], row["unknown_works"], row["works"], row["points"]) == (1, ["pw:nobody"], 3, 4)
        assert await count(client) == 4
        assert REGISTRY.get_sample_value("paperwire_index_differences", {"kind": "unknown"}) == 1


async def add_point(client: AsyncQdrantClient, work: str) -> None:
    found = await point(client, "arXiv:2401.00001")
    payload = found["payload"] | {"paper": found["payload"]["paper"] | {"id": work}, "ids": [work]}
    vectors = {DENSE: found["dense"], BM25: found["sparse"]}
    await client.upsert(PAPERS, [models.PointStruct(id=point_id(work), vector=vectors, payload=payload)], wait=True)


async def test_the_point_of_a_work_that_was_joined_meanwhile_is_deleted(
    reaching: Settings, client: AsyncQdrantClient, embedder: CountingEmbedder
) -> None:
    """A snapshot from before two works were joined has a point of each."""
    async with instance(reaching, embedder) as runtime:
        await publish(runtime.bus, FETCHED, fetched(1, source="blog", id="https://blog.example/1"))
        await take_in(runtime, range(1, 2))
        await add_point(client, "https://blog.example/1")
        row = await reconciled(runtime, client, embedder)
        assert (row["repaired"], row["unknown"]) == (1, 0)
        records, _ = await client.scroll(PAPERS)
        assert [str(record.id) for record in records] == [point_id("arXiv:2401.00001")]


async def test_a_work_that_the_indexer_rejects_is_not_requested_for_ever(
    reaching: Settings, client: AsyncQdrantClient, embedder: CountingEmbedder
) -> None:
    async with instance(reaching, embedder) as runtime:
        await take_in(runtime, range(2))
        papers = QdrantPapers(client, embedder)
        reconciler = Reconciler(papers, runtime.bus, 600.0, lambda: datetime.now(UTC))
        await add_point(client, "pw:nobody")
        before = await runtime.redis.xlen(REQUESTED.name)
        for _ in range(5):
            await until(reconciler.reconcile)
        assert await runtime.redis.xlen(REQUESTED.name) == before + 3


async def test_a_walk_is_due_when_counts_differ(
    reaching: Settings, client: AsyncQdrantClient, embedder: CountingEmbedder
) -> None:
    now = [datetime.now(UTC)]
    async with instance(reaching, embedder) as runtime:
        await take_in(runtime, range(3))
        await add_point(client, "pw:nobody")
        await reconciled(runtime, client, embedder)
        reconciler = Reconciler(QdrantPapers(client, embedder), runtime.bus, 600.0, lambda: now[0])
        assert not await reconciler.is_due(), "a point that is reported needs no walk"
        await client.delete(PAPERS, [point_id("arXiv:2401.00001")], wait=True)
        assert await reconciler.is_due()


async def test_records_of_older_versions_are_listed_once(reaching: Settings, embedder: CountingEmbedder) -> None:
    async with instance(reaching, embedder) as runtime:
        await take_in(runtime, range(COUNT))
        expected = await read_revisions(runtime.redis, range(BUCKETS))
        await runtime.redis.delete(*await runtime.redis.keys("revisions:*"))
        assert await list_records(runtime.redis) == COUNT
        assert await read_revisions(runtime.redis, range(BUCKETS)) == expected
        assert len(expected) == await count_works(runtime.redis) == COUNT
        assert await list_records(runtime.redis) == 0
