"""The map of papers, which a worker process builds from the index."""

import gzip
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
from qdrant_client import AsyncQdrantClient, models
from redis.asyncio import Redis

from services.indexer.paper_map import renewal
from services.indexer.paper_map.renewal import LEASE, MapRenewal
from services.indexer.settings import IndexerSettings
from shared.bus import Bus
from shared.errors import TransientError
from shared.papers.names import point_id
from shared.qdrant import BM25, DENSE, PAPERS, ensure_papers, open_qdrant
from shared.settings import Settings
from tests.integration.indexer.support import SIZE, vector


@pytest.fixture(autouse=True)
def no_niceness(monkeypatch: pytest.MonkeyPatch) -> None:
    """Build maps at normal priority: at niceness 19 a map hardly progresses while other tests use every core."""
    monkeypatch.setattr(renewal, "LIMITS", replace(renewal.LIMITS, niceness=0))


@pytest.fixture
def reaching(settings: Settings, qdrant_url: str) -> IndexerSettings:
    return IndexerSettings.load(**settings.model_dump(exclude_unset=True) | {"qdrant_url": qdrant_url})


@pytest.fixture
def redis(bus: Bus) -> Redis:
    return bus.redis


@pytest.fixture
async def client(reaching: IndexerSettings) -> AsyncIterator[AsyncQdrantClient]:
    opened = open_qdrant(reaching)
    await ensure_papers(opened, "test/hash", SIZE)
    yield opened
    await opened.close()


@pytest.fixture
def maps(client: AsyncQdrantClient, redis: Redis, reaching: IndexerSettings) -> MapRenewal:
    return MapRenewal(client, redis, reaching, time.monotonic)


async def fill(client: AsyncQdrantClient, numbers: range, status: str = "active") -> None:
    points = []
    for number in numbers:
        name = f"arXiv:2401.{number:05d}"
        paper = {"id": name, "categories": [f"cs.{'ABC'[number % 3]}A"], "status": status}
        vectors: Any = {DENSE: vector(name).tolist(), BM25: models.SparseVector(indices=[number], values=[1.0])}
        payload = {"paper": paper, "published_at": f"2024-01-{number % 28 + 1:02d}T00:00:00Z"}
        points.append(models.PointStruct(id=point_id(name), vector=vectors, payload=payload))
    await client.upsert(PAPERS, points, wait=True)


async def drawn(redis: Redis) -> dict[str, Any]:
    received: dict[str, Any] = orjson.loads(gzip.decompress(await redis.hget("map", "body")))
    return received


async def test_a_map_is_built_once_and_again_when_the_index_has_grown(
    client: AsyncQdrantClient, redis: Redis, maps: MapRenewal
) -> None:
    await fill(client, range(20))
    await fill(client, range(20, 22), status="withdrawn")
    assert await maps.renew()
    received = await drawn(redis)
    assert sorted(received["id"]) == [f"arXiv:2401.{number:05d}" for number in range(20)]
    assert {len(received[column]) for column in ("id", "x", "y", "field", "day")} == {20}
    assert sorted(received["fields"]) == ["cs.AA", "cs.BA", "cs.CA", "other"]
    assert max(received["day"]) == 19723 + 19, "days since 1970-01-01 up to 2024-01-20"
    assert not await maps.renew(), "nothing is new"
    await fill(client, range(30, 40))
    assert await maps.renew()
    assert len((await drawn(redis))["id"]) == 30


async def test_one_indexer_at_a_time_builds_the_map(client: AsyncQdrantClient, redis: Redis, maps: MapRenewal) -> None:
    await fill(client, range(20))
    await redis.set(f"lease:{LEASE}", "1")
    assert not await maps.renew()
    await redis.delete(f"lease:{LEASE}")
    assert await maps.renew()
    assert not await redis.exists(f"lease:{LEASE}")


async def test_too_few_papers_make_no_map(client: AsyncQdrantClient, redis: Redis, maps: MapRenewal) -> None:
    await fill(client, range(3))
    await maps.renew()
    assert not await redis.hexists("map", "body")
    assert not await maps.renew(), "and is not tried again before there are more"


async def test_a_failed_map_gives_its_reason_and_releases_the_lease(
    client: AsyncQdrantClient, redis: Redis, maps: MapRenewal
) -> None:
    await fill(client, range(20))
    await redis.hset("map", "body", b"no map")
    with pytest.raises(TransientError, match="the map could not be computed"):
        await maps.renew()
    assert not await redis.exists(f"lease:{LEASE}")
