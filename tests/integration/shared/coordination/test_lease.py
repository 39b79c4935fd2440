"""Leases in a real Redis."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from shared.bus import open_redis
from shared.coordination.lease import Lease


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator["Redis[bytes]"]:
    opened = open_redis(redis_url)
    yield opened
    await opened.aclose()


async def test_a_lease_has_one_holder_and_others_learn_the_wait(redis: "Redis[bytes]") -> None:
    one, other = Lease(redis, "x", 10.0), Lease(redis, "x", 10.0)
    waits = sorted(await asyncio.gather(one.take(), other.take()))
    assert waits[0] == 0.0
    assert 9 < waits[1] <= 10
    assert await Lease(redis, "y").take() == 0.0


async def test_a_lease_can_be_renewed_released_and_taken_again(redis: "Redis[bytes]") -> None:
    one, other = Lease(redis, "x", 10.0), Lease(redis, "x", 10.0)
    assert (await one.take(), await one.take()) == (0.0, 0.0)
    assert not await other.release(), "it is not the other's"
    assert await one.release()
    assert await other.take() == 0.0
    assert not await one.release()
    assert await redis.exists("lease:x")


async def test_a_lease_ends_by_itself(redis: "Redis[bytes]") -> None:
    assert await Lease(redis, "x", 0.05).take() == 0.0
    while await redis.exists("lease:x"):
        await asyncio.sleep(0.01)
    assert await Lease(redis, "x").take() == 0.0


async def test_a_kept_lease_outlives_its_time_and_is_released_in_the_end(redis: "Redis[bytes]") -> None:
    lease, other = Lease(redis, "x", 0.3), Lease(redis, "x", 0.3)
    assert await lease.take() == 0.0
    async with lease.kept():
        for _ in range(12):
            assert await other.take() > 0
            await asyncio.sleep(0.05)
    assert await other.take() == 0.0


async def test_a_cancelled_block_stays_cancelled(redis: "Redis[bytes]") -> None:
    begun = asyncio.Event()

    async def work() -> None:
        lease = Lease(redis, "x")
        await lease.take()
        async with lease.kept():
            begun.set()
            await asyncio.sleep(20)

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not await redis.exists("lease:x")
