"""The instance under test: `paperwire up` in one of its sizes, started again by a supervisor whenever it ends."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
import psutil

from embedded.lock import Instance, read_instance
from tests.chaos.clock import Clock
from tests.chaos.history import History
from tests.chaos.plan import SERVICES, Size
from tests.power_cut import Disk
from tests.system.instance import COMMAND, KEY, OWN, READY, free_port

MARKS: Final = {"redis": "redis.sock", "qdrant": "embedded.qdrant"} | {name: f"services.{name}" for name in SERVICES}
"""What the command line of a process contains, by its name."""
READY_S: Final = 120.0
RESTART_S: Final = 0.5
ENVIRONMENT: Final = OWN | {
    "PAPERWIRE_RECLAIM_IDLE": "2",
    "PAPERWIRE_ATTEMPT_TIMEOUT": "4",
    "PAPERWIRE_PROVIDERS": "none",
}


@dataclass
class World:
    """An instance, its clock, its disk if it has one, and the history of its run."""

    size: Size
    folder: Path
    data_dir: Path
    clock: Clock
    history: History
    disk: Disk | None = None
    url: str = ""
    key: str = ""
    process: asyncio.subprocess.Process | None = None
    commands: set[asyncio.subprocess.Process] = field(default_factory=set)
    twice: int = 0
    """How many of the next files are imported by two commands at once."""
    starts: int = 0
    starting: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by whoever changes the data directory: no start happens meanwhile."""

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every process."""
        return {**os.environ, **ENVIRONMENT, **self.clock.environment}

    @property
    def instance(self) -> Instance | None:
        """The addresses of the instance, while it runs."""
        return read_instance(self.data_dir)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the instance for the block; in the end it has to stop by itself."""
        await self._start()
        keeper = asyncio.create_task(self._keep())
        try:
            await self.until_ready()
            yield
        finally:
            keeper.cancel()
            self.send_all(signal.SIGKILL)

    async def _start(self) -> None:
        self.starts += 1
        self.log.touch()
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        options = ["--processes"] if self.size == "processes" else []
        with self.log.open("wb") as output:
            self.process = await asyncio.create_subprocess_exec(
                *COMMAND, "up", "--data-dir", str(self.data_dir), "--port", str(port), *options,
                stdout=output, stderr=output, env=self.environment,
            )  # fmt: skip

    @property
    def log(self) -> Path:
        """What this start has printed."""
        return self.folder / f"up-{self.starts}.log"

    async def _keep(self) -> None:
        """Start the instance again whenever it ends, as the service manager of a machine does."""
        while True:
            assert self.process
            status = await self.process.wait()
            last = (self.log.read_text("utf-8", "replace").strip() or "(nothing)").splitlines()[-1]
            self.history.add("ended", status=status, last=last)
            await asyncio.sleep(RESTART_S)
            async with self.starting:
                await self._start()

    async def until_ready(self) -> None:
        """Wait until the instance has said that it is ready, and answers so."""
        if not await holds(self._is_ready, READY_S):
            message = f"The instance is not ready after {READY_S:g} s. See {self.log}."
            raise AssertionError(message)

    async def _is_ready(self) -> bool:
        printed = self.log.read_text("utf-8", "replace")
        if found := KEY.search(printed):
            self.key = found[0]
        status, _ = await self.ask("GET", "/readyz")
        return bool(READY.search(printed)) and status == 200

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        """Send a request; return its status and JSON, or 0 where nothing answered."""
        timeout = aiohttp.ClientTimeout(total=20)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, headers={"Authorization": f"Bearer {self.key}"}) as session,
                session.request(method, self.url + path, **options) as answer,
            ):
                return answer.status, await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return 0, str(error)

    def find(self, name: str) -> list[psutil.Process]:
        """Return the processes of a name; `up` is the command itself, `all` are all of the instance."""
        if self.process is None or self.process.returncode is not None:
            return []
        with contextlib.suppress(psutil.NoSuchProcess):
            main = psutil.Process(self.process.pid)
            if name == "up":
                return [main]
            children = main.children(recursive=True)
            return [main, *children] if name == "all" else [one for one in children if _is(one, MARKS[name])]
        return []

    def send(self, name: str, number: signal.Signals) -> int:
        """Send a signal to the processes of a name; return how many there were."""
        found = self.find(name)
        for process in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        return len(found)

    def send_all(self, number: signal.Signals) -> None:
        """Send a signal to the instance and to the commands that use it."""
        self.send("all", number)
        for command in self.commands:
            with contextlib.suppress(ProcessLookupError):
                command.send_signal(number)

    async def command(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command of Paperwire; return its status, output and errors."""
        process = await asyncio.create_subprocess_exec(
            *COMMAND, *arguments, "--data-dir", str(self.data_dir),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=self.environment,
        )  # fmt: skip
        self.commands.add(process)
        try:
            output, errors = await process.communicate()
        finally:
            self.commands.discard(process)
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        return process.returncode or 0, output.decode(), errors.decode()


def _is(process: psutil.Process, mark: str) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
        return any(mark in argument for argument in process.cmdline())
    return False


async def holds(condition: Callable[[], Awaitable[Any]], within: float, pause: float = 0.2) -> bool:
    """Wait until a condition holds; return whether it did within some seconds."""
    deadline = time.monotonic() + within
    while not await condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(pause)
    return True
