"""The process that writes messages, as this one sees it: started when the first is wanted, asked for many at once.

In a thread of this process the writing would hold the interpreter whenever the event loop wants it back, which is
several times for every message and delivery: a tenth of the speed, and everybody else's latency.
"""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from typing import Final

import structlog

from services.notifier.mailing.compose import Task
from services.notifier.mailing.writer import READY

START: Final = 30.0
"""Seconds that the process may take to start."""
_BUFFER: Final = 1024 * 1024
"""Bytes of answers that are read ahead; a digest's message has some hundred thousand."""
log = structlog.get_logger("notifier")


class NotWrittenError(Exception):
    """A message could not be written; the text says why."""


class Writer:
    """Has messages written."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._readers: set[asyncio.Task[None]] = set()
        self._wanted: deque[asyncio.Future[bytes]] = deque()
        self._starting = asyncio.Lock()

    async def write(self, task: Task, body: bytes) -> bytes:
        """Write the message of a delivery; `body` is JSON, in one line, as it is stored.

        Raises:
            NotWrittenError: it cannot be, or the process ended.

        """
        async with self._starting:
            process = self._process or await self._start()
        if process.stdin is None:
            raise NotWrittenError("the process that writes mail cannot be asked")
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._wanted.append(future)  # answers come in the order of the tasks, which are written with no pause between
        process.stdin.write(b"%s\n%s\n" % (task.model_dump_json().encode(), body))
        return await future

    async def _start(self) -> Process:
        environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PATH": os.defpath}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.notifier.mailing.writer",
            stdin=PIPE, stdout=PIPE, env=environment, limit=_BUFFER,
        )  # fmt: skip
        try:
            async with asyncio.timeout(START):
                ready = await process.stdout.readline() if process.stdout else b""
        except BaseException:
            await _end(process)
            raise
        if ready != READY:
            await _end(process)
            raise NotWrittenError("the process that writes mail did not start")
        self._process, reader = process, asyncio.create_task(self._read(process))
        self._readers.add(reader)
        reader.add_done_callback(self._readers.discard)
        return process

    async def _read(self, process: Process) -> None:
        """Hand answers out, until there are no more; who still waits is told."""
        try:
            while process.stdout and (line := await process.stdout.readline()):
                text = await process.stdout.readexactly(int(line[1:]))
                future = self._wanted.popleft()
                if future.done():
                    continue
                if line.startswith(b"+"):
                    future.set_result(text)
                else:
                    future.set_exception(NotWrittenError(text.decode()))
        except asyncio.IncompleteReadError:
            log.warning("the process that writes mail ended within a message")
        finally:
            self._process = None
            while self._wanted:
                future = self._wanted.popleft()
                if not future.done():
                    future.set_exception(NotWrittenError("the process that writes mail ended"))
            await _end(process)

    async def close(self) -> None:
        """End the process; what reads from it then ends by itself, and is let finish."""
        if self._process:
            self._process.kill()
        await asyncio.gather(*self._readers, return_exceptions=True)


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.communicate(b"")  # closes the one pipe, reads what is left in the other, and waits
    if process.stdin:
        with contextlib.suppress(OSError):  # of what was not read any more
            await process.stdin.wait_closed()
