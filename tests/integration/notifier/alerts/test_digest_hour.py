"""A digest holds what was published on the first stream before its hour, however late that was matched."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.notifier.alerts.planner import DIGESTS_DUE
from services.notifier.bootstrap import ClockAndRandom
from shared.bus.hop import Entry, decode, raw_entry
from shared.papers.events import Item, PaperFetched
from shared.papers.streams import ENRICHED, FETCHED, INDEXED
from tests.integration.notifier.alerts.test_digests import DAILY, DAY, ids, listed, look, moment, paper
from tests.integration.notifier.support import Clock, Receiver, Wire, indexed, notifier
from tests.support import until

HOUR = moment("2026-03-30T06:00")  # a Monday, 08:00 in Paris
WEEKLY = {"weekly": {"day": "monday", "at": "08:00"}, "timezone": "Europe/Paris"}
MINUTE = 60.0


@pytest.fixture
def clock() -> Clock:
    return Clock(HOUR - 3_600)


@asynccontextmanager
async def writing(redis_url: str, qdrant_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[Wire]:
    async with notifier(redis_url, qdrant_url, tmp_path, ClockAndRandom(clock, lambda: 0.5), digest_poll=60) as running:
        yield running


@pytest.fixture
async def wire(redis_url: str, qdrant_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[Wire]:
    async with writing(redis_url, qdrant_url, tmp_path, clock) as running:
        yield running


async def matched(wire: Wire, published: float, *numbers: int) -> None:
    """Index papers that were published on the first stream at a moment, and wait until they are matched."""
    item = Item(source="test", id="test:1", title="cranes")
    event = PaperFetched(item=item, fetched_at=datetime.fromtimestamp(published, UTC))
    cause = Entry(f"{int(published * 1000)}-0", event, {}, b"")
    async with wire.runtime.bus.hop("indexer") as hop:
        for number in numbers:
            await hop.publish(INDEXED, indexed(paper(number)), cause)
        await hop.commit()
    await until(wire.drained)


async def under_way(wire: Wire) -> None:
    """Leave an entry in the hands of the indexer that stands on its stream after the hour."""
    redis, stream = wire.runtime.redis, ENRICHED.name
    for seconds in (1, 2):
        await redis.xadd(stream, {"data": b"waits"}, id=f"{int(HOUR + seconds) * 1000}-0")
        if seconds == 1:
            await redis.xgroup_setid(stream, "indexer", "$")


async def done(wire: Wire) -> None:
    await wire.runtime.redis.xgroup_setid(ENRICHED.name, "indexer", "$")


async def looked(wire: Wire, clock: Clock, at: float) -> None:
    clock.now = at
    await look(wire)


@pytest.mark.parametrize("schedule", (DAILY, WEEKLY), ids=("daily", "weekly"))
async def test_papers_published_before_the_hour_and_matched_after_it_are_in_the_digest(
    wire: Wire, receiver: Receiver, clock: Clock, schedule: dict[str, Any]
) -> None:
    await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=schedule)
    clock.now = HOUR + 5
    await matched(wire, HOUR - 7, *range(20))
    await look(wire)
    (body,) = [await _first(receiver)]
    assert body["timestamp"] == "2026-03-30T06:00:00Z"
    assert len(ids(body)) == 20


async def test_a_paper_published_after_the_hour_waits_for_the_next_digest(
    wire: Wire, receiver: Receiver, clock: Clock
) -> None:
    made = await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=DAILY)
    clock.now = HOUR + 5
    await matched(wire, HOUR + 1, 1)
    await look(wire)
    assert not await wire.deliveries(made["id"])
    await looked(wire, clock, HOUR + DAY)
    assert ids(await _first(receiver)) == ["arXiv:2603.00001"]


async def test_the_hour_waits_for_papers_under_way_whose_later_entry_is_from_after_it(
    wire: Wire, receiver: Receiver, clock: Clock
) -> None:
    made = await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=DAILY)
    await matched(wire, HOUR - 60, 1)
    await under_way(wire)
    await looked(wire, clock, HOUR + 5)
    assert not await wire.deliveries(made["id"])
    await matched(wire, HOUR - 7, 2)
    await done(wire)
    await looked(wire, clock, HOUR + MINUTE)
    assert sorted(ids(await _first(receiver))) == ["arXiv:2603.00001", "arXiv:2603.00002"]


async def test_the_hour_waits_at_most_fifteen_minutes(wire: Wire, receiver: Receiver, clock: Clock) -> None:
    made = await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=DAILY)
    await matched(wire, HOUR - 60, 1)
    await under_way(wire)
    await looked(wire, clock, HOUR + 15 * MINUTE - 1)
    assert not await wire.deliveries(made["id"])
    await looked(wire, clock, HOUR + 16 * MINUTE)
    assert ids(await _first(receiver)) == ["arXiv:2603.00001"]
    await done(wire)
    await matched(wire, HOUR - 7, 2)  # too late for that one, which is never written twice
    await looked(wire, clock, HOUR + 20 * MINUTE)
    await looked(wire, clock, HOUR + DAY)
    await receiver.count(2)
    assert [ids(one) for one in listed(receiver)] == [["arXiv:2603.00001"], ["arXiv:2603.00002"]]


async def test_after_an_outage_the_first_match_waits_for_the_others(
    wire: Wire, receiver: Receiver, clock: Clock
) -> None:
    made = await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=DAILY)
    await under_way(wire)
    clock.now = HOUR + 180 * MINUTE
    await matched(wire, HOUR - 7, 1)
    await look(wire)
    assert not await wire.deliveries(made["id"])
    await matched(wire, HOUR - 7, 2)
    await done(wire)
    await looked(wire, clock, clock.now + MINUTE)
    body = await _first(receiver)
    assert (body["timestamp"], len(ids(body))) == ("2026-03-30T06:00:00Z", 2)


async def test_a_writer_that_was_killed_before_the_hour_waits_when_it_is_back(
    redis_url: str, qdrant_url: str, tmp_path: Path, receiver: Receiver, clock: Clock
) -> None:
    async with writing(redis_url, qdrant_url, tmp_path, clock) as wire:
        made = await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=DAILY)
        await matched(wire, HOUR - 60, 1)
        await under_way(wire)
        key = wire.key
    clock.now = HOUR + 120 * MINUTE
    async with writing(redis_url, qdrant_url, tmp_path, clock) as wire:
        wire.key = key
        await look(wire)  # or its loop did, which begins with that

        async def postponed() -> bool:
            ((_, due),) = await wire.runtime.redis.zrange(DIGESTS_DUE, 0, -1, withscores=True)
            return bool(due == clock.now + 10)

        await until(postponed)
        assert not await wire.deliveries(made["id"])
        await matched(wire, HOUR - 7, 2)
        await done(wire)
        await looked(wire, clock, clock.now + MINUTE)
        assert len(ids(await _first(receiver))) == 2


async def test_a_subscription_made_after_the_hour_has_its_first_digest_a_day_later(
    wire: Wire, receiver: Receiver, clock: Clock
) -> None:
    clock.now = HOUR + 3
    made = await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=DAILY)
    await matched(wire, HOUR - 7, 1)
    await looked(wire, clock, HOUR + 16 * MINUTE)
    assert not await wire.deliveries(made["id"])
    await looked(wire, clock, HOUR + DAY)
    assert ids(await _first(receiver)) == ["arXiv:2603.00001"]


@pytest.mark.parametrize("shift", (-DAY, -30 * MINUTE, 30 * MINUTE, DAY))
async def test_a_clock_put_right_delays_no_digest(wire: Wire, receiver: Receiver, clock: Clock, shift: float) -> None:
    clock.now += shift
    made = await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=DAILY)
    await matched(wire, clock.now, 1)
    for at in (HOUR - 3_500, HOUR + 1):
        await looked(wire, clock, at)
    assert ids(await _first(receiver)) == ["arXiv:2603.00001"]
    assert len(await wire.deliveries(made["id"])) == 1


async def test_an_hour_that_a_wrong_clock_told_early_is_told_again_with_what_came_since(
    wire: Wire, receiver: Receiver, clock: Clock
) -> None:
    await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=DAILY)
    clock.now = HOUR + DAY - 60
    await matched(wire, clock.now, 1)
    await looked(wire, clock, HOUR + DAY + 1)
    await receiver.count(1)
    clock.now = HOUR + 60  # put right by a day
    await matched(wire, clock.now, 2)
    for hours in range(1, 25):
        await looked(wire, clock, HOUR + 61 + 3_600 * hours)
    await receiver.count(2)
    assert [ids(one) for one in listed(receiver)] == [["arXiv:2603.00001"], ["arXiv:2603.00002"]]
    assert len({one.headers["webhook-id"] for one in receiver.arrived}) == 2


async def test_an_hour_is_told_once_when_the_clock_is_put_right_by_half_an_hour(
    wire: Wire, receiver: Receiver, clock: Clock
) -> None:
    made = await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=DAILY)
    await matched(wire, clock.now, 1)
    await looked(wire, clock, HOUR + 1)
    await receiver.count(1)
    clock.now = HOUR - 30 * MINUTE
    await matched(wire, clock.now, 2)
    await wire.call("PATCH", f"/v1/subscriptions/{made['id']}", {"name": "checked at once"}, status=200)
    for at in (HOUR - 29 * MINUTE, HOUR + 1, HOUR + DAY):
        await looked(wire, clock, at)
    await receiver.count(2)
    assert [body["timestamp"] for body in listed(receiver)] == ["2026-03-30T06:00:00Z", "2026-03-31T06:00:00Z"]


async def test_every_hop_hands_on_when_the_paper_was_published(wire: Wire) -> None:
    """The first entry is from a moment; the entries that follow from it name that moment."""
    item = Item(source="test", id="test:1", title="cranes")
    event = PaperFetched(item=item, fetched_at=datetime.fromtimestamp(HOUR, UTC))
    first = Entry(f"{int(HOUR * 1000)}-3", event, {}, b"")
    async with wire.runtime.bus.hop("enricher") as hop:
        await hop.publish(FETCHED, event, first)
        await hop.commit()
    ((id_, fields),) = await wire.runtime.redis.xrange(FETCHED.name)
    second = decode(FETCHED, raw_entry(id_, fields))
    assert (first.published, second.published) == (HOUR, HOUR)


async def _first(receiver: Receiver) -> Any:
    await receiver.count(1)
    return listed(receiver)[0]
