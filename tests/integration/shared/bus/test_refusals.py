"""A Redis out of order: work waits, readiness says why, and all of it continues by itself."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import RedisError, WatchError

from embedded.redis import EmbeddedRedis
from shared.bus import Bus, Entry, Hop, open_redis
from shared.bus.dead import letters
from shared.bus.upkeep import ensure_groups, lag
from shared.outages import outage as outage_of
from shared.papers.events import PaperFetched
from shared.papers.streams import ENRICHED, FETCHED
from shared.settings import Settings
from shared.time_limit import uncounted
from tests.redis_outages import (
    Outage,
    busy,
    disk_full,
    loading,
    master_lost,
    memory_full,
    no_replicas,
    read_only,
    silent,
    snapshot_failed,
)
from tests.support import enriched, fetched, until

Fetched = Sequence[Entry[PaperFetched]]
OUTAGES = {
    "OOM": (memory_full, "no memory left"),
    "MISCONF, append-only file": (disk_full, "cannot write to its disk"),
    "MISCONF, snapshot": (snapshot_failed, "cannot write to its disk"),
    "NOREPLICAS": (no_replicas, "too few replicas"),
    "READONLY": (read_only, "read-only"),
    "MASTERDOWN": (master_lost, "lost its master"),
    "LOADING": (loading, "still loading"),
    "BUSY": (busy, "busy with a script"),
    "timeout": (silent, "does not answer in time"),
}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedRedis]:
    """A Redis of the test's own."""
    async with EmbeddedRedis(tmp_path / "redis") as started:
        yield started


@pytest.fixture
async def bus(server: EmbeddedRedis, tmp_path: Path) -> AsyncIterator[Bus]:
    """A bus on that Redis, which notices soon that it is silent; an entry is dead after two deliveries."""
    redis = open_redis(f"{server.url}?socket_timeout=0.3")
    settings = Settings.load(
        redis_url=f"{server.url}?socket_timeout=1.5",
        data_dir=tmp_path,
        max_deliveries=2,
        reclaim_idle=0.5,
        handler_limit=0.5,
    )
    opened = Bus(settings, redis, probe=0.2)
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


@pytest.mark.parametrize(("outage", "received"), OUTAGES.values(), ids=OUTAGES)
async def test_work_waits_while_redis_is_out_of_order_and_continues_by_itself(
    server: EmbeddedRedis, bus: Bus, outage: Outage, received: str
) -> None:
    """INVARIANT: what was accepted before an outage is handled after it; nothing is counted, and nothing is buried."""
    begun, gate = asyncio.Event(), asyncio.Event()
    deliveries: set[int] = set()

    async def handle(entries: Fetched, hop: Hop) -> None:
        begun.set()
        with uncounted():
            await gate.wait()
        rows = await bus.redis.xpending_range(FETCHED.name, "enricher", min="-", max="+", count=100)
        deliveries.update(row["times_delivered"] for row in rows)
        for entry in entries:
            await hop.publish(ENRICHED, enriched(int(entry.event.item.id[-5:])), entry)

    bus.consume(FETCHED, "enricher", handle, batch=10)
    await publish(bus, 30)
    await bus.start(["enricher"])
    await begun.wait()
    async with outage(server):
        gate.set()
        await until(lambda: received in (bus.trouble or ""))
    await until(lambda: settled(bus), within=40.0)
    await until(lambda: bus.trouble is None)
    assert deliveries == {1}
    assert await bus.redis.xlen(ENRICHED.name) == 30
    assert await letters(bus.redis, FETCHED.name) == []


async def test_a_refusal_never_counts_as_a_delivery(server: EmbeddedRedis, bus: Bus) -> None:
    """INVARIANT: a Redis that refuses again and again makes no dead letters."""
    attempts = 0

    async def handle(_: Fetched, __: Hop) -> None:
        nonlocal attempts
        attempts += 1
        if attempts > 2:
            return
        async with no_replicas(server):
            await bus.redis.set("a", b"b")

    bus.consume(FETCHED, "enricher", handle)
    await publish(bus, 1)
    await bus.start()
    await until(lambda: settled(bus))
    assert attempts == 3
    assert await letters(bus.redis, FETCHED.name) == []


