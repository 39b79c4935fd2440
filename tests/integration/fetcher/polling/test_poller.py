"""The poller on a real Redis: what is remembered, who polls, and how failures show. Time is moved by hand."""

import asyncio
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs

from services.fetcher.http.polite import HostBusyError
from services.fetcher.ledger.observation import Observation
from services.fetcher.polling import poller as module
from services.fetcher.polling.outcome import cursor_key
from services.fetcher.polling.poller import Poller
from services.fetcher.polling.source_store import LEASE_S, LEASES, SourceStore
from services.fetcher.sources.port import Poll, Refusal, Source
from shared.board import SOURCES
from shared.bus import Bus
from shared.errors import PermanentError, TransientError
from shared.papers.streams import FETCHED
from shared.tasks import cancel
from tests.integration.fetcher.support import Clock, Scripted, config
from tests.support import entries, item, until


class Unwritten:
    """A ledger that nobody reads here."""

    async def record(self, source: str, observed: Sequence[Observation]) -> None: ...

    async def failed(self, source: str, reason: str) -> None: ...


async def poller(bus: Bus, clock: Clock, *sources: Source) -> Poller:
    """Make a fetcher's poller over these sources, as a process beside the others has it."""
    named = {source.name: source for source in sources}
    await SourceStore(bus.redis).seed([config(name) for name in named])
    return Poller(bus, lambda found: named.get(found.name), Unwritten(), clock=clock)


async def look(polling: Poller) -> None:
    """Let a poller look once, and end what it began."""
    await polling.round()
    await polling.settled()


async def state(bus: Bus, name: str = "cranes") -> dict[str, Any]:
    raw = await bus.redis.hget(SOURCES.key, name)
    assert raw
    found: dict[str, Any] = orjson.loads(raw)
    return found


async def titles(bus: Bus) -> list[str]:
    return [entry.event.item.title for entry in await entries(bus, FETCHED)]


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_unchanged_items_are_not_published_again(bus: Bus, clock: Clock) -> None:
    first, second = item(1, title="One"), item(2, title="Two")
    source = Scripted(
        "cranes", Poll([first]), Poll([first, second]), Poll([first.model_copy(update={"title": "1"}), second])
    )
    polling = await poller(bus, clock, source)
    for _ in range(4):
        await look(polling)
        clock.forward(hours=1)
    assert await titles(bus) == ["One", "Two", "1"]
    assert (await state(bus))["items"] == 3


async def test_an_unchanged_answer_keeps_the_known_items(bus: Bus, clock: Clock) -> None:
    source = Scripted("cranes", Poll([item(1)], cursor={"etag": "a"}), Poll(cursor={"etag": "a"}), Poll([item(1)]))
    polling = await poller(bus, clock, source)
    for _ in range(3):
        await look(polling)
        clock.forward(hours=1)
    assert len(await titles(bus)) == 1
    assert [cursor.get("etag") for cursor in source.asked] == [None, "a", "a"]


async def test_the_cursor_is_written_in_the_transaction_that_publishes(bus: Bus, clock: Clock) -> None:
    """INVARIANT: a fetcher that dies has published its items and remembers them, or neither."""
    commands: list[str] = []
    polling = await poller(bus, clock, Scripted("cranes", Poll([item(1), item(2)], cursor={"etag": "a"})))
    async with bus.redis.monitor() as monitor:
        await look(polling)
        await bus.redis.echo("end")
        async for command in monitor.listen():
            commands.append(str(command["command"]))
            if "ECHO" in commands[-1]:
                break
    words = [command.split()[0] for command in commands]
    step = commands[words.index("MULTI") : words.index("EXEC")]
    assert sum(command.startswith(f"XADD {FETCHED.name}") for command in step) == 2
    assert sum(command.startswith(f"SET {cursor_key('cranes')}") for command in step) == 1
    assert sum(command.startswith(("XADD", f"SET {cursor_key('cranes')}")) for command in commands) == 3


async def test_two_fetchers_poll_once(bus: Bus, clock: Clock) -> None:
    """INVARIANT: a source is asked by one process at a time, and not again before its time by the next."""
    source = Scripted("cranes", Poll([item(1)]))
    source.gate.clear()
    one, other = await poller(bus, clock, source), await poller(bus, clock, source)
    await asyncio.gather(one.round(), other.round())
    await until(lambda: source.asked)
    await other.round()
    source.gate.set()
    await asyncio.gather(one.settled(), other.settled())
    await look(other)
    assert len(source.asked) == 1
    assert len(await titles(bus)) == 1
    assert await bus.redis.hlen(LEASES) == 0
    clock.forward(hours=1)
    await look(other)
    assert len(source.asked) == 2


async def test_a_source_whose_fetcher_was_killed_is_taken_over(bus: Bus, clock: Clock) -> None:
    source = Scripted("cranes", Poll([item(1)]))
    source.gate.clear()
    killed, other = await poller(bus, clock, source), await poller(bus, clock, source)
    await killed.round()
    await until(lambda: source.asked)
    clock.forward(seconds=LEASE_S - 1)
    await other.round()
    assert len(source.asked) == 1, "it may still be at work"
    clock.forward(seconds=2)
    await other.round()
    await until(lambda: len(source.asked) == 2)
    source.gate.set()
    await asyncio.gather(killed.settled(), other.settled())
    assert await bus.redis.hlen(LEASES) == 0


