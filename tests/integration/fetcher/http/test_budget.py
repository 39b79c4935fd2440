"""The budgets of hosts on a real Redis; time is moved by hand, as far as somebody waits."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest

from services.fetcher.http.polite import GONE_MS, PATIENCE_S, Allowance, Budgets, HostBusyError
from services.fetcher.sources.registry import ALLOWANCES
from shared.bus import open_redis
from tests.support import until

DEFAULT = Allowance("", interval=0.5, places=2)
ARXIV = ALLOWANCES["arxiv.org"]


class Time:
    """Time that passes when everybody waits: the next sleeper is woken at its moment."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []
        self._count = 0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self._count += 1
        event = asyncio.Event()
        sleeper = (self.now + seconds, self._count, event)
        heapq.heappush(self._sleepers, sleeper)
        try:
            await event.wait()
        except asyncio.CancelledError:
            self._sleepers.remove(sleeper)
            heapq.heapify(self._sleepers)
            raise

    @property
    def asleep(self) -> int:
        return len(self._sleepers)

    async def run(self, *tasks: asyncio.Task[Any]) -> None:
        """Let time pass until the tasks are done: it passes while all of them sleep, and not while one asks Redis."""
        while pending := sum(not task.done() for task in tasks):
            if len(self._sleepers) >= pending:
                self.now, _, event = heapq.heappop(self._sleepers)
                event.set()
            await asyncio.sleep(0.001)
        await asyncio.gather(*tasks)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Any]:
    client = open_redis(redis_url)
    yield client
    await client.aclose()


def budgets(redis: Any, time: Time, **fields: Any) -> Budgets:
    return Budgets(redis, DEFAULT, ALLOWANCES, clock=time, sleep=time.sleep, **fields)


async def ask(budgets: Budgets, host: str, time: Time, starts: list[Any], *, name: Any = None, long: float = 0) -> None:
    async with budgets.spend(host):
        starts.append((round(time() - 1_700_000_000.0, 2), name or host))
        if long:
            await time.sleep(long)


async def test_the_arxiv_interfaces_share_one_budget_across_processes(redis: Any, time: Time) -> None:
    """INVARIANT: arXiv is asked once in three seconds over one connection, whoever asks, by whichever interface."""
    starts: list[Any] = []
    hosts = ("rss.arxiv.org", "export.arxiv.org", "oaipmh.arxiv.org") * 3
    processes = [budgets(redis, time) for _ in range(3)]
    tasks = [asyncio.create_task(ask(processes[number % 2], host, time, starts)) for number, host in enumerate(hosts)]
    await time.run(*tasks)
    moments = sorted(moment for moment, _ in starts)
    assert len(moments) == 9
    assert all(later - earlier >= 3.0 for earlier, later in pairwise(moments))
    assert moments[-1] < 9 * 3 + 3, "and no slower than that"


async def test_one_connection_at_a_time(redis: Any, time: Time) -> None:
    starts: list[Any] = []
    one = budgets(redis, time)
    slow = asyncio.create_task(ask(one, "oaipmh.arxiv.org", time, starts, long=40))
    await until(lambda: starts)
    quick = asyncio.create_task(ask(one, "rss.arxiv.org", time, starts))
    await time.run(slow, quick)
    assert starts[1][0] >= 40


async def test_hosts_do_not_wait_for_each_other(redis: Any, time: Time) -> None:
    starts: list[Any] = []
    one = budgets(redis, time)
    tasks = [asyncio.create_task(ask(one, f"{n}.example", time, starts, long=30)) for n in range(20)]
    await until(lambda: len(starts) == 20)
    await time.run(*tasks)
    assert {moment for moment, _ in starts} == {0.0}


async def test_a_yielding_request_lets_all_others_go_first(redis: Any, time: Time) -> None:
    """INVARIANT: a backfill never takes the turn of a live poll that waits."""
    starts: list[Any] = []
    live, behind = budgets(redis, time), budgets(redis, time, yielding=True)
    first = asyncio.create_task(ask(live, "rss.arxiv.org", time, starts, name="live"))
    await asyncio.wait([first])
    harvest = asyncio.create_task(ask(behind, "oaipmh.arxiv.org", time, starts, name="backfill"))
    await until(lambda: time.asleep == 1)
    polls = [asyncio.create_task(ask(live, "rss.arxiv.org", time, starts, name="live")) for _ in range(4)]
    await until(lambda: time.asleep == 5)
    await time.run(harvest, *polls)
    assert [name for _, name in starts] == ["live"] * 5 + ["backfill"]


