"""Handlers that never end: the entry becomes a dead letter with its reason, and the others do not wait for it."""

import asyncio
import time
from collections.abc import Sequence

import pytest

from shared.bus import Bus, Entry, Hop, open_redis
from shared.bus.dead import letters
from shared.papers.events import PaperFetched
from shared.papers.streams import FETCHED
from shared.settings import Settings
from shared.time_limit import in_thread, uncounted
from tests.support import fetched, publish, settled, until

Fetched = Sequence[Entry[PaperFetched]]
LIMIT_S = 0.5


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings under which one entry alone may take half a second."""
    return settings.model_copy(update={"handler_limit": LIMIT_S, "batch": 50})


def number(entry: Entry[PaperFetched]) -> int:
    """Return the number that a test gave to an entry."""
    return int(entry.event.item.id.rpartition(".")[2])


def is_poison(entry: Entry[PaperFetched]) -> bool:
    """Return whether an entry is one of the poisons: the 7th of each fifty."""
    return number(entry) % 50 == 7


async def test_an_entry_whose_handler_never_ends_becomes_a_dead_letter_with_its_reason(bus: Bus) -> None:
    """INVARIANT: a handler that waits for ever costs only the entry that it waits for."""
    seen: list[int] = []

    async def handle(entries: Fetched, _: Hop) -> None:
        if any(map(is_poison, entries)):
            await asyncio.Event().wait()
        seen.extend(map(number, entries))

    await publish(bus, FETCHED, *(fetched(n) for n in range(200)))
    bus.consume(FETCHED, "enricher", handle)
    await bus.start()
    await until(lambda: settled(bus, FETCHED, "enricher"))
    assert sorted(seen) == [n for n in range(200) if n % 50 != 7]
    found = await letters(bus.redis, FETCHED.name)
    assert len(found) == 4
    assert {(letter.reason, letter.deliveries) for letter in found} == {
        (f"The handler took more than {LIMIT_S:g} seconds for this entry alone.", 2)
    }


async def test_the_entries_behind_a_poison_do_not_wait_until_it_is_dead(bus: Bus) -> None:
    """INVARIANT: ten poisons in a row hold the stream for one limit, and not for ten."""
    done: list[int] = []

    async def handle(entries: Fetched, _: Hop) -> None:
        if any(map(is_poison, entries)):
            await asyncio.Event().wait()
        done.extend(map(number, entries))

    await publish(bus, FETCHED, *(fetched(n) for n in range(500)))
    bus.consume(FETCHED, "enricher", handle)
    await bus.start()
    await until(lambda: len(done) >= 1)
    started = time.monotonic()
    await until(lambda: len(done) == 490)
    healthy = time.monotonic() - started
    await until(lambda: settled(bus, FETCHED, "enricher"))
    assert await bus.redis.xlen(FETCHED.dead) == 10
    assert healthy < 4 * LIMIT_S, "ten batches, each of which has a poison"


async def test_a_thread_that_never_ends_is_interrupted(bus: Bus) -> None:
    """INVARIANT: no thread of an entry that was given up goes on."""
    running: set[int] = set()
    attempts: list[int] = []

    def loop_for_ever(attempt: int) -> None:
        running.add(attempt)
        try:
            while True:
                pass
        finally:
            running.discard(attempt)

    async def handle(entries: Fetched, _: Hop) -> None:
        if any(map(is_poison, entries)):
            attempts.append(len(attempts))
            await in_thread(loop_for_ever, attempts[-1])

    await publish(bus, FETCHED, *(fetched(n) for n in range(20)))
    bus.consume(FETCHED, "enricher", handle)
    await bus.start()
    await until(lambda: settled(bus, FETCHED, "enricher"))
    await until(lambda: not running)
    assert len(attempts) > 2
    assert await bus.redis.xlen(FETCHED.dead) == 1


async def test_waiting_for_what_all_share_is_no_fault_of_an_entry(bus: Bus) -> None:
    """INVARIANT: an outage of Qdrant or a slow model makes no dead letter, however long it takes."""
    attempts = 0

    async def handle(_: Fetched, __: Hop) -> None:
        nonlocal attempts
        attempts += 1
        with uncounted():
            await asyncio.sleep(3 * LIMIT_S)

    await publish(bus, FETCHED, fetched(1))
    bus.consume(FETCHED, "enricher", handle)
    await bus.start()
    await until(lambda: attempts)
    await until(lambda: settled(bus, FETCHED, "enricher"))
    assert attempts == 1
    assert await bus.redis.xlen(FETCHED.dead) == 0


async def test_a_redis_that_hangs_makes_no_dead_letters(bus: Bus, settings: Settings) -> None:
    """INVARIANT: while Redis is silent no entry is to blame."""
    other = open_redis(settings.redis_url)
    hung = asyncio.Event()

    async def handle(_: Fetched, hop: Hop) -> None:
        if not hung.is_set():
            hung.set()
            await other.execute_command("CLIENT", "PAUSE", int(8 * LIMIT_S * 1000), "ALL")
        await hop.read(["something"])

    await publish(bus, FETCHED, *(fetched(n) for n in range(20)))
    bus.consume(FETCHED, "enricher", handle)
    await bus.start()
    await hung.wait()
    await until(lambda: settled(bus, FETCHED, "enricher"))
    assert await bus.redis.xlen(FETCHED.dead) == 0
    await other.aclose()


async def test_a_process_reclaims_nothing_from_itself(bus: Bus) -> None:
    """INVARIANT: a starved process, which renews its claims too late, does not handle an entry twice at once."""
    seen: list[int] = []
    go_on = asyncio.Event()

    async def handle(entries: Fetched, _: Hop) -> None:
        seen.extend(map(number, entries))
        with uncounted():
            await go_on.wait()

    await publish(bus, FETCHED, fetched(1))
    bus.consume(FETCHED, "enricher", handle, lanes=2)
    await bus.start()
    await until(lambda: seen)
    (pending,) = await bus.redis.xpending_range(FETCHED.name, "enricher", min="-", max="+", count=1)
    await bus.redis.xclaim(
        FETCHED.name, "enricher", pending["consumer"], 0, [pending["message_id"]], idle=3_600_000, justid=True
    )
    (other,) = (consumer for consumer in bus.consumers if consumer.name.encode() != pending["consumer"])
    async with asyncio.timeout(5):
        await other.reclaim()
    go_on.set()
    await until(lambda: settled(bus, FETCHED, "enricher"))
    assert seen == [1]