@pytest.mark.parametrize(
    ("error", "word", "reason", "wait_s"),
    (
        (TransientError("the source answers 503"), "failing", "the source answers 503", 60),
        (TransientError("the source answers 429", retry_after=600.0), "failing", "the source answers 429", 600),
        (PermanentError("the source answers 404"), "refused", "the source answers 404", 60),
        (TimeoutError(), "failing", "no answer in time", 60),
        (KeyError("driver"), "failing", "KeyError: 'driver'", 60),
        (TransientError("many\n  lines\x1b" + "!" * 500), "failing", "many lines", 60),
    ),
    ids=str,
)
async def test_a_failure_is_one_log_line_and_shows_in_the_status(
    bus: Bus, clock: Clock, error: Exception, word: str, reason: str, wait_s: int
) -> None:
    source = Scripted("cranes", error, Poll([item(1)]))
    polling = await poller(bus, clock, source)
    with capture_logs() as logs:
        await look(polling)
    assert [(log["event"], log["part"]) for log in logs] == [("outage began", "source cranes")]
    assert "exc_info" not in logs[0]
    shown = await state(bus)
    assert shown["state"] == word
    assert shown["detail"].startswith(reason)
    assert "\n" not in shown["detail"]
    assert len(shown["detail"]) <= 300
    assert shown["failures"] == 1
    clock.forward(seconds=wait_s - 1)
    await look(polling)
    assert len(source.asked) == 1, "not before its time"
    clock.forward(seconds=1)
    await look(polling)
    shown = await state(bus)
    assert (shown["state"], shown["failures"], shown["items"]) == ("ok", 0, 1)


async def test_refused_items_show_in_the_status(bus: Bus, clock: Clock) -> None:
    refusals = [Refusal("entry 2", "no title"), Refusal("entry 3", "no date", cleaned=True)]
    polling = await poller(bus, clock, Scripted("cranes", Poll([item(1)], refusals)))
    await look(polling)
    shown = await state(bus)
    assert shown["detail"] == "1 items, 1 new, 1 refused: entry 2: no title"
    assert shown["url"] == "https://cranes.example/feed"
    assert shown["enabled"] is True


async def test_disabled_offline_and_removed_sources_are_not_polled(bus: Bus, clock: Clock) -> None:
    await bus.redis.hset(SOURCES.key, "gone", b"{}")
    configs = [config("live"), config("off", enabled=False), config("away")]
    await SourceStore(bus.redis).seed(configs)
    named = {"live": Scripted("live", Poll())}
    await Poller(bus, lambda found: named.get(found.name), Unwritten(), clock=clock).refresh()
    assert sorted(name.decode() for name in await bus.redis.hkeys(SOURCES.key)) == ["away", "live", "off"]
    assert [(await state(bus, name))["state"] for name in ("live", "off", "away")] == ["waiting", "disabled", "offline"]


async def test_a_failing_and_a_hanging_source_do_not_delay_others(
    bus: Bus, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """INVARIANT: no source waits for another."""
    monkeypatch.setattr(module, "TICK_S", 0.01)
    hanging, failing, fine = (
        Scripted("hanging", Poll()),
        Scripted("failing", RuntimeError("bug")),
        Scripted("fine", Poll()),
    )
    hanging.gate.clear()

    async def both_polled() -> bool:
        states = [await state(bus, name) for name in ("failing", "fine") if await bus.redis.hexists(SOURCES.key, name)]
        return [one["last_poll"] for one in states] == [clock.now.isoformat()] * 2

    polling = await poller(bus, clock, hanging, failing, fine)
    running = asyncio.create_task(polling.run())
    for _ in range(3):
        await until(both_polled)
        clock.forward(hours=2)
    assert len(fine.asked) >= 3
    assert len(hanging.asked) == 1
    await cancel([running])
    assert await bus.redis.hlen(LEASES) == 0, "whoever is stopped gives the source back"


async def test_a_redis_outage_is_one_log_line_a_round_and_passes(
    bus: Bus, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TICK_S", 0.01)
    monkeypatch.setattr(module, "OUTAGE_S", 0.01)
    source = Scripted("cranes", Poll([item(1)]))
    polling = await poller(bus, clock, source)
    rounds, once = [0], polling.round

    async def counted() -> None:
        rounds[0] += 1
        await once()

    monkeypatch.setattr(polling, "round", counted)
    await bus.redis.rename(SOURCES.key, "aside")
    await bus.redis.set(SOURCES.key, "of the wrong kind")
    with capture_logs() as logs:
        running = asyncio.create_task(polling.run())
        await until(lambda: rounds[0] > 3)
        assert [log["event"] for log in logs] == ["outage began"]
        assert not any("exc_info" in log for log in logs)
        assert source.asked == []
        await bus.redis.rename("aside", SOURCES.key)
        await until(lambda: source.asked)
        await cancel([running])


async def test_a_paused_host_is_no_failure_of_its_source(bus: Bus, clock: Clock) -> None:
    """INVARIANT: while arXiv renews its index, as while a host wants silence, a source waits and does not fail."""
    busy = HostBusyError(
        "the arXiv API is unavailable during its nightly index update until 01:00 UTC", retry_after=1_800
    )
    polling = await poller(bus, clock, Scripted("cranes", busy, Poll([item(1)])))
    await look(polling)
    published = await state(bus)
    assert (published["state"], published["detail"], published["failures"]) == ("waiting", str(busy), 0)
    clock.forward(seconds=1_799)
    await look(polling)
    assert await titles(bus) == []
    clock.forward(seconds=92)
    await look(polling)
    assert len(await titles(bus)) == 1
