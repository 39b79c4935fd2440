"""The bus against a real Redis: nothing lost, nothing stuck, nothing twice inside Redis."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from faststream.redis.message import bDATA_KEY
from redis.exceptions import ResponseError

from shared.bus import Bus, Entry, Hop, open_redis
from shared.bus.dead import drop, letters, replay
from shared.bus.upkeep import ensure_groups, lag, trim
from shared.errors import PermanentError, TransientError
from shared.papers.events import PaperEnriched, PaperFetched
from shared.papers.paper import Paper
from shared.papers.streams import ENRICHED, FETCHED
from shared.settings import Settings
from tests.support import fetched, until

Fetched = Sequence[Entry[PaperFetched]]


async def publish(bus: Bus, *events: PaperFetched, correlation: str = "import-test") -> None:
    async with bus.hop("fetcher") as hop:
        for event in events:
            await hop.publish(FETCHED, event, correlation)
        await hop.commit()


def enriched(entry: Entry[PaperFetched]) -> PaperEnriched:
    item = entry.event.item
    paper = Paper(id=item.id, title=item.title)
    return PaperEnriched(paper=paper, changes=(), aliases=(item.id,), fingerprint="f", enriched_at=datetime.now(UTC))


async def settled(bus: Bus) -> bool:
    return await lag(bus.redis, FETCHED.name, "enricher") == {"waiting": 0, "pending": 0}


async def test_entries_from_before_the_first_start_are_consumed(bus: Bus) -> None:
    await publish(bus, *(fetched(n) for n in range(300)))
    seen: list[str] = []

    async def handle(entries: Fetched, _: Hop) -> None:
        seen.extend(entry.event.item.id for entry in entries)

    bus.consume(FETCHED, "enricher", handle)
    await bus.start()
    await until(lambda: len(seen) == 300)
    assert len(set(seen)) == 300
    await until(lambda: settled(bus))


async def test_publish_and_ack_are_one_step(bus: Bus) -> None:
    """INVARIANT: a handler that fails after publishing leaves nothing published and nothing acked."""
    await publish(bus, fetched(1))
    attempts = 0

    async def handle(entries: Fetched, hop: Hop) -> None:
        nonlocal attempts
        attempts += 1
        await hop.publish(ENRICHED, enriched(entries[0]), entries[0])
        if attempts == 1:
            message = "the database is away"
            raise TransientError(message, retry_after=0.01)

    bus.consume(FETCHED, "enricher", handle)
    await bus.start()
    await until(lambda: settled(bus))
    assert attempts == 2
    assert await bus.redis.xlen(ENRICHED.name) == 1
    progress = await bus.redis.hgetall("progress:import-test")
    assert progress == {b"enricher": b"1", ENRICHED.name.encode(): b"1"}


async def test_the_trace_and_the_correlation_id_are_passed_on(bus: Bus) -> None:
    await publish(bus, fetched(1))
    causes: list[Entry[PaperFetched]] = []
    effects: list[Entry[PaperEnriched]] = []

    async def first(entries: Fetched, hop: Hop) -> None:
        causes.extend(entries)
        await hop.publish(ENRICHED, enriched(entries[0]), entries[0])

    async def second(entries: Sequence[Entry[PaperEnriched]], _: Hop) -> None:
        effects.extend(entries)

    bus.consume(FETCHED, "enricher", first)
    bus.consume(ENRICHED, "indexer", second)
    await bus.start()
    await until(lambda: effects)
    cause, effect = causes[0].headers, effects[0].headers
    assert effect["correlation_id"] == cause["correlation_id"] == "import-test"
    assert effect["traceparent"].split("-")[1] == cause["traceparent"].split("-")[1]
    assert effect["traceparent"] != cause["traceparent"]
    assert effect["ce-source"] == "paperwire/enricher"
    assert effect["ce-type"] == ENRICHED.name


async def test_an_undecodable_entry_does_not_block_its_batch(bus: Bus) -> None:
    await publish(bus, fetched(1))
    await bus.redis.xadd(FETCHED.name, {"not": "ours"})
    await bus.redis.xadd(FETCHED.name, {bDATA_KEY: b'{"item": 7}'})
    await publish(bus, fetched(2))
    seen: list[str] = []

    async def handle(entries: Fetched, _: Hop) -> None:
        seen.extend(entry.event.item.id for entry in entries)

    bus.consume(FETCHED, "enricher", handle)
    await bus.start()
    await until(lambda: len(seen) == 2)
    await until(lambda: settled(bus))
    found = await letters(bus.redis, FETCHED.name)
    assert len(found) == 2
    assert all("not a PaperFetched" in letter.reason for letter in found)


async def test_a_failing_entry_alone_becomes_a_dead_letter_after_five_deliveries(bus: Bus) -> None:
    await publish(bus, *(fetched(n) for n in range(10)))
    attempts = 0
    seen: set[str] = set()

    async def handle(entries: Fetched, _: Hop) -> None:
        nonlocal attempts
        if any(entry.event.item.id.endswith("00003") for entry in entries):
            attempts += len(entries) == 1
            message = "third paper"
            raise KeyError(message)
        seen.update(entry.event.item.id for entry in entries)

    bus.consume(FETCHED, "enricher", handle)
    await bus.start()
    found = await until(lambda: letters(bus.redis, FETCHED.name))
    assert attempts == 5
    assert len(seen) == 9
    assert found[0].deliveries == 5
    assert found[0].reason == "KeyError: 'third paper'"
    assert (await bus.redis.hgetall("progress:import-test"))[b"dead"] == b"1"


async def test_a_permanent_error_and_a_rejection_go_to_the_dead_letters_at_once(bus: Bus) -> None:
    await publish(bus, fetched(1), fetched(2))

    async def handle(entries: Fetched, hop: Hop) -> None:
        if len(entries) > 1 or entries[0].event.item.id.endswith("1"):
            message = "never"
            raise PermanentError(message)
        hop.reject(entries[0], "not this one")

    bus.consume(FETCHED, "enricher", handle)
    await bus.start()
    await until(lambda: settled(bus))
    found = await letters(bus.redis, FETCHED.name)
    assert sorted((letter.reason, letter.deliveries) for letter in found) == [("never", 1), ("not this one", 1)]


async def test_an_outage_never_counts_as_a_delivery(bus: Bus) -> None:
    await publish(bus, fetched(1))
    attempts = 0

    async def handle(_: Fetched, __: Hop) -> None:
        nonlocal attempts
        attempts += 1
        if attempts < 12:
            message = "down"
            raise TransientError(message, retry_after=0.01)

    bus.consume(FETCHED, "enricher", handle)
    await bus.start()
    await until(lambda: settled(bus))
    assert attempts == 12
    assert await letters(bus.redis, FETCHED.name) == []


async def test_entries_of_a_dead_consumer_are_reclaimed(bus: Bus) -> None:
    await publish(bus, *(fetched(n) for n in range(5)))
    await bus.redis.xreadgroup("enricher", "gone", {FETCHED.name: ">"}, count=5)
    seen: list[str] = []

    async def handle(entries: Fetched, _: Hop) -> None:
        seen.extend(entry.event.item.id for entry in entries)

    bus.consume(FETCHED, "enricher", handle)
    await bus.start()
    await until(lambda: len(seen) == 5)
    await until(lambda: settled(bus))


async def test_an_entry_that_kills_its_consumers_becomes_a_dead_letter_alone(bus: Bus) -> None:
    await publish(bus, fetched(1), fetched(2))
    first, second = [row_id for row_id, _ in await bus.redis.xrange(FETCHED.name)]
    await bus.redis.xreadgroup("enricher", "gone", {FETCHED.name: ">"})
    await bus.redis.xclaim(FETCHED.name, "enricher", "gone", 0, [first], retrycount=5)
    await bus.redis.xclaim(FETCHED.name, "enricher", "gone", 0, [second], retrycount=2)
    seen: list[str] = []

    async def handle(entries: Fetched, _: Hop) -> None:
        seen.extend(entry.event.item.id for entry in entries)

    bus.consume(FETCHED, "enricher", handle)
    await bus.start()
    await until(lambda: settled(bus))
    assert seen == ["arXiv:2401.00002"]
    found = await letters(bus.redis, FETCHED.name)
    assert "never acknowledged" in found[0].reason


async def test_too_many_dead_letters_stop_the_consumer(bus: Bus) -> None:
    await publish(bus, *(fetched(n) for n in range(400)))

    async def handle(_: Fetched, __: Hop) -> None:
        message = "everything is wrong today"
        raise PermanentError(message)

    bus.consume(FETCHED, "enricher", handle, batch=20)
    await bus.start()
    trouble = await until(lambda: bus.trouble)
    assert "fuse" in trouble
    await until(lambda: not next(iter(bus.broker.subscribers)).running)
    dead = await bus.redis.xlen(FETCHED.dead)
    left = await lag(bus.redis, FETCHED.name, "enricher")
    assert dead + left["waiting"] + left["pending"] == 400
    assert dead < 400


async def test_deleted_groups_are_created_again(bus: Bus) -> None:
    """A Redis that was flushed stops a reader for good; the bus makes the groups and starts it again."""
    seen: list[str] = []

    async def handle(entries: Fetched, _: Hop) -> None:
        seen.extend(entry.event.item.id for entry in entries)

    bus.consume(FETCHED, "enricher", handle)
    await bus.start()
    await bus.redis.flushall()
    await publish(bus, fetched(7))
    await until(lambda: seen == ["arXiv:2401.00007"])


async def test_a_watched_key_that_changes_runs_the_handler_again(bus: Bus, settings: Settings) -> None:
    other = open_redis(settings.redis_url)
    await publish(bus, fetched(1))
    runs: list[bytes | None] = []

    async def handle(_: Fetched, hop: Hop) -> None:
        value = (await hop.read(["shared"]))[0]
        runs.append(value)
        if len(runs) == 1:
            await other.set("shared", "theirs")
        hop.write.set("shared", (value or b"") + b"+ours")

    bus.consume(FETCHED, "enricher", handle)
    await bus.start()
    await until(lambda: settled(bus))
    assert runs == [None, b"theirs"]
    assert await other.get("shared") == b"theirs+ours"
    await other.aclose()


async def test_the_current_batch_ends_before_a_stop(bus: Bus) -> None:
    await publish(bus, *(fetched(n) for n in range(50)))
    started: list[int] = []

    async def handle(entries: Fetched, hop: Hop) -> None:
        started.append(len(entries))
        for entry in entries:
            await hop.publish(ENRICHED, enriched(entry), entry)

    bus.consume(FETCHED, "enricher", handle, batch=10)
    await bus.start()
    await until(lambda: started)
    await bus.stop()
    await bus.broker.connect()
    left = await lag(bus.redis, FETCHED.name, "enricher")
    assert await bus.redis.xlen(ENRICHED.name) + left["waiting"] + left["pending"] == 50
    assert left["pending"] in (0, 10)


async def test_readers_end_before_their_connections_are_closed(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    """INVARIANT: nothing is read after a stop, as what a stopped reader gets stays pending.

    Client libraries sometimes swallow a cancellation; FastStream cancels once and does not wait.
    """
    begun, swallowed = asyncio.Event(), False

    async def handle(_: Fetched, __: Hop) -> None:
        nonlocal swallowed
        begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            swallowed = True
            await asyncio.sleep(60)

    monkeypatch.setattr(bus.broker.config.broker_config, "graceful_timeout", 0.05)
    await publish(bus, fetched(1))
    bus.consume(FETCHED, "enricher", handle)
    before = asyncio.all_tasks()
    await bus.start()
    readers = asyncio.all_tasks() - before
    await begun.wait()
    await bus.stop()
    assert swallowed
    assert readers
    assert all(reader.done() for reader in readers)


async def test_dead_letters_are_replayed_and_dropped(bus: Bus) -> None:
    await publish(bus, fetched(1), fetched(2))
    broken = True
    seen: list[str] = []

    async def handle(entries: Fetched, _: Hop) -> None:
        if broken:
            message = "not yet"
            raise PermanentError(message)
        seen.extend(entry.event.item.id for entry in entries)

    bus.consume(FETCHED, "enricher", handle)
    await bus.start()
    await until(lambda: settled(bus))
    broken = False
    first, second = await letters(bus.redis, FETCHED.name)
    assert await replay(bus.redis, FETCHED.name, [first.id]) == 1
    assert await drop(bus.redis, FETCHED.name, [second.id]) == 1
    await until(lambda: seen == ["arXiv:2401.00001"])
    assert await letters(bus.redis, FETCHED.name) == []


async def test_trimming_keeps_unread_entries(bus: Bus) -> None:
    """INVARIANT: an entry that is unread or pending survives, however old."""
    await publish(bus, *(fetched(n) for n in range(6)))
    ids = [row_id for row_id, _ in await bus.redis.xrange(FETCHED.name)]
    assert await trim(bus.redis, FETCHED.name, retention=0) == 0
    await bus.redis.xreadgroup("enricher", "slow", {FETCHED.name: ">"}, count=4)
    await bus.redis.xack(FETCHED.name, "enricher", ids[0], ids[1], ids[3])
    await trim(bus.redis, FETCHED.name, retention=0)
    assert [row_id for row_id, _ in await bus.redis.xrange(FETCHED.name)] == ids[2:]
    await bus.redis.xack(FETCHED.name, "enricher", ids[2])
    await trim(bus.redis, FETCHED.name, retention=3600)
    assert await bus.redis.xlen(FETCHED.name) == 4
    await trim(bus.redis, FETCHED.name, retention=-3600)
    assert [row_id for row_id, _ in await bus.redis.xrange(FETCHED.name)] == ids[3:]


async def test_groups_can_be_ensured_twice(bus: Bus) -> None:
    await ensure_groups(bus.redis)
    with pytest.raises(ResponseError, match="BUSYGROUP"):
        await bus.redis.xgroup_create(FETCHED.name, "enricher", id="0")
