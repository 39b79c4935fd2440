"""A Redis that answers but refuses writes: work waits, readiness says why, and all of it continues by itself."""

import asyncio
import resource
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import pytest
from redis.exceptions import WatchError

from embedded.redis import EmbeddedRedis
from shared.bus import Bus, Entry, Hop, open_redis
from shared.bus.dead import letters
from shared.bus.upkeep import ensure_groups, lag
from shared.outages import RefusedError
from shared.papers.events import PaperFetched
from shared.papers.streams import ENRICHED, FETCHED
from shared.settings import Settings
from tests.support import enriched, fetched, until

Fetched = Sequence[Entry[PaperFetched]]
Refuse = Callable[[EmbeddedRedis, Bus, bool], Awaitable[object]]


async def disk_full(server: EmbeddedRedis, _: Bus, refuse: bool) -> None:
    """Let every write of the server to its append-only file fail."""
    limit = 1 if refuse else resource.RLIM_INFINITY
    resource.prlimit(server.pid or 0, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))


async def memory_full(_: EmbeddedRedis, bus: Bus, refuse: bool) -> None:
    await bus.redis.config_set("maxmemory", 1 if refuse else 0)


async def no_replicas(_: EmbeddedRedis, bus: Bus, refuse: bool) -> None:
    await bus.redis.config_set("min-replicas-to-write", int(refuse))


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedRedis]:
    """A Redis of the test's own."""
    async with EmbeddedRedis(tmp_path / "redis") as started:
        yield started


@pytest.fixture
async def bus(server: EmbeddedRedis, tmp_path: Path) -> AsyncIterator[Bus]:
    """A bus on that Redis; an entry is dead after two deliveries."""
    redis = open_redis(server.url)
    opened = Bus(Settings.load(redis_url=server.url, data_dir=tmp_path, max_deliveries=2), redis)
    await ensure_groups(redis)
    await opened.broker.connect()
    yield opened
    await opened.stop()
    await redis.aclose()


async def publish(bus: Bus, count: int) -> None:
    async with bus.hop("fetcher") as hop:
        for number in range(count):
            await hop.publish(FETCHED, fetched(number), "import-test")
        await hop.commit()


async def settled(bus: Bus) -> bool:
    return await lag(bus.redis, FETCHED.name, "enricher") == {"waiting": 0, "pending": 0}


@pytest.mark.parametrize(
    ("refuse", "received"),
    [(disk_full, "cannot write to its disk"), (memory_full, "no memory left"), (no_replicas, "too few replicas")],
)
async def test_work_waits_while_redis_refuses_and_continues_by_itself(
    server: EmbeddedRedis, bus: Bus, refuse: Refuse, received: str
) -> None:
    """INVARIANT: what was accepted before a refusal is handled after it, without dead letters."""
    begun, gate = asyncio.Event(), asyncio.Event()

    async def handle(entries: Fetched, hop: Hop) -> None:
        begun.set()
        await gate.wait()
        for entry in entries:
            await hop.publish(ENRICHED, enriched(int(entry.event.item.id[-5:])), entry)

    bus.consume(FETCHED, "enricher", handle, batch=10)
    await publish(bus, 30)
    await bus.start()
    await begun.wait()
    await refuse(server, bus, True)
    while True:  # the first write that the disk does not take is still answered
        try:
            await bus.redis.set("filler", b"x" * 1_000)
        except RefusedError as error:
            assert received in str(error)  # noqa: PT017
            break
    gate.set()
    assert received in await until(lambda: bus.trouble)
    await refuse(server, bus, False)
    await until(lambda: settled(bus), within=40.0)
    await until(lambda: bus.trouble is None)
    assert await bus.redis.xlen(ENRICHED.name) == 30
    assert await letters(bus.redis, FETCHED.name) == []


async def test_a_refusal_never_counts_as_a_delivery(server: EmbeddedRedis, bus: Bus) -> None:
    """INVARIANT: a disk that is full again and again makes no dead letters."""
    attempts = 0

    async def handle(_: Fetched, __: Hop) -> None:
        nonlocal attempts
        attempts += 1
        if attempts > 2:
            return
        await no_replicas(server, bus, refuse=True)
        try:
            await bus.redis.set("a", b"b")
        finally:
            await no_replicas(server, bus, refuse=False)

    bus.consume(FETCHED, "enricher", handle)
    await publish(bus, 1)
    await bus.start()
    await until(lambda: settled(bus))
    assert attempts == 3
    assert await letters(bus.redis, FETCHED.name) == []


async def test_other_errors_keep_their_class(bus: Bus) -> None:
    async with bus.redis.pipeline(transaction=True) as pipe:
        await pipe.watch("a")
        await bus.redis.set("a", b"b")
        pipe.multi()
        pipe.set("c", b"d")
        with pytest.raises(WatchError):
            await pipe.execute()
