"""Ctrl-C that always takes effect at once: for commands that may run for hours."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

from shared.tasks import cancel

T = TypeVar("T")


def interruptible(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine. Ctrl-C cancels it repeatedly until it ends, since libraries may swallow one cancellation.

    Raises:
        KeyboardInterrupt: Ctrl-C ended it.

    """
    done, result = asyncio.run(_cancelled_until_done(work))
    if not done:
        raise KeyboardInterrupt
    return result[0]


async def _cancelled_until_done(work: Coroutine[Any, Any, T]) -> tuple[bool, list[T]]:
    task = asyncio.create_task(work)
    stops: list[asyncio.Task[None]] = []

    def interrupt() -> None:
        stops.append(asyncio.create_task(cancel([task])))

    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupt)
    await asyncio.wait([task])
    if stops and (task.cancelled() or task.exception()):
        return False, []
    return True, [task.result()]
