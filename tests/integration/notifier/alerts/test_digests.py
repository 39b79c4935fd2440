"""Digests on a real Redis: at their due time, once, and never empty."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from standardwebhooks import Webhook

from services.notifier.alerts.digest_writer import DigestWriter
from services.notifier.alerts.planner import DIGESTS_DUE
from services.notifier.bootstrap import ClockAndRandom
from services.notifier.subscription.digest_schedule import Daily, next_due
from shared.moments import from_unix
from shared.papers.paper import Change, ChangeKind, Paper
from tests.integration.notifier.support import Clock, Receiver, Wire, indexed, notifier
from tests.support import until

DAILY = {"daily": "08:00", "timezone": "Europe/Paris"}
DAY = 86_400.0


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def paper(number: int, title: str = "cranes", **fields: Any) -> Paper:
    base = {"id": f"arXiv:2603.{number:05d}", "title": title, "categories": ("cs.RO",)}
    return Paper.model_validate(base | fields)


def listed(receiver: Receiver) -> list[Any]:
    return [json.loads(one.body) for one in receiver.arrived]


def ids(body: Any) -> list[str]:
    return [one["paper"]["id"] for one in body["data"]["alerts"]]


async def gathered(wire: Wire, *events: Any) -> None:
    """Publish events, and wait until they are matched."""
    await wire.publish(*events)
    await until(wire.drained)


def digests_of(wire: Wire) -> DigestWriter:
    """Return the digest writer of a notifier, to run it at chosen times."""
    found = wire.runtime.services[0].loops[1].__self__  # type: ignore[attr-defined]  # a bound method's
    assert isinstance(found, DigestWriter)
    return found


async def look(wire: Wire) -> None:
    """Write or postpone all digests that are due now."""
    while await digests_of(wire).write_due():
        pass


@pytest.fixture
def clock() -> Clock:
    return Clock(moment("2026-03-27T12:00"))


@pytest.fixture
async def wire(redis_url: str, qdrant_url: str, tmp_path: Path, clock: Clock) -> Any:
    async with notifier(redis_url, qdrant_url, tmp_path, ClockAndRandom(clock, lambda: 0.5), digest_poll=60) as running:
        yield running


async def test_a_digest_arrives_at_its_local_time_once_and_is_never_empty(
    wire: Wire, receiver: Receiver, clock: Clock
) -> None:
    made = await wire.subscribe(receiver.url(), query="folding paper cranes", sensitivity=0.1, schedule=DAILY)
    await gathered(wire, indexed(paper(1, "paper")), indexed(paper(2, "folding paper cranes")))
    clock.now = moment("2026-03-28T06:59")
    await look(wire)
    assert not receiver.arrived
    clock.now = moment("2026-03-28T07:00:01")
    await look(wire)
    (arrived,) = await receiver.count(1)
    name, stamp = arrived.headers["webhook-id"], from_unix(int(arrived.headers["webhook-timestamp"]))
    assert arrived.headers["webhook-signature"] == Webhook(made["secret"]).sign(name, stamp, arrived.body.decode())
    body = json.loads(arrived.body)
    assert body["type"] == "digest"
    assert body["timestamp"] == "2026-03-28T07:00:00Z"
    assert ids(body) == ["arXiv:2603.00002", "arXiv:2603.00001"]
    assert body["data"]["subscription"]["id"] == made["id"]
    assert (body["data"]["more"], body["data"]["period"]["from"]) == (0, None)
    await gathered(wire, indexed(paper(2, "folding paper cranes")))  # seen again: told already
    for _ in range(3):
        clock.now += DAY
        await look(wire)
    assert len(receiver.arrived) == 1
    (delivery,) = await wire.deliveries(made["id"])
    assert (delivery["state"], delivery["paper"], delivery["change"]) == ("delivered", "", None)


async def test_a_digest_follows_the_local_clock_change(wire: Wire, receiver: Receiver, clock: Clock) -> None:
    await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=DAILY)
    for number, due in enumerate(("2026-03-28T07:00", "2026-03-29T06:00", "2026-03-30T06:00")):
        await gathered(wire, indexed(paper(number)))
        clock.now = moment(due) - 1
        await look(wire)
        assert len(receiver.arrived) == number
        clock.now += 1
        await look(wire)
        await receiver.count(number + 1)
    stamps = [body["timestamp"] for body in listed(receiver)]
    assert stamps == ["2026-03-28T07:00:00Z", "2026-03-29T06:00:00Z", "2026-03-30T06:00:00Z"]
    assert listed(receiver)[2]["data"]["period"]["from"] == "2026-03-29T06:00:00Z"


async def test_after_two_weeks_of_downtime_one_digest_has_the_best_and_a_count(
    redis_url: str, qdrant_url: str, tmp_path: Path, receiver: Receiver, clock: Clock
) -> None:
    clock_and_random = ClockAndRandom(clock, lambda: 0.5)
    async with notifier(redis_url, qdrant_url, tmp_path, clock_and_random) as wire:
        await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=DAILY)
        await gathered(wire, *(indexed(paper(n, trending=float(n))) for n in range(20)))
    clock.now += 14 * DAY
    async with AsyncExitStack() as stack:
        wire = await stack.enter_async_context(notifier(redis_url, qdrant_url, tmp_path, clock_and_random))
        await receiver.count(1)
        await gathered(wire, *(indexed(paper(n, trending=float(n))) for n in range(20, 60)))
        clock.now += DAY
        await look(wire)
        await receiver.count(2)
        for _ in range(3):
            clock.now += DAY
            await look(wire)
    first, second = listed(receiver)
    assert ids(first) == [f"arXiv:2603.{n:05d}" for n in reversed(range(20))]
    assert ids(second) == [f"arXiv:2603.{n:05d}" for n in reversed(range(30, 60))]
    assert second["data"]["more"] == 10


async def test_each_digest_is_written_by_one_of_two_processes(
    redis_url: str, qdrant_url: str, tmp_path: Path, receiver: Receiver, clock: Clock
) -> None:
    clock_and_random = ClockAndRandom(clock, lambda: 0.5)
    async with (
        notifier(redis_url, qdrant_url, tmp_path, clock_and_random) as one,
        notifier(redis_url, qdrant_url, tmp_path, clock_and_random) as _,
    ):
        for number in range(40):
            await one.subscribe(receiver.url(f"/{number}"), categories=["cs.RO"], schedule=DAILY)
        for day in range(3):
            await gathered(one, indexed(paper(2 * day)), indexed(paper(2 * day + 1)))
            clock.now += DAY
            await receiver.count(40 * (day + 1))
        await look(one)
        assert len({one.headers["webhook-id"] for one in receiver.arrived}) == len(receiver.arrived) == 120
        assert all(len(ids(body)) == 2 for body in listed(receiver))


async def test_two_processes_that_write_a_digest_at_once_write_one(
    redis_url: str, qdrant_url: str, tmp_path: Path, receiver: Receiver, clock: Clock
) -> None:
    """A lease that expires while its holder is slow leads to one digest, not two."""
    async with notifier(redis_url, qdrant_url, tmp_path, ClockAndRandom(clock, lambda: 0.5), digest_poll=60) as wire:
        await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=DAILY)
        await gathered(wire, *(indexed(paper(n)) for n in range(5)))
        clock.now += DAY
        digests = digests_of(wire)
        for _ in range(3):
            await asyncio.gather(digests.write_due(), *(_unleased(wire, digests) for _ in range(3)))
        await receiver.count(1)
        assert await wire.runtime.redis.zcard(DIGESTS_DUE) == 0
    (body,) = listed(receiver)
    assert len(ids(body)) == 5


async def _unleased(wire: Wire, digests: DigestWriter) -> None:
    for name in await wire.runtime.redis.zrange(DIGESTS_DUE, 0, -1):
        await wire.runtime.redis.zadd(DIGESTS_DUE, {name: 0}, xx=True)
    await digests.write_due()


async def test_a_digest_waits_for_the_previous_one_while_the_endpoint_is_down(
    wire: Wire, receiver: Receiver, clock: Clock
) -> None:
    receiver.answer("/hook", 503, 503, 503, 503, 204)
    made = await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=DAILY)

    async def attempts() -> list[Any]:
        """Return the attempts at the first digest; a clock that moves before one is stored would move the next one."""
        return list((await wire.deliveries(made["id"]))[-1]["log"])

    for day in range(4):
        await gathered(wire, indexed(paper(day)))
        clock.now = moment("2026-03-28T07:00") + day * DAY + 1
        await look(wire)
        await until(lambda day=day: _has(attempts, day + 1))  # type: ignore[misc]
    clock.now += DAY
    await until(lambda: _has(attempts, 5))  # it is delivered: from now on the next digest may be written
    assert [one["status"] for one in await attempts()] == [503, 503, 503, 503, 204]
    assert len(await wire.deliveries(made["id"])) == 1
    clock.now += DAY
    await look(wire)
    await receiver.count(6)
    assert sorted(ids(listed(receiver)[-1])) == ["arXiv:2603.00001", "arXiv:2603.00002", "arXiv:2603.00003"]


async def test_a_slow_writer_leaves_the_matches_of_the_next_digest(
    wire: Wire, receiver: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=DAILY)
    await gathered(wire, indexed(paper(1)))
    writer = digests_of(wire)
    is_due = writer._is_due

    async def slow(*arguments: Any) -> bool:
        """Find that a digest is due, and hang until another process has written it and a match has come."""
        monkeypatch.setattr(writer, "_is_due", is_due)
        due = await is_due(*arguments)
        clock.now += 61  # the lease is over
        await look(wire)
        await gathered(wire, indexed(paper(2)))
        return due

    monkeypatch.setattr(writer, "_is_due", slow)
    clock.now = moment("2026-03-28T07:00:01")
    await look(wire)
    clock.now += DAY
    await look(wire)
    await receiver.count(2)
    assert [ids(body) for body in listed(receiver)] == [["arXiv:2603.00001"], ["arXiv:2603.00002"]]


async def _has(rows: Callable[[], Awaitable[list[Any]]], number: int) -> bool:
    return len(await rows()) == number


async def test_after_a_pause_one_digest_covers_all_of_it(wire: Wire, receiver: Receiver, clock: Clock) -> None:
    made = await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=DAILY)
    await gathered(wire, indexed(paper(1)))
    await wire.call("POST", f"/v1/subscriptions/{made['id']}/pause", status=200)
    for day in range(14):
        await gathered(wire, *(indexed(paper(10 * day + n + 2)) for n in range(3)))
        clock.now += DAY
        await look(wire)
    assert not receiver.arrived
    await wire.call("POST", f"/v1/subscriptions/{made['id']}/resume", status=200)
    for _ in range(3):
        clock.now += DAY
        await look(wire)
    await receiver.count(1)
    (body,) = listed(receiver)
    assert (len(ids(body)), body["data"]["more"]) == (30, 13)


async def test_a_weekly_digest_covers_the_week(wire: Wire, receiver: Receiver, clock: Clock) -> None:
    weekly = {"weekly": {"day": "monday", "at": "08:00"}, "timezone": "Pacific/Kiritimati"}
    await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=weekly)
    await gathered(wire, indexed(paper(1)), indexed(paper(2)))
    clock.now = moment("2026-03-29T17:59")
    await look(wire)
    assert not receiver.arrived
    clock.now = moment("2026-03-29T18:00")
    await look(wire)
    await receiver.count(1)
    assert len(ids(listed(receiver)[0])) == 2


def row(state: str, day: str = "2026-03-28", received: int = 0, **fields: Any) -> dict[str, Any]:
    base = {"source": "arxiv", "category": "cs.RO", "day": day, "received": received, "expected": None, "missing": 0}
    return base | {"state": state, "updated": f"{day}T06:00:00+00:00"} | fields


async def ledger(wire: Wire, *rows: dict[str, Any]) -> None:
    for one in rows:
        await wire.runtime.redis.hset("ledger", f"arxiv|{one['category']}|{one['day']}", orjson.dumps(one))


async def test_a_digest_waits_for_a_complete_batch_if_configured(wire: Wire, receiver: Receiver, clock: Clock) -> None:
    await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=DAILY | {"when_complete": True})
    await ledger(wire, row("late"), row("complete", category="math.NT", received=9))
    await gathered(wire, indexed(paper(1)))
    clock.now = moment("2026-03-28T07:00")
    await look(wire)
    clock.now = moment("2026-03-28T08:30")
    await look(wire)
    assert not receiver.arrived
    await gathered(wire, indexed(paper(2)))
    await ledger(wire, row("complete", received=1, expected=1))
    clock.now = moment("2026-03-28T08:31")
    await look(wire)
    await receiver.count(1)
    body = listed(receiver)[0]
    assert sorted(ids(body)) == ["arXiv:2603.00001", "arXiv:2603.00002"]
    assert body["timestamp"] == "2026-03-28T07:00:00Z"
    assert body["data"]["note"] == "Announced today: 1 entries of arxiv."


async def test_a_digest_waits_at_most_six_hours_and_notes_it(wire: Wire, receiver: Receiver, clock: Clock) -> None:
    await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=DAILY | {"when_complete": True})
    await ledger(wire, row("late"))
    await gathered(wire, indexed(paper(1)))
    clock.now = moment("2026-03-28T12:59")
    await look(wire)
    assert not receiver.arrived
    clock.now = moment("2026-03-28T13:00")
    await look(wire)
    await receiver.count(1)
    assert "late" in listed(receiver)[0]["data"]["note"]


async def test_a_digest_notes_a_holiday(wire: Wire, receiver: Receiver, clock: Clock) -> None:
    await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=DAILY)
    await wire.subscribe(receiver.url("/none"), categories=["math.NT"], schedule=DAILY)
    await ledger(wire, row("holiday", note="Day of Cranes"))
    revised = Change(kind=ChangeKind.NEW, version="late")
    await gathered(wire, indexed(paper(1), revised))
    clock.now += DAY
    await look(wire)
    await receiver.count(1)
    await look(wire)
    (body,) = listed(receiver)
    assert body["data"]["note"] == "No announcement today: arXiv observes a holiday (Day of Cranes)."


async def test_a_change_to_instant_sends_gathered_matches_at_once(wire: Wire, receiver: Receiver) -> None:
    made = await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=DAILY)
    await gathered(wire, indexed(paper(1)))
    await wire.call("PATCH", f"/v1/subscriptions/{made['id']}", {"schedule": "instant"}, status=200)
    await look(wire)
    await receiver.count(1)
    await gathered(wire, indexed(paper(1)), indexed(paper(2)))
    await receiver.count(2)
    assert [body["type"] for body in listed(receiver)] == ["digest", "paper.new"]


async def test_a_changed_due_time_applies_at_once(wire: Wire, receiver: Receiver, clock: Clock) -> None:
    made = await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=DAILY)
    await gathered(wire, indexed(paper(1)))
    await wire.call("PATCH", f"/v1/subscriptions/{made['id']}", {"schedule": DAILY | {"daily": "18:00"}}, status=200)
    clock.now = moment("2026-03-27T17:00")
    await look(wire)
    await receiver.count(1)
    assert listed(receiver)[0]["timestamp"] == "2026-03-27T17:00:00Z"


async def test_a_deleted_subscription_leaves_no_keys(wire: Wire, receiver: Receiver, clock: Clock) -> None:
    made = await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=DAILY)
    await gathered(wire, indexed(paper(1)))
    await wire.call("DELETE", f"/v1/subscriptions/{made['id']}", status=204)
    clock.now += DAY
    await look(wire)
    assert not [key async for key in wire.runtime.redis.scan_iter("gathered:*")]
    assert not receiver.arrived


async def test_a_digest_covers_its_period_even_if_matching_lags(
    redis_url: str, qdrant_url: str, tmp_path: Path, receiver: Receiver
) -> None:
    """The digest waits for entries from before its due time; the clock of streams is the real one."""
    clock = Clock(datetime.now(UTC).timestamp() + timedelta(days=400).total_seconds())
    async with notifier(redis_url, qdrant_url, tmp_path, ClockAndRandom(clock, lambda: 0.5)) as wire:
        await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=DAILY)
        await gathered(wire, indexed(paper(1)))
        await wire.runtime.redis.xadd("papers.fetched.v1", {"data": b"waits"})
        due = next_due(Daily.model_validate(DAILY), from_unix(clock.now)).timestamp()
        clock.now = due + 60
        await look(wire)
        assert not receiver.arrived
        await wire.runtime.redis.xgroup_setid("papers.fetched.v1", "enricher", "$")
        clock.now += 60
        await look(wire)
        await receiver.count(1)
