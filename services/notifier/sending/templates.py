"""Templates of subscribers, rendered in processes that may be ended at any moment."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from weakref import WeakValueDictionary

import orjson

from services.notifier.sending.renderer import PROCESSOR
from services.notifier.sending.rendering import UnusableTemplateError
from services.notifier.sending.variables import Event

PROCESSES: Final = 2
START, WAIT = 20.0, 5.0
"""Seconds that a process may take to start, and then to answer: far more than the processor time it is given."""
_LINE: Final = 1024 * 1024


class Templates:
    """Renders templates, for each owner one at a time, so that no one takes all processes. They start when needed."""

    def __init__(self) -> None:
        self._idle: list[Process] = []
        self._room = asyncio.Semaphore(PROCESSES)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def render(self, owner: str, template: str, event: Event) -> str:
        """Render an alert.

        Raises:
            UnusableTemplateError: the template is wrong, or wants too much; the text says which.

        """
        turn = self._turns.setdefault(owner, asyncio.Lock())
        async with turn, self._room, self._process() as process:
            answer = orjson.loads(await _asked(process, orjson.dumps({"template": template, "event": event})))
            self._idle.append(process)
        if "error" in answer:
            raise UnusableTemplateError(answer["error"])
        text: str = answer["text"]
        return text

    @asynccontextmanager
    async def _process(self) -> AsyncIterator[Process]:
        """Give an idle process or a new one; one that is not idle again in the end is ended."""
        process = self._idle.pop() if self._idle else await _started()
        try:
            yield process
        finally:
            if process not in self._idle:
                await _end(process)

    async def close(self) -> None:
        """End the processes."""
        while self._idle:
            await _end(self._idle.pop())


async def _started() -> Process:
    """Start a process that has nothing of ours to read: no settings, no keys."""
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PATH": os.defpath}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.notifier.sending.renderer",
        stdin=PIPE, stdout=PIPE, stderr=asyncio.subprocess.DEVNULL, env=environment, limit=_LINE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(START):
            await _line(process)
    except BaseException:
        await _end(process)
        raise
    return process


async def _asked(process: Process, request: bytes) -> bytes:
    if process.stdin is None:
        raise UnusableTemplateError("the renderer cannot be asked")
    try:
        async with asyncio.timeout(WAIT):
            process.stdin.write(request + b"\n")
            await process.stdin.drain()
            return await _line(process)
    except TimeoutError as error:
        raise UnusableTemplateError(f"the template was not done within {WAIT:g} s") from error
    except (ConnectionError, ValueError) as error:  # gone, or a line beyond all limits
        raise UnusableTemplateError("the template ended its renderer") from error


async def _line(process: Process) -> bytes:
    line = await process.stdout.readline() if process.stdout else b""
    if line:
        return line
    code = await process.wait()
    if code == -signal.SIGPROF:
        raise UnusableTemplateError(f"the template takes more than {PROCESSOR:g} s of the processor")
    raise UnusableTemplateError(f"the template ended its renderer (status {code})")


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()
