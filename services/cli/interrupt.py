"""Ctrl-C that is heard the first time: for commands that may run for hours."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

from shared.tasks import cancel

T = TypeVar("T")


def interruptible(work: Coroutine[Any, Any, T]) -> T:
    """Run some work to its end. Ctrl-C cancels it until it is done, since one cancellation may be swallowed on its way.

    Raises:
        KeyboardInterrupt: it was interrupted.

    """
    done, result = asyncio.run(_insisting(work))
    if not done:
        raise KeyboardInterrupt
    return result[0]


async def _insisting(work: Coroutine[Any, Any, T]) -> tuple[bool, list[T]]:
    task = asyncio.create_task(work)
    stops: list[asyncio.Task[None]] = []

    def interrupt() -> None:
        stops.append(asyncio.create_task(cancel([task])))

    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupt)
    await asyncio.wait([task])
    if stops and (task.cancelled() or task.exception()):
        return False, []
    return True, [task.result()]
