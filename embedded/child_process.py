"""A child process that is ready when ``start`` returns, gone when ``stop`` returns, and never outlives its parent."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from embedded.errors import DataDamaged, DataDirError, StartFailed

WRAPPER = Path(__file__).with_name("die_with_parent.py")
PROBE_SECONDS = 0.005
TERM_SECONDS = 1.5
LOG_TAIL_BYTES = 2_000
LOG_BYTES = 10 * 1024 * 1024
LOGS_KEPT = 3
DAMAGED_STATUS = os.EX_DATAERR
"""The exit status of a child of ours whose data is damaged; the last line of its log says what to do."""

LONG_START_SECONDS = 600.0
"""How long a server may take to load much data."""

Probe = Callable[[], Awaitable[bool]]
log = logging.getLogger("embedded")


class Child:
    """One child process; what it prints goes to the file ``log``, and that of its runs before to ``….1`` and so on.

    Call ``start`` from a thread that lives as long as the child should (that of the event loop does): on Linux the
    kernel ties a child to the thread that created it.
    """

    def __init__(
        self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self._name = name
        self._command = command
        self._log = log
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The process id; None before ``start``."""
        return self._process.pid if self._process else None

    async def start(self, ready: Probe, timeout_seconds: float = 30.0, longest_seconds: float = 0.0) -> None:
        """Start, and return once ``ready`` says so; after each ``timeout_seconds`` log that it still starts.

        Raises:
            StartFailed: it ended, or was not ready in time, nor in ``longest_seconds``, if that is longer; the message
                holds the end of its log.
            DataDirError: its log cannot be written.
        """
        self._process = await self._launch()
        try:
            await self._until_ready(ready, self._process, timeout_seconds, longest_seconds)
        except BaseException:
            await self.stop()
            raise

    async def _until_ready(
        self, ready: Probe, process: asyncio.subprocess.Process, seconds: float, longest: float
    ) -> None:
        waited = 0.0
        while not await self._ready_within(ready, process, seconds):
            waited += seconds
            if waited >= longest:
                raise StartFailed(self._failure(f"was not ready after {waited:g} s"))
            log.warning("%s still starts after %g s; it may take up to %g s", self._name, waited, longest)

    async def _ready_within(self, ready: Probe, process: asyncio.subprocess.Process, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._until(ready, process)
        except TimeoutError:
            return False
        return True

    async def wait(self) -> int:
        """Wait until it ends, for whatever reason; return its exit status (negative: the signal that ended it)."""
        if self._process is None:
            raise StartFailed(f"{self._name} has not been started.")
        return await self._process.wait()

    async def stop(self) -> None:
        """End it within two seconds: SIGTERM, then SIGKILL. One that has ended is left alone."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(TERM_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def kill(self) -> None:
        """End it with SIGKILL, if it runs; `wait` returns then."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    def rotate(self, limit: int = LOG_BYTES) -> bool:
        """Copy a log over ``limit`` bytes to ``….1`` and empty it; return whether it was. The child goes on writing."""
        try:
            if self._log.stat().st_size <= limit:
                return False
            self._keep_last()
            os.truncate(self._log, 0)
        except OSError:  # a full disk: tried again the next time
            return False
        return True

    def _keep_last(self) -> None:
        """Keep a copy of the log, and of those before it."""
        names = [self._log.with_name(f"{self._log.name}.{number}") for number in range(1, LOGS_KEPT + 1)]
        for older, newer in zip(reversed(names), reversed(names[:-1]), strict=False):
            if newer.exists():
                newer.replace(older)
        shutil.copyfile(self._log, names[0])

    async def _launch(self) -> asyncio.subprocess.Process:
        wrapper = (sys.executable, "-I", "-S", str(WRAPPER), str(os.getpid()))
        try:
            if self._log.exists() and self._log.stat().st_size:
                self._keep_last()
            self._log.write_bytes(b"")
            log = self._log.open("ab")  # so that it can be emptied while it is written
        except OSError as error:
            raise DataDirError(f"The log {self._log} cannot be written: {error.strerror}.") from error
        with log:
            # A session of its own keeps the terminal's Ctrl-C away: the parent drains first, and stops it after.
            return await asyncio.create_subprocess_exec(
                *wrapper,
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=self._environment,
            )

    async def _until(self, ready: Probe, process: asyncio.subprocess.Process) -> None:
        while not await ready():
            if process.returncode == DAMAGED_STATUS:
                raise DataDamaged(self._log.read_text(errors="replace").strip().splitlines()[-1])
            if process.returncode is not None:
                raise StartFailed(self._failure(f"ended with status {process.returncode}"))
            await asyncio.sleep(PROBE_SECONDS)

    def _failure(self, what: str) -> str:
        tail = self._log.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace").strip()
        return f"{self._name} {what}; its log {self._log} ends:\n{tail or '(nothing)'}"
