"""Claims of deliveries: turns of owners, rate limits, breakers. On a real Redis, with a manual clock."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from redis.asyncio import Redis

from services.notifier.channels.slack import Slack
from services.notifier.channels.webhook import Webhook
from services.notifier.delivery.deliveries import (
    ClaimLimits,
    Deliveries,
    DeliveryClaims,
    DeliveryState,
    Record,
    Settlement,
    lane_of,
)
from services.notifier.fields.secret import Secret
from shared.bus import Bus
from shared.papers.paper import ChangeKind
from tests.integration.notifier.support import Clock

CAP, SHARE = 4, 24
TRIP, REST = 5, (30, 600)
"""As in lanes.lua."""


class Line:
    """Deliveries that a test writes, claims and settles."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self.clock = clock
        self.redis = redis
        self.deliveries = Deliveries(redis, clock, 86_400)
        self.claims = self.process("one")
        self.owners: dict[str, str] = {}
        self.lanes: dict[str, str] = {}

    def process(self, name: str) -> DeliveryClaims:
        return DeliveryClaims(self.redis, name, self.clock, ClaimLimits(CAP, SHARE, 5.0, 86_400))

    async def write(self, owner: str, number: int, channel: Any = None) -> None:
        """Write deliveries of an owner to one endpoint."""
        channel = channel or Webhook(type="webhook", url="https://example.org/hook")
        async with self.redis.pipeline(transaction=True) as pipe:
            for _ in range(number):
                name = f"{owner}-{len(self.owners)}"
                self.owners[name], self.lanes[name] = owner, lane_of(owner, channel)
                record = Record(
                    id=name, subscription="s", owner=owner, paper="p", change=ChangeKind.NEW,
                    created_at=datetime(2026, 3, 1, tzinfo=UTC),
                )  # fmt: skip
                self.deliveries.add(pipe, record, b"{}", channel)
            await pipe.execute()

    async def claim(self, most: int = 100) -> list[str]:
        return await self.claims.claim(most)

    async def settle(self, ids: Sequence[str], *, accepted: bool, due: float | None = None) -> None:
        records = await self.deliveries.records(ids)
        state = DeliveryState.DELIVERED if accepted else DeliveryState.PENDING
        assert await self.claims.settle(
            [
                Settlement(
                    one.id, one.model_copy(update={"state": state}), self.lanes[one.id], due=due, accepted=accepted
                )
                for one in records
                if one
            ]
        ) == len(ids)


@pytest.fixture
def line(bus: Bus) -> Line:
    return Line(bus.redis, Clock())


def hook(number: int, **more: Any) -> Webhook:
    return Webhook(type="webhook", url=f"https://example.org/{number}", **more)


async def test_an_owner_with_a_thousand_endpoints_does_not_starve_one_with_one_delivery(line: Line) -> None:
    """INVARIANT: owners take turns, however long other deliveries wait."""
    for number in range(1_000):
        await line.write("big", 3, hook(number))
    line.clock.now += 60
    await line.write("small", 1)
    await line.write("middle", 20, hook(1))
    first = await line.claim(10)
    assert {line.owners[name] for name in first} >= {"big", "small"}
    await line.settle(first, accepted=True)
    for _ in range(20):  # one place at a time: still in turn
        (one,) = await line.claim(1)
        first.append(one)
        await line.settle([one], accepted=True)
    counts = Counter(line.owners[name] for name in first)
    assert counts["small"] == 1
    assert counts["middle"] >= 12


async def test_one_owner_cannot_use_all_attempts_of_a_process(line: Line) -> None:
    for number in range(20):
        await line.write("hung", 4, hook(number))
    held = await line.claim(100)
    assert len(held) == SHARE
    await line.write("other", 3)
    assert {line.owners[name] for name in await line.claim(100)} == {"other"}
    await line.settle(held[:2], accepted=True)
    assert len(await line.claim(100)) == 2
    assert len(await line.process("two").claim(100)) == SHARE


async def test_an_endpoint_has_as_many_concurrent_attempts_as_its_cap(line: Line) -> None:
    await line.write("a", 10, hook(1))
    await line.write("a", 10, hook(2, concurrency=2))
    await line.write("a", 10, hook(3, concurrency=9))
    held = Counter(line.lanes[name] for name in await line.claim())
    assert [held[lane_of("a", hook(number))] for number in (1, 2, 3)] == [4, 2, 9]
    assert await line.claim() == []


async def test_a_rate_limit_holds_over_time_and_processes(line: Line) -> None:
    await line.write("a", 100, hook(1, rate=4, concurrency=100))
    assert len(await line.claim()) == 4  # what a second allows, at once
    assert await line.process("two").claim(100) == []
    taken = 0
    for _ in range(80):
        line.clock.now += 0.125
        held = await line.claim()
        taken += len(held)
        await line.settle(held, accepted=True)
    assert taken == 40