async def test_an_entry_that_fails_while_redis_is_silent_is_not_buried(server: EmbeddedRedis, bus: Bus) -> None:
    """INVARIANT: a claim whose reply is lost is no reason to say that a consumer ended."""
    attempts = 0

    async def handle(_: Fetched, __: Hop) -> None:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            message = "wrong once"
            raise ValueError(message)

    bus.consume(FETCHED, "enricher", handle)
    await publish(bus, 1)
    await bus.start()
    await until(lambda: attempts)
    async with silent(server):
        await until(lambda: "does not answer" in (bus.trouble or ""))
    await until(lambda: settled(bus))
    assert attempts == 2
    assert await letters(bus.redis, FETCHED.name) == []


async def deliver(bus: Bus, consumer: str, deliveries: int) -> None:
    """Publish two entries, and deliver them to a consumer that does not handle them."""
    await publish(bus, 2)
    [[_, rows]] = await bus.redis.xreadgroup("enricher", consumer, {FETCHED.name: ">"})
    ids = [id_ for id_, _ in rows]
    await bus.redis.xclaim(FETCHED.name, "enricher", consumer, 0, ids, idle=3_600_000, retrycount=deliveries)


@pytest.mark.parametrize("deliveries", [1, 2, 9])
async def test_what_was_lost_on_its_way_to_a_process_is_no_other_delivery(bus: Bus, deliveries: int) -> None:
    """INVARIANT: entries that were delivered to a living process count for nothing until they are handled."""
    seen: list[int] = []

    async def handle(_: Fetched, __: Hop) -> None:
        rows = await bus.redis.xpending_range(FETCHED.name, "enricher", min="-", max="+", count=100)
        seen.extend(row["times_delivered"] for row in rows)

    bus.consume(FETCHED, "enricher", handle)
    (consumer,) = bus.consumers
    await deliver(bus, consumer.name, deliveries)
    await consumer.reclaim()
    assert await settled(bus)
    assert set(seen) == {deliveries}
    assert await letters(bus.redis, FETCHED.name) == []


async def test_claims_that_nobody_could_renew_are_left_to_their_holders(server: EmbeddedRedis, bus: Bus) -> None:
    """INVARIANT: after an outage the others get the time to renew their claims, and then theirs are abandoned."""
    seen: list[str] = []

    async def handle(entries: Fetched, _: Hop) -> None:
        seen.extend(entry.id for entry in entries)

    bus.consume(FETCHED, "enricher", handle)
    (consumer,) = bus.consumers
    await deliver(bus, "other", 1)
    async with no_replicas(server):
        await bus._watch._probe()
    await bus._watch._probe()
    await consumer.reclaim(own_only=not bus._watch.steady)
    assert seen == []
    await until(lambda: bus._watch.steady)
    await consumer.reclaim(own_only=not bus._watch.steady)
    assert len(seen) == 2


async def test_claims_are_renewed_while_their_entries_are_handled(bus: Bus) -> None:
    """INVARIANT: an entry that nobody handles any more is not renewed, or it would never be reclaimed."""
    bus.consume(FETCHED, "enricher", _ignore)
    (consumer,) = bus.consumers
    await deliver(bus, consumer.name, 1)
    first, second = (row["message_id"].decode() for row in await _pending(bus))
    with consumer.held([first]):
        await consumer.renew()
    await consumer.renew()
    assert [row["time_since_delivered"] < 60_000 for row in await _pending(bus)] == [True, False]
    with consumer.held([second]):
        await consumer.renew()
    assert [row["times_delivered"] for row in await _pending(bus)] == [1, 1]


async def _ignore(_: Fetched, __: Hop) -> None:
    """Do nothing."""


async def _pending(bus: Bus) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await bus.redis.xpending_range(FETCHED.name, "enricher", "-", "+", 10)
    return rows


async def test_other_errors_keep_their_class(bus: Bus) -> None:
    async with bus.redis.pipeline(transaction=True) as pipe:
        await pipe.watch("a")
        await bus.redis.set("a", b"b")
        pipe.multi()
        pipe.set("c", b"d")
        with pytest.raises(WatchError):
            await pipe.execute()


@pytest.mark.parametrize(
    ("outage", "received"),
    [OUTAGES[name] for name in ("READONLY", "OOM", "timeout")],
    ids=["READONLY", "OOM", "timeout"],
)
async def test_a_transaction_that_fails_is_no_key_that_changed(
    server: EmbeddedRedis, bus: Bus, outage: Outage, received: str
) -> None:
    """INVARIANT: who begins again when a watched key changed does not do so for ever while Redis is out of order."""
    async with bus.redis.pipeline(transaction=True) as pipe:
        await pipe.watch("a")
        pipe.multi()
        pipe.set("c", b"d")
        async with outage(server):
            with pytest.raises((RedisError, OSError)) as failure:
                await pipe.execute()
    assert received in str(outage_of(failure.value))
