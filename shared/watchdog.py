"""Ends this process when it is stuck, or does not end in time after it was told to; its supervisor starts it again.

A thread watches the event loop. A child process (`shared/freeze_guard.py`) watches that thread. Both count ticks, so
time in which the whole machine or this process is stopped does not count.
"""

import asyncio
import atexit
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, NoReturn

import structlog

from shared import freeze_guard
from shared.errors import ConfigurationError

TICK_S: Final = 1.0
BLOCKED_TICKS: Final = 30
"""A loop that is busy is late by seconds at most: everything heavy runs in threads and other processes."""
STOP_TICKS: Final = 8
"""Docker, systemd and Kubernetes wait for 10 s or longer before they send SIGKILL."""
STUCK_STATUS: Final = os.EX_SOFTWARE
log = structlog.get_logger("watchdog")


def end_process(reason: str, status: int = STUCK_STATUS) -> NoReturn:
    """End this process at once: no thread can hold it. What is pending in Redis is reclaimed."""
    log.critical("process ended", reason=reason, status=status)
    _exit(status)


def leave(status: int) -> NoReturn:
    """End this process after its work: to destroy what an instance has in memory takes the interpreter up to a second.

    Functions that are registered with `atexit` are called. Threads that still run are not waited for.
    """
    atexit._run_exitfuncs()  # noqa: SLF001  # there is no public way
    _exit(status)


def _exit(status: int) -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)


@contextlib.asynccontextmanager
async def process_lifetime(tick: float = TICK_S) -> AsyncIterator[asyncio.Event]:
    """Watch the process for the time of the block; yield an event that SIGINT and SIGTERM set.

    The process ends `STOP_TICKS` after the event or the block, whatever its threads do: with status 0 if a signal came.
    `tick` is in seconds.
    """
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    watchdog = _Watchdog(loop, tick)

    def stopping() -> None:
        watchdog.stopping(0)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping)
    try:
        yield stop
    except BaseException as error:
        watchdog.stopping(2 if isinstance(error, ConfigurationError) else 1)
        raise
    watchdog.stopping(0)


class _Watchdog:
    """The thread; it never ends by itself, as threads are waited for until the very end of a process."""

    def __init__(self, loop: asyncio.AbstractEventLoop, tick: float) -> None:
        self._loop = loop
        self._tick = tick
        self._silent = 0
        self._status: int | None = None
        self._owner = threading.get_ident()
        # Before any work can lock the interpreter, which would keep the thread from starting the guard.
        self._guard = _start_guard(tick)
        self._beat()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def stopping(self, status: int) -> None:
        """Give the process `STOP_TICKS` to end; `status` is its exit status if it has to be ended."""
        if self._status is None:
            self._status = status

    def _beat(self) -> None:
        self._silent = 0
        self._loop.call_later(self._tick / 2, self._beat)

    def _watch(self) -> None:
        left = STOP_TICKS
        while left:
            time.sleep(self._tick)
            stopping = self._status is not None
            self._tell_guard()
            self._silent += 1
            left -= stopping
            if self._silent > BLOCKED_TICKS and not stopping:
                end_process(f"the event loop was blocked for {BLOCKED_TICKS * self._tick:g} s in {self._place()}")
        end_process(f"it did not stop in {STOP_TICKS * self._tick:g} s", self._status or 0)

    def _tell_guard(self) -> None:
        assert self._guard.stdin  # noqa: S101  # a pipe was asked for
        with contextlib.suppress(OSError):  # the guard was killed
            os.write(self._guard.stdin.fileno(), b".")

    def _place(self) -> str:
        """Return where the loop is."""
        frame = sys._current_frames().get(self._owner)  # noqa: SLF001  # documented, for this use
        stack = traceback.extract_stack(frame)
        return f"{stack[-1].name} ({stack[-1].filename}:{stack[-1].lineno})"


def _start_guard(tick: float) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-I", "-S", str(Path(freeze_guard.__file__)), str(os.getpid()), f"{tick}"]
    guard = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)  # noqa: S603  # our own
    assert guard.stdin  # noqa: S101  # a pipe was asked for
    os.set_blocking(guard.stdin.fileno(), False)
    return guard
