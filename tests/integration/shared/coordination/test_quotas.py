"""Token buckets in a real Redis."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from shared.bus import open_redis
from shared.coordination.quotas import Quota, SharedBuckets


class Clock:
    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator["Redis[bytes]"]:
    opened = open_redis(redis_url)
    yield opened
    await opened.aclose()


async def test_a_bucket_is_shared_and_refills_evenly(redis: "Redis[bytes]") -> None:
    clock, quota = Clock(), Quota(3, 0.5)
    one, other = SharedBuckets(redis, clock), SharedBuckets(redis, clock)
    assert [await buckets.take("x", quota) for buckets in (one, other, one)] == [0.0, 0.0, 0.0]
    assert await other.take("x", quota) == pytest.approx(2.0, abs=0.002)
    assert await one.take("y", quota) == 0.0, "another key is another bucket"
    clock.now += 1
    assert await one.take("x", quota) == pytest.approx(1.0, abs=0.002)
    clock.now += 1.01
    assert await one.take("x", quota) == 0.0
    assert await one.left("x", quota, clock.now + 4) == 2
    assert await one.left("none", quota, clock.now) == 3


async def test_a_window_quota_refills_at_once(redis: "Redis[bytes]") -> None:
    clock, quota = Clock(), Quota.within(2, 60)
    buckets = SharedBuckets(redis, clock)
    assert quota.seconds == 60
    assert [await buckets.take("x", quota) for _ in range(2)] == [0.0, 0.0]
    clock.now += 59
    assert await buckets.take("x", quota) == pytest.approx(1.0, abs=0.002)
    clock.now += 1.01
    assert [await buckets.take("x", quota) for _ in range(2)] == [0.0, 0.0]
    assert await buckets.take("x", quota) > 59


async def test_differing_clocks_create_no_tokens(redis: "Redis[bytes]") -> None:
    clock, behind, quota = Clock(), Clock(1_800_000_000.0 - 15), Quota(2, 0.1)
    one, other = SharedBuckets(redis, clock), SharedBuckets(redis, behind)
    assert (await one.take("x", quota), await other.take("x", quota)) == (0.0, 0.0)
    assert all([await buckets.take("x", quota) > 0 for buckets in (one, other, one, other)])


async def test_concurrent_callers_get_no_more_tokens_than_there_are(redis: "Redis[bytes]") -> None:
    """INVARIANT: a token is given once. The time is that of Redis."""
    buckets, quota = SharedBuckets(redis), Quota(5, 0.001)
    waits = await asyncio.gather(*(buckets.take("x", quota) for _ in range(20)))
    assert waits.count(0.0) == 5


@pytest.mark.parametrize("quota", (Quota(10, 1.0), Quota.within(10, 10)))
async def test_an_unused_bucket_expires(redis: "Redis[bytes]", quota: Quota) -> None:
    await SharedBuckets(redis).take("x", quota)
    assert 10 < await redis.ttl("x") <= 70
