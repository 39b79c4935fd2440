"""A limit on the time that a step takes by itself: waiting for Qdrant or for the embedding model does not count."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar


class TookTooLongError(Exception):
    """A step took longer than its limit, and was cancelled."""


class _Limit:
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._pauses = 0
        self._ended = False
        self.timeout = asyncio.timeout(seconds)

    def pause(self) -> None:
        self._pauses += 1
        self._set(None)

    def resume(self) -> None:
        self._pauses -= 1
        if not self._pauses:
            self._set(asyncio.get_running_loop().time() + self._seconds)

    def end(self) -> None:
        self._ended = True

    def _set(self, moment: float | None) -> None:
        if not (self._ended or self.timeout.expired()):
            self.timeout.reschedule(moment)


_current: ContextVar[_Limit | None] = ContextVar("time_limit", default=None)


@contextlib.asynccontextmanager
async def time_limit(seconds: float) -> AsyncIterator[None]:
    """Cancel the block after `seconds`, which begin again after each `uncounted` part.

    Raises:
        TookTooLongError: the block was cancelled.

    """
    limit = _Limit(seconds)
    token = _current.set(limit)
    try:
        async with limit.timeout:
            yield
    except TimeoutError as error:
        if not limit.timeout.expired():
            raise
        message = f"took more than {seconds:g} seconds"
        raise TookTooLongError(message) from error
    finally:
        limit.end()
        _current.reset(token)


@contextlib.contextmanager
def uncounted() -> Iterator[None]:
    """Stop the clock of the limit around this task, if there is one: the block waits for something that all share."""
    limit = _current.get()
    if limit is None:
        yield
        return
    limit.pause()
    try:
        yield
    finally:
        limit.resume()
