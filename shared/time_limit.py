"""Limits on the time of a step, and functions in threads that can be given up with it.

A limit counts what a step takes by itself: waiting for Redis, Qdrant or the embedding model does not count.
`asyncio.to_thread` runs in a pool: a function that never ends keeps a place of it for ever, and the interpreter waits
for it at its end. Here each call has a daemon thread of its own.
"""

import asyncio
import contextlib
import contextvars
import ctypes
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextvars import ContextVar
from functools import partial
from typing import Final, TypeVar

from shared.watchdog import end_process

T = TypeVar("T")
INSIST_S: Final = 1.0
"""Seconds after which a thread that goes on is interrupted again: a library may have caught the first interruption."""
LINGER_S: Final = 60.0
"""Seconds that an interrupted thread may go on: by then the entry that it worked on is a dead letter."""


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


class _Interrupted(SystemExit):
    """Raised in a thread whose result nobody wants any more; `threading` prints nothing about a SystemExit."""


async def in_thread(work: Callable[..., T], *arguments: object) -> T:
    """Call a function in a thread of its own, and return its result; raises what it raises.

    When the caller is cancelled, the thread is interrupted at its next instruction of Python. One that does not end
    in a minute, as it is in a library written in C, cannot be ended without the process: the process ends.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()
    call = partial(contextvars.copy_context().run, work, *arguments)
    thread = threading.Thread(target=_run, args=(call, result), name=getattr(work, "__qualname__", "work"), daemon=True)
    thread.start()
    try:
        return await result
    except asyncio.CancelledError:
        _interrupt(thread, loop.time() + LINGER_S)
        raise


def _run(call: Callable[[], T], result: "asyncio.Future[T]") -> None:
    try:
        value = call()
    except BaseException as error:  # noqa: BLE001  # it is the caller's
        _tell(result, partial(result.set_exception, error))
    else:
        _tell(result, partial(result.set_result, value))


def _tell(result: "asyncio.Future[T]", tell: Callable[[], None]) -> None:
    def unless_cancelled() -> None:
        if not result.done():
            tell()

    with contextlib.suppress(RuntimeError):  # the loop has ended
        result.get_loop().call_soon_threadsafe(unless_cancelled)


def _interrupt(thread: threading.Thread, deadline: float) -> None:
    loop = asyncio.get_running_loop()
    if not thread.is_alive():
        return
    if loop.time() >= deadline:
        end_process(f"the thread of {thread.name} does not end")
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(_Interrupted))
    loop.call_later(INSIST_S, _interrupt, thread, deadline)
