"""A worker: a function called in other processes, which start when they are needed.

A call that fails ends alone. When it ends its process, the calls that were sent behind it go to another process. A
process that somebody else ended is nobody's failure: all its calls go to another one.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final

from shared.worker.protocol import HEAD, CallFailedError, Limits, Reason, Sign, failure

GRACE_S: Final = 1.0
"""Seconds beyond its limit of time after which a call is ended from here, should the kernel not have done it."""
MAX_ENDED: Final = 10
"""How many processes that somebody ended a call outlives; then it may be what the system ends them for."""
_FROM_OUTSIDE: Final = frozenset({-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP})


@dataclass(slots=True, eq=False)
class _Call:
    body: bytes
    answer: asyncio.Future[bytes]
    ended: int = 0

    def outlives(self, process: Process) -> bool:
        """Return whether to repeat the call, as somebody else ended its process."""
        self.ended += 1
        return process.returncode in _FROM_OUTSIDE and self.ended < MAX_ENDED


@dataclass(slots=True, eq=False)
class _Child:
    """A process with the calls that were sent to it; it works on the first."""

    process: Process
    limits: Limits
    calls: deque[_Call] = field(default_factory=deque)
    sent: int = 0
    failed: Reason | None = None
    timer: asyncio.TimerHandle | None = None

    @property
    def spent(self) -> bool:
        return self.limits.calls is not None and self.sent >= self.limits.calls

    def send(self, call: _Call) -> None:
        self.calls.append(call)
        self.sent += 1
        if self.process.stdin:
            self.process.stdin.write(HEAD.pack(Sign.CALL.value, len(call.body)) + call.body)
        if len(self.calls) == 1:
            self.watch()

    def watch(self) -> None:
        """Start the timer of the first call."""
        if self.timer:
            self.timer.cancel()
        self.timer = None
        if self.calls:
            self.timer = asyncio.get_running_loop().call_later(self.limits.seconds + GRACE_S, self.kill, Reason.TIME)

    def kill(self, reason: Reason | None = None) -> None:
        self.failed = self.failed or reason
        if self.process.returncode is None:
            self.process.kill()

    def problem(self) -> CallFailedError:
        """Return the error of the call that the process worked on when it ended."""
        code = self.process.returncode
        by_signal = {-signal.SIGPROF: Reason.PROCESSOR, -signal.SIGALRM: Reason.TIME}
        reason = self.failed or by_signal.get(code or 0, Reason.ENDED)
        return failure(reason, self.limits, f"status {code}")


class Worker:
    """Calls a function, from bytes to bytes, in up to `processes` processes."""

    def __init__(
        self,
        function: str,
        limits: Limits,
        *,
        processes: int = 1,
        depth: int = 1,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`function` is `package.module:function`; up to `depth` calls are sent to a process at once.

        The processes see no variable of this one's environment but those in `environment`.
        """
        self._function = function
        self._limits = limits
        self._processes = processes
        self._environment = environment or {}
        self._children: list[_Child] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(processes * depth)
        self._placing = asyncio.Lock()
        self._closed = False

    async def call(self, body: bytes) -> bytes:
        """Call the function, and return its answer.

        Raises:
            CallFailedError: there is none; `reason` and the text say why.

        """
        await self._slots.acquire()
        call = _Call(body, asyncio.get_running_loop().create_future())
        placing = asyncio.create_task(self._place(call))
        self._keep(placing)
        return await call.answer

    @property
    def process_ids(self) -> list[int]:
        """The ids of the processes that take calls now."""
        return [child.process.pid for child in self._children]

    async def close(self) -> None:
        """End the processes, and the calls under way."""
        self._closed = True
        for child in self._children:
            child.kill()
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _place(self, call: _Call) -> None:
        """Send a call to the least busy process, or to a new one."""
        try:
            async with self._placing:
                child = min(self._children, key=lambda one: len(one.calls), default=None)
                if child is None or (child.calls and len(self._children) < self._processes):
                    child = await self._start(call)
                child.send(call)
                if child.spent:
                    self._children.remove(child)
        except CallFailedError as error:
            self._finish(call, error)
        except OSError as error:
            self._finish(call, failure(Reason.ENDED, self._limits, f"it could not be started: {error}"))

    async def _start(self, call: _Call) -> _Child:
        if self._closed:
            raise self._is_closed()
        path = os.pathsep.join(part for part in sys.path if part)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "shared.worker.child", self._function, json.dumps(asdict(self._limits)),
            stdin=PIPE, stdout=PIPE, env={"PYTHONPATH": path, "PATH": os.defpath, **self._environment},
        )  # fmt: skip
        child = _Child(process, self._limits)
        try:
            async with asyncio.timeout(self._limits.start):
                ready = await self._frame(child)
        except TimeoutError:
            ready, child.failed = None, Reason.TIME
        except BaseException:
            await _end(child)
            raise
        if ready is None:
            await _end(child)
            if not child.failed and call.outlives(process):
                return await self._start(call)
            raise failure(Reason.ENDED, self._limits, f"the worker process did not start (status {process.returncode})")
        if self._closed:  # while it started
            await _end(child)
            raise self._is_closed()
        self._children.append(child)
        self._keep(asyncio.create_task(self._read(child)))
        return child

    def _is_closed(self) -> CallFailedError:
        return failure(Reason.ENDED, self._limits, "the worker is closed")

    async def _read(self, child: _Child) -> None:
        """Pass answers on until the process ends or has done its share."""
        while not (child.spent and not child.calls) and (answer := await self._frame(child)):
            self._answered(child.calls.popleft(), *answer)
            child.watch()
        if child in self._children:
            self._children.remove(child)
        await _end(child)
        if child.calls and (self._closed or child.failed or not child.calls[0].outlives(child.process)):
            self._finish(child.calls.popleft(), child.problem())
        for call in child.calls:
            self._keep(asyncio.create_task(self._place(call)))

    async def _frame(self, child: _Child) -> tuple[Sign, bytes] | None:
        """Read a frame; None at the end, or before one that is too long."""
        if child.process.stdout is None:
            return None
        try:
            sign, size = HEAD.unpack(await child.process.stdout.readexactly(HEAD.size))
            if size <= self._limits.answer:
                return Sign(sign), await child.process.stdout.readexactly(size)
        except asyncio.IncompleteReadError:
            return None
        child.kill(Reason.SIZE)
        return None

    def _answered(self, call: _Call, sign: Sign, body: bytes) -> None:
        if sign is Sign.DONE:
            self._finish(call, body)
        elif sign is Sign.MEMORY:
            self._finish(call, failure(Reason.MEMORY, self._limits))
        else:
            self._finish(call, failure(Reason.ERROR, self._limits, body.decode("utf-8", "replace")))

    def _finish(self, call: _Call, answer: bytes | CallFailedError) -> None:
        self._slots.release()
        if call.answer.done():
            return  # its caller was cancelled
        if isinstance(answer, bytes):
            call.answer.set_result(answer)
        else:
            call.answer.set_exception(answer)


async def _end(child: _Child) -> None:
    if child.timer:
        child.timer.cancel()
    process = child.process
    if process.stdin:
        process.stdin.close()  # which ends an idle process
    try:
        async with asyncio.timeout(GRACE_S):  # to signal one that has just ended would lose its status
            await process.wait()
    except TimeoutError:
        child.kill()
    await process.communicate()  # reads what is left, and waits
    if process.stdin:
        with contextlib.suppress(OSError):  # of what was not read any more
            await process.stdin.wait_closed()
