"""A clock that was wrong and is put right delays nothing for longer than it would have waited anyway.

Each scenario stores its moments while the clock is wrong by `shift` seconds, and then goes on with the right one.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Final

import pytest

from services.enricher.refresh.due_works import LEASE_S, DueWorks, Turn
from services.enricher.refresh.schedule import LONGEST_S
from services.fetcher.http.polite import Allowance, Budgets, HostBusyError
from services.fetcher.pictures.picture_store import LEASE_S as PICTURE_LEASE
from services.fetcher.pictures.picture_store import MAX_WAIT_S, PictureStore
from services.fetcher.polling.source_store import DUE_LIVE, Leases
from services.fetcher.polling.source_store import LEASE_S as LEASE
from services.notifier.delivery.deliveries import Settlement
from services.notifier.subscription.due_set import DueSet
from shared.board.picture_wishes import want
from shared.board.rows import PictureWish
from shared.bus import Bus
from shared.coordination.breaker import Breaker, Policy
from shared.coordination.lease import Lease
from shared.coordination.quotas import Quota, SharedBuckets
from shared.moments import Backoff, from_unix
from tests.integration.notifier.delivery.test_claims import TRIP, Line, fail, hook
from tests.integration.notifier.support import Clock

ROOT: Final = Path(__file__).parents[2]
NOW: Final = 1_800_000_000.0
LOOK: Final = 61
"""Seconds after which a lane that waits is looked at again, and one more."""
SHIFTS: Final = (-86_400, -1_800, 1_800, 86_400, *(Random(number).randint(-86_400, 86_400) for number in range(6)))
Scenario = Callable[[Bus, int], Awaitable[None]]
SCENARIOS: Final[dict[str, list[Scenario]]] = {}
TIMELESS: Final = frozenset(
    {"append_samples", "clock", "count_entries", "hasten_source", "keep_match", "leave_line", "move_to_dead",
     "release_lease", "spend_budget", "store_picture", "want_pictures"}
)  # fmt: skip
"""Scripts that read no stored moment."""


def scenario(*names: str) -> Callable[[Scenario], Scenario]:
    """Register a scenario for the scripts that it runs."""

    def register(test: Scenario) -> Scenario:
        for name in names:
            SCENARIOS.setdefault(name, []).append(test)
        return test

    return register


def test_every_script_has_a_scenario_or_reads_no_moment() -> None:
    found = {path.stem for folder in ("services", "shared") for path in (ROOT / folder).rglob("*.lua")}
    assert found == SCENARIOS.keys() | TIMELESS


def wrong(bus: Bus, shift: int) -> Line:
    """Return deliveries under a clock that is wrong."""
    return Line(bus.redis, Clock(NOW + shift))


async def claimed(line: Line, within: float) -> list[str]:
    """Put the clock right, and claim once a second until something is claimed; give nothing after `within` seconds."""
    line.clock.now = NOW
    while line.clock.now <= NOW + within:
        if ids := await line.claim():
            return ids
        line.clock.now += 1
    return []


@scenario("lanes", "claim", "settle")
async def new_deliveries_are_claimed_at_once(bus: Bus, shift: int) -> None:
    line = wrong(bus, shift)
    for number in range(5):
        await line.write("a", 1, hook(number))
    await line.write("b", 5, hook(1, rate=4, concurrency=100))
    assert len(await claimed(line, LOOK)) == 9


@scenario("lanes", "claim", "settle")
async def a_rate_waits_for_its_own_interval(bus: Bus, shift: int) -> None:
    line = wrong(bus, shift)
    await line.write("a", 2, hook(1, rate=0.1))
    await line.settle(await line.claim(), accepted=True)
    assert await claimed(line, 10 + LOOK)


@scenario("lanes", "claim", "settle")
async def a_breaker_rests_for_its_own_time(bus: Bus, shift: int) -> None:
    line = wrong(bus, shift)
    await line.write("a", TRIP + 1)
    await fail(line, TRIP)
    assert await claimed(line, 30 + LOOK)


@scenario("lanes", "claim", "settle")
async def an_endpoint_that_asked_to_wait_gets_what_it_asked(bus: Bus, shift: int) -> None:
    line = wrong(bus, shift)
    await line.write("a", 1)
    (id_,) = await line.claim()
    (record,) = await line.deliveries.records([id_])
    at = line.clock.now + 20
    await line.claims.settle([Settlement(id_, record, line.lanes[id_], due=at, pause_until=at, accepted=False)])
    assert await claimed(line, 20 + LOOK)


@scenario("lanes", "claim", "settle")
async def a_retry_comes_after_its_own_delay(bus: Bus, shift: int) -> None:
    line = wrong(bus, shift)
    await line.write("a", 1)
    await line.settle(await line.claim(), accepted=False, due=line.clock.now + 300)
    assert await claimed(line, 300 + LOOK)


@scenario("settle")
async def an_endpoint_fails_since_no_later_than_now(bus: Bus, shift: int) -> None:
    line = wrong(bus, shift)
    await line.write("a", 2)
    await fail(line, 1)
    line.clock.now = NOW
    since = await line.deliveries.failing_since(line.lanes["a-0"])
    assert since == min(NOW + shift, NOW)


@scenario("claim_due")
async def a_subscription_is_due_again(bus: Bus, shift: int) -> None:
    due = DueSet(bus.redis, "due", 60.0, 3_600.0)
    await bus.redis.zadd("due", {"a": NOW + shift + 3_600, "b": NOW + shift})
    assert await due.claim(NOW + shift, 1) == ["b"]
    found = [*await due.claim(NOW, 9), *await due.claim(NOW + 3_600, 9)]
    assert set(found) == {"a", "b"}


@scenario("claim_works")
async def a_work_is_due_after_the_interval_of_its_band(bus: Bus, shift: int) -> None:
    due, at = DueWorks(bus.redis, "x"), NOW + shift
    async with bus.redis.pipeline() as pipe:
        due.enter(pipe, {"a": 0, "b": 1}, from_unix(at))
        await pipe.execute()
    assert await due.claim(at, 9) == {"a": 0, "b": 1}
    await due.settle({"a": 0}, {"a": Turn(0, at + LONGEST_S[0])})  # the other one is left to its lease
    assert (await due.claim(NOW, 9)).keys() <= {"a", "b"}
    assert "b" in await due.claim(NOW + LEASE_S, 9) | await due.claim(NOW + 2 * LEASE_S, 9) or shift < 0
    await due.claim(NOW + LONGEST_S[0], 9)
    assert await due.claim(NOW + LONGEST_S[0] + LEASE_S, 9) == {"a": 0, "b": 1}


@scenario("claim_pictures")
async def a_wish_is_claimed_again_after_its_own_lease(bus: Bus, shift: int) -> None:
    clock = Clock(NOW + shift)
    store = PictureStore(bus.redis, most=9, days=60, clock=lambda: from_unix(clock()))
    async with bus.redis.pipeline() as pipe:
        want(pipe, {"a": PictureWish(published=int(NOW), thumbnail="https://a.example/x.png")})
        await pipe.execute()
    assert list(await store.claim(1)) == ["a"]
    found: list[str] = []
    for seconds in (0, PICTURE_LEASE + 1, MAX_WAIT_S + 1):
        clock.now = NOW + seconds
        found += await store.claim(1)
    assert "a" in found


@scenario("enter_breaker")
async def a_breaker_pauses_for_its_own_time(bus: Bus, shift: int) -> None:
    policy = Policy(Backoff(base=10.0, cap=40.0, jitter=(1.0, 1.0)), trial=30.0)
    one, two = Breaker(bus.redis, "one", policy), Breaker(bus.redis, "two", policy)
    for breaker in (one, two):
        assert await breaker.failed(NOW + shift, None, 0.5) == 10
    assert (await one.standing(NOW)).until <= NOW + 10
    await two.enter(NOW)
    assert await two.enter(NOW + 40)
    assert await one.enter(NOW + 10)


@scenario("take_token")
async def a_token_comes_back_after_its_own_time(bus: Bus, shift: int) -> None:
    clock = Clock(NOW + shift)
    buckets, skew = SharedBuckets(bus.redis, clock), 61
    for quota in (Quota(2, 0.001), Quota.within(2, 3_600)):
        key = str(quota.evenly)
        clock.now = NOW + shift
        assert [await buckets.take(key, quota) for _ in range(2)] == [0.0, 0.0]
        clock.now = NOW
        await buckets.take(key, quota)
        clock.now = NOW + (1_000 if quota.evenly else 3_600) + skew
        assert await buckets.take(key, quota) == 0.0


@scenario("hold_lease")
async def a_lease_of_a_dead_holder_ends(bus: Bus, shift: int) -> None:
    """The time to live of a key follows the clock of the machine, which Redis stores as a moment."""
    await bus.redis.set("lease:x", "dead", px=15_000 + max(shift, 0) * 1000)
    assert await Lease(bus.redis, "x").take() <= 15
    assert await bus.redis.pttl("lease:x") <= 15_000


@scenario("claim_sources", "settle_source", "renew_sources")
async def a_source_is_due_after_its_own_wait(bus: Bus, shift: int) -> None:
    clock = Clock(NOW + shift)
    leases, others = (Leases(bus.redis, name, clock=lambda: from_unix(clock())) for name in ("one", "two"))
    await bus.redis.zadd(DUE_LIVE, {"polled": 0, "dead": 0})
    assert sorted(await leases.claim(9)) == ["dead", "polled"]
    await leases.renew(["dead"])
    await leases.settle("polled", 600)
    found: list[str] = []
    for seconds in (0, LEASE, 600):
        clock.now = NOW + seconds
        found += await others.claim(9)
        if seconds == LEASE:
            assert "dead" in found
    assert set(found) == {"dead", "polled"}


@scenario("enter_line", "silence_host")
async def a_host_is_asked_again_after_its_own_silence(bus: Bus, shift: int) -> None:
    clock = Clock(NOW + shift)
    budgets = Budgets(bus.redis, Allowance("", interval=3.0, places=1), hold=150.0, clock=clock, sleep=_sleeps(clock))
    async with budgets.spend("silent.example"), budgets.spend("host.example"):
        pass
    await budgets.silence("silent.example", 60)
    with pytest.raises(HostBusyError):
        async with budgets.spend("silent.example"):
            pass
    await bus.redis.zadd("budget:host.example:places", {"dead": (NOW + shift + 150) * 1000})
    await bus.redis.zadd("budget:host.example:line", {"gone": (NOW + shift) * 1000})
    await bus.redis.zadd("budget:host.example:seen", {"gone": (NOW + shift) * 1000})
    clock.now = NOW
    with suppress(HostBusyError):
        async with budgets.spend("silent.example"):
            pass
    with suppress(HostBusyError):
        async with budgets.spend("host.example"):
            pass
    clock.now = max(clock.now, NOW + 151)
    for host in ("silent.example", "host.example", "host.example"):
        async with budgets.spend(host):
            assert clock.now <= NOW + 300


def _sleeps(clock: Clock) -> Callable[[float], Awaitable[None]]:
    async def sleep(seconds: float) -> None:
        clock.now += seconds

    return sleep


@scenario("take_over")
async def deliveries_of_a_dead_process_are_taken_over_after_its_lease(bus: Bus, shift: int) -> None:
    line = wrong(bus, shift)
    await line.write("a", 1)
    dead = line.process("dead")
    assert await dead.claim(1)
    await bus.redis.pexpire("deliveries:alive:dead", 5_000 + max(shift, 0) * 1000)
    await line.claims.beat()
    assert await bus.redis.pttl("deliveries:alive:dead") <= 5_000


CASES: Final = {one.__name__: one for tests in SCENARIOS.values() for one in tests}


@pytest.mark.parametrize("shift", SHIFTS)
@pytest.mark.parametrize("case", CASES)
async def test_a_clock_that_is_put_right_silences_nobody(bus: Bus, case: str, shift: int) -> None:
    stored = await bus.redis.dbsize()
    await CASES[case](bus, shift)
    assert await bus.redis.dbsize() > stored
