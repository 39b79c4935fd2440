"""A process that ends, or hangs, is started again."""

import asyncio
import contextlib
import os
import selectors
import signal
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from embedded.child_process import Child
from services.cli.instance.keeper import Kept, keep_running
from shared.tasks import cancel
from tests.support import until

SERVER = """
import contextlib, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.bind(sys.argv[1])
    server.listen()
    while True:
        with contextlib.suppress(OSError), server.accept()[0] as client:
            client.sendall(b"here")
"""
LOOK_S = 0.1


class Server:
    """A process that answers at a socket."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "socket"
        self.child = Child("The server", [sys.executable, "-c", SERVER, str(self._socket)], folder / "log")
        self.kept = Kept("server", self.child.wait, self.start, self.child.kill, self.answers)

    async def start(self) -> None:
        self._socket.unlink(missing_ok=True)
        await self.child.start(self.answers)

    async def answers(self) -> bool:
        with contextlib.suppress(OSError, TimeoutError):
            reader, writer = await asyncio.open_unix_connection(self._socket)
            with contextlib.closing(writer):
                async with asyncio.timeout(LOOK_S):
                    return await reader.read(4) == b"here"
        return False


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A server that is kept running."""
    own = Server(tmp_path)
    await own.start()
    keeping = asyncio.create_task(keep_running(own.kept, LOOK_S))
    yield own
    await cancel([keeping])
    own.child.kill()
    await own.child.wait()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["it ended", "it hangs"])
async def test_a_process_is_started_again(server: Server, number: signal.Signals) -> None:
    """INVARIANT: a process that gives no sign of life is killed, and started again like one that ended."""
    before = server.child.pid
    assert before
    os.kill(before, number)
    await until(lambda: server.child.pid != before)
    await until(server.answers)


async def test_a_process_that_answers_late_once_goes_on(server: Server) -> None:
    before = server.child.pid
    assert before
    os.kill(before, signal.SIGSTOP)
    assert not await server.answers()
    os.kill(before, signal.SIGCONT)
    await until(server.answers)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(server.child.wait(), 10 * LOOK_S)
    assert server.child.pid == before


class Clockwork(asyncio.SelectorEventLoop):
    """An event loop whose clock goes on to the next moment that something waits for, at once."""

    def __init__(self) -> None:
        self._now = 0.0
        selector = selectors.DefaultSelector()
        look = selector.select
        selector.select = lambda timeout=None: look(self._on(timeout))  # type: ignore[method-assign]
        super().__init__(selector)

    def _on(self, timeout: float | None) -> float:
        self._now += timeout or 0.0
        return 0.0

    def time(self) -> float:
        return self._now


def test_a_process_is_killed_after_the_silence_that_the_log_names() -> None:
    """INVARIANT: what an answer takes is part of a look, so six looks are half a minute, however late it is."""

    async def silent() -> bool:
        await asyncio.sleep(2)
        return False

    async def keep() -> float:
        ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def wait() -> int:
            return await ended

        async def start() -> None:
            await asyncio.Event().wait()

        keeping = asyncio.create_task(
            keep_running(Kept("server", wait, start, partial(ended.set_result, -9), silent), 5)
        )
        await asyncio.wait([ended])
        killed = asyncio.get_running_loop().time()
        await cancel([keeping])
        return killed

    with asyncio.Runner(loop_factory=Clockwork) as runner:
        assert runner.run(keep()) == 30
