"""Signs of life: a service that is frozen is named by the others, with the time of its last sign."""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta

import pytest

from shared.bus import Bus, open_redis
from shared.bus.heartbeats import KEY, MISSES, Heartbeats
from shared.papers.streams import FETCHED
from shared.settings import Settings
from tests.support import until

PROCESS = """
import asyncio, sys
from pathlib import Path
from shared.bus import Bus, open_redis
from shared.settings import Settings

async def run():
    redis = open_redis(sys.argv[1])
    await Bus(Settings.load(redis_url=sys.argv[1], data_dir=Path(sys.argv[2])), redis, probe=0.05).start(["enricher"])
    await asyncio.Event().wait()

asyncio.run(run())
"""
MORNING = datetime(2026, 3, 4, 8, 15, 2, tzinfo=UTC)


class Days:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = MORNING

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def clock() -> Days:
    """The clock of both processes."""
    return Days()


def pair(bus: Bus, clock: Days) -> tuple[Heartbeats, Heartbeats]:
    """Make the signs of two processes."""
    one, other = Heartbeats(bus.redis, clock), Heartbeats(bus.redis, clock)
    one.services, other.services = ["enricher", "indexer"], ["notifier"]
    return one, other


async def looks(of: Heartbeats, times: int) -> str | None:
    """Look several times, as a process that lives does."""
    for _ in range(times):
        await of.beat()
        await of.look()
    return of.trouble


async def test_services_without_a_sign_are_named_until_the_next_one(bus: Bus, clock: Days) -> None:
    """INVARIANT: a service is late after some looks without a sign, and not one look earlier."""
    one, other = pair(bus, clock)
    await one.beat()
    assert await looks(other, MISSES) is None
    late = "no sign of life of enricher since 2026-03-04 08:15:03 UTC, indexer since 2026-03-04 08:15:03 UTC"
    assert await looks(other, 1) == late
    await one.beat()
    assert await looks(other, 1) is None


async def test_a_service_of_which_another_process_lives_is_not_late(bus: Bus, clock: Days) -> None:
    one, other = pair(bus, clock)
    third = Heartbeats(bus.redis, clock)
    third.services = ["enricher", "indexer"]
    await one.beat()
    for _ in range(2 * MISSES):
        await third.beat()
        assert await looks(other, 1) is None


async def test_a_service_that_was_stopped_is_not_late(bus: Bus, clock: Days) -> None:
    one, other = pair(bus, clock)
    await one.beat()
    await other.look()
    await one.stop()
    assert await looks(other, 2 * MISSES) is None


async def test_a_clock_that_is_set_makes_nobody_late(bus: Bus, clock: Days) -> None:
    one, other = pair(bus, clock)
    for step in (timedelta(minutes=-30), timedelta(days=1)):
        clock.now += step
        await one.beat()
        assert await looks(other, 1) is None


@pytest.mark.parametrize("sign", ["2026-02-25T08:15:02.000+00:00", "yesterday", "2026-03-04", b"\xff"])
async def test_an_old_sign_and_what_is_none_are_dropped(bus: Bus, clock: Days, sign: str | bytes) -> None:
    """INVARIANT: what somebody wrote into the hash keeps no process from being ready for ever."""
    _, other = pair(bus, clock)
    await bus.redis.hset(KEY, "gone", sign)
    assert await looks(other, 2 * MISSES) is None
    assert await bus.redis.hkeys(KEY) == [b"notifier"]


async def test_a_frozen_process_makes_the_others_not_ready(settings: Settings) -> None:
    """INVARIANT: a process that is stopped by SIGSTOP is named by another one, until it goes on."""
    redis = open_redis(settings.redis_url)
    bus = Bus(settings, redis, probe=0.2)
    bus.produce(FETCHED)
    await bus.start(["notifier"])
    frozen = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROCESS, settings.redis_url, str(settings.data_dir)
    )
    try:
        await until(lambda: redis.hexists(KEY, "enricher"))
        os.kill(frozen.pid, signal.SIGSTOP)
        assert (await until(lambda: bus.trouble)).startswith("no sign of life of enricher since 20")
        os.kill(frozen.pid, signal.SIGCONT)
        await until(lambda: bus.trouble is None)
    finally:
        frozen.kill()
        await frozen.wait()
        await bus.stop()
        await redis.aclose()
