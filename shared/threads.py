"""Functions in threads that can be given up.

`asyncio.to_thread` runs in a pool: a function that never ends keeps a place of it for ever, and the interpreter waits
for it at its end. Here each call has a daemon thread of its own.
"""

import asyncio
import contextlib
import contextvars
import ctypes
import threading
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from shared.watchdog import end_process

T = TypeVar("T")
INSIST_S: Final = 1.0
"""Seconds after which a thread that goes on is interrupted again: a library may have caught the first interruption."""
LINGER_S: Final = 60.0
"""Seconds that an interrupted thread may go on: by then the entry that it worked on is a dead letter."""


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
