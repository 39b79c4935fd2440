"""Circuit breakers in a real Redis."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from shared.bus import open_redis
from shared.coordination.breaker import Breaker, Policy, Standing
from shared.moments import Backoff

POLICY = Policy(Backoff(base=10.0, cap=40.0, jitter=(1.0, 1.0)), longest_named=100.0, trial=30.0)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator["Redis[bytes]"]:
    opened = open_redis(redis_url)
    yield opened
    await opened.aclose()


async def test_a_breaker_opens_for_all_and_lets_one_try_again(redis: "Redis[bytes]") -> None:
    one, other = Breaker(redis, "x", POLICY), Breaker(redis, "x", POLICY)
    assert await one.enter(0.0)
    assert await one.failed(0.0, None, 0.5) == 10
    assert not await other.enter(9.0)
    entered = await asyncio.gather(*(breaker.enter(10.0) for breaker in (one, other, one)))
    assert sorted(entered) == [False, False, True]
    assert await other.enter(40.0), "the one that tried was killed"
    await other.succeeded()
    assert await one.standing(40.0) == Standing()
    assert all([await one.enter(41.0), await other.enter(41.0)])


async def test_the_pause_grows_and_retry_after_is_respected(redis: "Redis[bytes]") -> None:
    breaker = Breaker(redis, "x", POLICY)
    assert [await breaker.failed(0.0, None, 0.5) for _ in range(4)] == [10, 20, 40, 40]
    assert await breaker.failed(0.0, 70.0, 0.5) == 70
    assert await breaker.failed(0.0, 1e9, 0.5) == 100
    assert await breaker.standing(0.0) == Standing(6, 100.0)
