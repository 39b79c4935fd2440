"""Reliable cancellation of background tasks."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any

INSIST_S = 0.2


async def cancel(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait until they are done.

    One cancellation may be swallowed by a client library that turns it into a connection error at the wrong moment
    (redis-py does, seen under load), so it is said again.
    """
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=INSIST_S)


async def finish(work: Coroutine[Any, Any, None]) -> None:
    """Run work to its end although the caller is cancelled meanwhile; raise the cancellation afterwards."""
    task, cancelled = asyncio.create_task(work), False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            cancelled = True
    task.result()
    if cancelled:
        raise asyncio.CancelledError
