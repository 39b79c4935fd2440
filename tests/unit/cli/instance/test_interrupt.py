"""Ctrl-C ends a long command, also where its first cancellation is swallowed on the way."""

import asyncio
import os
import signal

import pytest

from services.cli.instance.interrupt import interruptible


async def deaf(times: int) -> None:
    """Interrupt this process, and do not hear of it so many times."""
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(times):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            continue
    await asyncio.Event().wait()


@pytest.mark.parametrize("times", (0, 1, 2))
def test_an_interrupted_command_ends(times: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        interruptible(deaf(times))


def test_the_result_and_the_exception_of_a_command_are_passed_on() -> None:
    async def seven() -> int:
        return 7

    async def fails() -> None:
        raise ValueError("no")

    assert interruptible(seven()) == 7
    with pytest.raises(ValueError, match="no"):
        interruptible(fails())
