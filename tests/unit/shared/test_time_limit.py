"""Limits on the time that a step takes by itself."""

import asyncio

import pytest

from shared.time_limit import TookTooLongError, time_limit, uncounted

LIMIT_S = 0.3


async def test_a_block_that_takes_too_long_is_cancelled() -> None:
    with pytest.raises(TookTooLongError, match=r"took more than 0\.3 seconds"):
        async with time_limit(LIMIT_S):
            await asyncio.Event().wait()


async def test_an_error_of_the_block_is_its_own() -> None:
    with pytest.raises(TimeoutError, match="its own"):
        async with time_limit(LIMIT_S):
            raise TimeoutError("its own")


async def test_waiting_for_what_all_share_does_not_count() -> None:
    """INVARIANT: also in tasks of the block, and several at once."""

    async def wait(limits: float) -> None:
        with uncounted():
            await asyncio.sleep(limits * LIMIT_S)

    done = None
    async with time_limit(LIMIT_S):
        done = list(await asyncio.gather(wait(0.1), wait(3), wait(4)))
    assert done == [None] * 3


async def test_what_follows_a_wait_has_the_limit_again() -> None:
    async def wait_and_go_on() -> None:
        with uncounted():
            await asyncio.sleep(2 * LIMIT_S)
        await asyncio.Event().wait()

    with pytest.raises(TookTooLongError):
        async with time_limit(LIMIT_S):
            await wait_and_go_on()


async def test_a_task_that_outlives_its_block_changes_nothing() -> None:
    async def wait() -> None:
        with uncounted():
            await asyncio.sleep(2 * LIMIT_S)

    async with time_limit(LIMIT_S):
        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
    await task
    assert task.exception() is None


async def test_without_a_limit_nothing_is_stopped() -> None:
    reached = False
    with uncounted():
        await asyncio.sleep(0)
        reached = True
    assert reached
