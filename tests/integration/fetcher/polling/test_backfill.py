"""Backfills on a real Redis: they go on where they stopped, and no faster than the index follows."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from services.fetcher.polling.backfill import Backfill, HarvestProgress
from services.fetcher.polling.outcome import CHUNK
from services.fetcher.sources.arxiv.api_client import ArxivApi
from services.fetcher.sources.port import Cursor
from shared.bus import Bus
from shared.coordination.lease import Lease
from shared.errors import ConfigurationError, PermanentError, TransientError
from shared.papers.events import Item
from shared.papers.streams import ENRICHED, FETCHED
from tests.integration.fetcher.sources.arxiv.arxiv_site import Clock, archive, records, slice_of
from tests.support import enriched, entries, item, publish, until

FIRST, LAST = date(2025, 1, 1), date(2025, 1, 10)


class Archive:
    """An archive of a page a day, which fails where it is told to."""

    def __init__(self, *, size: int = 3) -> None:
        self.size = size
        self.faults: dict[int, Exception] = {}
        self.begun: list[Cursor | None] = []

    async def harvest(
        self, set_spec: str | None, since: date, until: date, cursor: Cursor | None
    ) -> AsyncIterator[tuple[list[Item], Cursor]]:
        self.begun.append(cursor)
        state: Cursor = cursor or {"set": set_spec, "day": since.isoformat(), "records": 0, "refused": 0, "done": False}
        while not state["done"]:
            day = date.fromisoformat(state["day"])
            if fault := self.faults.pop(day.day, None):
                raise fault
            items = [item(day.day * 1_000 + n) for n in range(self.size)]
            after = date.fromordinal(day.toordinal() + 1)
            state = {**state, "day": after.isoformat(), "records": state["records"] + len(items), "done": after > until}
            yield items, dict(state)


class Watch:
    """What a backfill shows and waits for; `when_waiting` happens instead of the time passing."""

    def __init__(self, *happens: Any) -> None:
        self.shown: list[HarvestProgress] = []
        self.waits: list[float] = []
        self.happens = list(happens)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        if self.happens:
            await self.happens.pop(0)()


def backfill(bus: Bus, archive: Archive, watch: Watch, lag: int = 1_000_000, pending: int = 1_000_000) -> Backfill:
    return Backfill(
        bus, archive.harvest, most_waiting=lag, most_pending=pending, show=watch.shown.append, sleep=watch.sleep
    )


async def ids(bus: Bus) -> list[str]:
    return [entry.event.item.id for entry in await entries(bus, FETCHED)]


async def test_a_backfill_publishes_every_paper_once(bus: Bus) -> None:
    there, watch = Archive(size=CHUNK + 1), Watch()
    stand = await backfill(bus, there, watch).run("cs", FIRST, LAST)
    assert stand.records == len(await ids(bus)) == len(set(await ids(bus))) == 10 * (CHUNK + 1)
    assert [shown.day.day for shown in watch.shown] == list(range(2, 12))
    assert {entry.event.item.announced for entry in await entries(bus, FETCHED)} == {"backfill"}


async def test_a_backfill_continues_where_it_stopped(bus: Bus) -> None:
    """INVARIANT: the cursor moves in the transaction that publishes: nothing is lost, and nothing read again."""
    there = Archive()
    there.faults[5] = PermanentError("stopped")
    with pytest.raises(PermanentError):
        await backfill(bus, there, Watch()).run("cs", FIRST, LAST)
    assert len(await ids(bus)) == 4 * 3
    await backfill(bus, there, Watch()).run("cs", FIRST, LAST)
    assert there.begun[1]
    assert there.begun[1]["day"] == "2025-01-05"
    assert len(await ids(bus)) == len(set(await ids(bus))) == 10 * 3
    await backfill(bus, there, Watch()).run("cs", FIRST, LAST)
    assert len(there.begun) == 2, "what is done is done"


async def test_the_same_backfill_never_runs_twice_at_once(bus: Bus) -> None:
    """INVARIANT: a backfill that is running is not begun a second time; another one is."""
    first, second, other = Archive(), Archive(), Archive()
    refused: list[str] = []

    async def meanwhile() -> None:
        with pytest.raises(
            ConfigurationError, match="The backfill of cs from 2025-01-01 is already running"
        ) as published:
            await backfill(bus, second, Watch()).run("cs", FIRST, LAST)
        refused.append(str(published.value))
        await backfill(bus, other, Watch()).run("math", FIRST, FIRST)

    first.faults[5] = TransientError("busy")
    await backfill(bus, first, Watch(meanwhile)).run("cs", FIRST, LAST)
    assert len(refused) == 1
    assert (second.begun, other.begun) == ([], [None])
    await backfill(bus, second, Watch()).run("cs", FIRST, date(2025, 1, 11))
    assert second.begun, "what is over can be run again"


async def test_a_killed_backfill_is_taken_over(bus: Bus) -> None:
    name = "lease:backfill:arxiv:cs:2025-01-01"
    await bus.redis.set(name, "killed", px=12_000)

    async def expired() -> None:
        await bus.redis.delete(name)

    watch = Watch(expired)
    await backfill(bus, Archive(), watch).run("cs", FIRST, LAST)
    assert 11 <= watch.waits[0] <= 12.2
    assert len(await ids(bus)) == 10 * 3
    assert not await bus.redis.exists(name)


async def test_a_backfill_that_lost_its_lease_stops(bus: Bus) -> None:
    """INVARIANT: a process that stood still while another took over publishes nothing more."""
    lease = Lease(bus.redis, "cranes", 0.15)
    assert await lease.take() == 0

    async def stand_still() -> None:
        async with lease.kept():
            await bus.redis.set("lease:cranes", "another")
            await asyncio.Event().wait()

    with pytest.raises(PermanentError, match="another process has taken over the lease"):
        await stand_still()
    assert await bus.redis.get("lease:cranes") == b"another"


async def test_a_lease_is_renewed_while_it_is_kept(bus: Bus) -> None:
    lease = Lease(bus.redis, "cranes", 0.3)
    await lease.take()
    async with lease.kept():
        await bus.redis.delete("lease:cranes")
        await until(lambda: bus.redis.exists("lease:cranes"))
    assert not await bus.redis.exists("lease:cranes")


async def test_a_later_end_extends_a_finished_backfill(bus: Bus) -> None:
    there = Archive()
    await backfill(bus, there, Watch()).run("cs", FIRST, LAST)
    await backfill(bus, there, Watch()).run("cs", FIRST, date(2025, 1, 12))
    assert there.begun[1]
    assert there.begun[1]["day"] == "2025-01-10", "the last day may have had more since"
    assert len(set(await ids(bus))) == 12 * 3


async def test_a_temporary_failure_is_retried(bus: Bus) -> None:
    there, watch = Archive(), Watch()
    there.faults = {2: TransientError("busy", retry_after=90.0), 3: TransientError("down"), 4: TransientError("down")}
    await backfill(bus, there, watch).run(None, FIRST, LAST)
    assert watch.waits == [90.0, 60.0, 60.0], "each page that succeeds begins the count anew"
    assert [shown.waits for shown in watch.shown if shown.waits] == ["busy", "down", "down"]
    assert len(await ids(bus)) == 10 * 3


@pytest.mark.parametrize(
    ("lag", "pending", "seen"),
    (
        (1_000, 12, [(8, 15), (5, 15), (5, 10)]),
        (7, 1_000, [(8, 15), (5, 15)]),
        (100, 15, []),
    ),
)
async def test_a_backfill_pauses_while_the_indexer_lags(
    bus: Bus, lag: int, pending: int, seen: list[tuple[int, int]]
) -> None:
    """INVARIANT: the streams do not fill: what waits or is in hand stays near the limit, and half of it resumes."""
    await publish(bus, ENRICHED, *(enriched(n) for n in range(20)))
    held = await bus.redis.xreadgroup("indexer", "slow", {ENRICHED.name: ">"}, count=15)
    rows = [row_id for row_id, _ in held[0][1]]

    async def ack(count: int) -> None:
        for _ in range(count):
            await bus.redis.xack(ENRICHED.name, "indexer", rows.pop())

    async def merged() -> None:
        fetched = await bus.redis.xreadgroup("enricher", "quick", {FETCHED.name: ">"})
        await bus.redis.xack(FETCHED.name, "enricher", *(row_id for row_id, _ in fetched[0][1]))

    async def taken() -> None:
        await bus.redis.xreadgroup("indexer", "slow", {ENRICHED.name: ">"})

    watch = Watch(merged, taken) if lag < pending else Watch(merged, lambda: ack(5), lambda: ack(4))
    there = Archive()
    await backfill(bus, there, watch, lag=lag, pending=pending).run("cs", FIRST, date(2025, 1, 2))
    waits = [re.findall(r"\d+", shown.waits) for shown in watch.shown if shown.waits]
    assert waits == [list(map(str, pair)) for pair in seen], "until no more than half of each limit are left"
    assert len(await ids(bus)) == 6


async def test_a_query_is_harvested_around_the_nightly_index_update(bus: Bus, redis_url: str) -> None:
    """INVARIANT: between 00:00 and 01:00 UTC a backfill waits, and then goes on where it was."""
    clock = Clock("2026-03-05T00:20+00:00")

    async def renewed() -> None:
        assert there.asked == []
        clock.move(minutes=41)

    async with archive(redis_url) as (there, polite):
        there.api = lambda query: slice_of(records([1, 2]) if query["start"] == "0" else [])
        api = ArxivApi(polite, clock, base=f"{there.base}/api")
        watch = Watch(renewed)
        run = Backfill(
            bus, api.harvest_days, most_waiting=9, most_pending=9, show=watch.shown.append, sleep=watch.sleep
        ).run
        stand = await run("cat:cs.RO", date(2026, 3, 1), date(2026, 3, 4))
        assert watch.waits == [2_400.0]
        assert stand.records == len(await ids(bus)) == 2
        dates = "submittedDate:[202603010000 TO 202603042359]"
        assert [query["search_query"] for _, query in there.asked] == [f"(cat:cs.RO) AND {dates}"]
        there.api = lambda _: slice_of(records([3]))
        stand = await run("cat:cs.RO", date(2026, 3, 1), date(2026, 3, 9))
        dates = "submittedDate:[202603040000 TO 202603092359]"
        assert there.asked[-1][1]["search_query"] == f"(cat:cs.RO) AND {dates}", "its last day may have had more since"
        assert stand.records == 3
