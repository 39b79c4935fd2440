"""Group commit: one run of a slow action for all that wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class GroupCommit:
    """Runs an action, such as a sync of a disk, once at a time. Those that ask meanwhile share the next run."""

    def __init__(self, action: Callable[[], Awaitable[None]]) -> None:
        self._action = action
        self._waiting: list[asyncio.Future[None]] = []
        self._task: asyncio.Task[None] | None = None

    async def done(self) -> None:
        """Return once a run has ended that began after this call; raise what it raised."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        await waiter

    async def _run(self) -> None:
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            failure: Exception | None = None
            try:
                await self._action()
            except Exception as error:  # noqa: BLE001  # it is raised where it is awaited
                failure = error
            for waiter in waiting:
                if waiter.done():  # its caller was cancelled
                    continue
                if failure:
                    waiter.set_exception(failure)
                else:
                    waiter.set_result(None)
        self._task = None