async def test_a_rate_below_one_per_second_holds(line: Line) -> None:
    await line.write("a", 10, hook(1, rate=0.1))
    taken = []
    for _ in range(41):
        held = await line.claim()
        taken.append(len(held))
        await line.settle(held, accepted=True)
        line.clock.now += 1
    assert [number for number, count in enumerate(taken) if count] == [0, 10, 20, 30, 40]


async def test_removing_a_rate_limit_takes_effect_at_once(line: Line) -> None:
    await line.write("a", 3, hook(1, rate=0.1))
    assert len(await line.claim()) == 1
    await line.write("a", 1, hook(1))
    assert len(await line.claim()) == 3


async def test_channels_have_the_rate_that_their_services_document(line: Line) -> None:
    await line.write("a", 3, Slack(type="slack", url=Secret("token", "•••", sealed=True, mark="1")))
    held = await line.claim()
    await line.settle(held, accepted=True)
    assert await line.claim() == []
    line.clock.now += 1
    assert len(await line.claim()) == len(held) == 1


async def fail(line: Line, number: int) -> None:
    for _ in range(number):
        held = await line.claim(1)
        await line.settle(held, accepted=False, due=line.clock.now)


async def test_failures_in_a_row_open_the_breaker_and_one_probe_at_a_time_follows(line: Line) -> None:
    await line.write("a", 20)
    await fail(line, TRIP)
    assert await line.claim() == []
    for rest in (REST[0], 2 * REST[0], 4 * REST[0]):
        line.clock.now += rest - 1
        assert await line.claim() == []
        line.clock.now += 1
        (probe,) = await line.claim()
        assert await line.claim() == []  # the probe is on its way
        await line.settle([probe], accepted=False, due=line.clock.now)
    for _ in range(10):
        line.clock.now += REST[1]
        await fail(line, 1)
    line.clock.now += REST[1]
    (probe,) = await line.claim()  # the longest rest there is
    await line.settle([probe], accepted=True)
    assert len(await line.claim()) == CAP


async def test_concurrent_failures_open_the_breaker_once(line: Line) -> None:
    await line.write("a", 20, hook(1, concurrency=10))
    held = await line.claim(10)
    await line.settle(held, accepted=False, due=line.clock.now)
    line.clock.now += REST[0]
    assert len(await line.claim()) == 1


async def test_one_success_in_between_keeps_the_breaker_closed(line: Line) -> None:
    await line.write("a", 20)
    for _ in range(2):
        await fail(line, TRIP - 1)
        await line.settle(await line.claim(1), accepted=True)
    assert len(await line.claim()) == CAP


async def test_a_breaker_belongs_to_one_owners_endpoint(line: Line) -> None:
    """INVARIANT: failures of one owner do not delay another owner's alerts to the same address."""
    await line.write("a", 20)
    await fail(line, TRIP)
    await line.write("b", 1)
    await line.write("a", 1, hook(2))
    assert {line.owners[name] for name in await line.claim()} == {"a", "b"}


async def test_a_test_waits_neither_for_the_breaker_nor_for_other_deliveries(line: Line) -> None:
    await line.write("a", 20)
    await fail(line, TRIP)
    record = Record(
        id="test",
        subscription="s",
        owner="a",
        paper="p",
        change=ChangeKind.NEW,
        created_at=datetime.now(UTC),
        test=True,
    )
    await line.deliveries.create(record, b"{}", Webhook(type="webhook", url="https://example.org/hook"), by_hand=True)
    assert await line.claim() == ["test"]


async def test_the_start_of_a_failure_is_known_until_a_success(line: Line) -> None:
    await line.write("a", 3)
    lane = line.lanes["a-0"]
    assert await line.deliveries.failing_since(lane) is None
    began = line.clock.now
    await fail(line, 1)
    line.clock.now += 100
    await fail(line, 1)
    assert await line.deliveries.failing_since(lane) == began
    await line.settle(await line.claim(1), accepted=True)
    assert await line.deliveries.failing_since(lane) is None


async def test_a_take_over_leaves_no_keys_of_the_dead_process(line: Line) -> None:
    await line.write("a", 10)
    dead = line.process("dead")
    assert len(await dead.claim(100)) == CAP
    await line.redis.delete("deliveries:alive:dead")
    assert await line.claims.beat() == CAP
    held: list[str] = []
    while one := await line.claim():
        held += one
        await line.settle(one, accepted=True)
    assert len(set(held)) == len(held) == 10
    left = {key.decode() async for key in line.redis.scan_iter("deliveries:*")}
    assert {key for key in left if not key.startswith(("deliveries:lane:", "deliveries:of:"))} == {
        "deliveries:alive:one", "deliveries:turn", "deliveries:holders",
    }  # fmt: skip