async def test_a_long_queue_keeps_its_order_across_waits(redis: Any, time: Time) -> None:
    """Those who would wait for more than a minute are told when, each another moment."""
    starts: list[Any] = []
    one = budgets(redis, time)
    published: list[float] = []

    async def come_back() -> None:
        try:
            await ask(one, "rss.arxiv.org", time, starts)
        except HostBusyError as error:
            published.append(time() + (error.retry_after or 0))

    begun = time()
    await time.run(*(asyncio.create_task(come_back()) for _ in range(60)))
    assert len(starts) + len(published) == 60
    assert len(published) >= 30
    assert min(published) >= begun + PATIENCE_S
    assert max(published) - min(published) >= ARXIV.interval * (len(published) - 1) * 0.9


class Late(Time):
    """Time in which everybody wakes up a moment after it was meant to."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds + 0.1)


@pytest.mark.parametrize(("slack", "most"), ((0.25, 4.7), (0.0, 5.5)))
async def test_a_late_request_does_not_slow_the_queue(redis: Any, slack: float, most: float) -> None:
    """INVARIANT: however busy we are, a line takes as long as it should; where there is no slack, it takes longer."""
    time, starts = Late(), list[Any]()
    one = Budgets(redis, Allowance("", interval=0.5, places=2, slack=slack), clock=time, sleep=time.sleep)
    await time.run(*(asyncio.create_task(ask(one, "line.example", time, starts)) for _ in range(10)))
    moments = sorted(moment for moment, _ in starts)
    assert moments[-1] <= most
    assert all(later - earlier >= 0.499 - slack for earlier, later in pairwise(moments))
    assert moments[-1] >= 9 * 0.5, "nor does it take less"


async def test_a_request_without_a_queue_waits_the_whole_interval(redis: Any, time: Time) -> None:
    starts: list[Any] = []
    one = Budgets(redis, Allowance("", interval=0.5, places=2, slack=0.25), clock=time, sleep=time.sleep)
    await ask(one, "idle.example", time, starts)
    time.now += 0.7
    await time.run(*(asyncio.create_task(ask(one, "idle.example", time, starts)) for _ in range(2)))
    moments = sorted(moment for moment, _ in starts)
    assert moments[2] - moments[1] >= 0.499


async def test_a_quiet_period_holds_for_all_processes(redis: Any, time: Time) -> None:
    await budgets(redis, time).silence("rss.arxiv.org", 600)
    with pytest.raises(HostBusyError, match="are paused for 600 s") as caught:
        await ask(budgets(redis, time), "export.arxiv.org", time, [])
    assert caught.value.retry_after == 600
    time.now += 601
    starts: list[Any] = []
    await ask(budgets(redis, time), "export.arxiv.org", time, starts)
    assert len(starts) == 1


async def test_the_clock_is_that_of_redis(redis: Any) -> None:
    """INVARIANT: fetchers on hosts whose clocks differ share one budget: no moment in it comes from a fetcher."""
    one = Budgets(redis, DEFAULT, ALLOWANCES)
    seconds, _ = await redis.time()
    async with one.spend("rss.arxiv.org"):
        places = await redis.zrange("budget:arxiv.org:places", 0, -1, withscores=True)
    await one.silence("rss.arxiv.org", 600)
    after, _ = await redis.time()
    free, quiet = (
        int(moment.split()[0]) / 1000 for moment in await redis.mget("budget:arxiv.org:free", "budget:arxiv.org:quiet")
    )
    assert seconds <= places[0][1] / 1000 - 150 <= after + 1
    assert seconds <= free - ARXIV.interval <= after + 1
    assert seconds <= quiet - 600 <= after + 1


async def test_a_killed_process_returns_its_place(redis: Any, time: Time) -> None:
    """INVARIANT: neither a place nor a place in line is lost for ever."""
    now = int(time() * 1000)
    await redis.zadd("budget:arxiv.org:places", {"killed": now + 150_000})
    await redis.zadd("budget:arxiv.org:line", {"killed too": 1})
    await redis.zadd("budget:arxiv.org:seen", {"killed too": now - GONE_MS - 1})
    starts: list[Any] = []
    task = asyncio.create_task(ask(budgets(redis, time), "rss.arxiv.org", time, starts))
    await time.run(task)
    assert 150 <= starts[0][0] < 170


async def test_a_cancelled_request_leaves_the_queue(redis: Any, time: Time) -> None:
    one = budgets(redis, time)
    starts: list[Any] = []
    holder = asyncio.create_task(ask(one, "rss.arxiv.org", time, starts, long=20))
    await until(lambda: starts)
    waiting = asyncio.create_task(ask(one, "rss.arxiv.org", time, starts))
    await until(lambda: time.asleep == 2)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert await redis.zcard("budget:arxiv.org:line") == 0
    await time.run(holder)
    assert await redis.zcard("budget:arxiv.org:places") == 0
