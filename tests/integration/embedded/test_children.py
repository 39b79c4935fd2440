"""Redis and Qdrant as child processes: they start, say what went wrong, and never outlive their parent."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from redis.asyncio import Redis

from embedded.child_process import Child
from embedded.errors import BinaryNotFound, DataDirInUse, StartFailed
from embedded.qdrant import EmbeddedQdrant
from embedded.redis import EmbeddedRedis, find_binary

PARENT = """
import asyncio, sys
from pathlib import Path
from embedded.qdrant import EmbeddedQdrant
from embedded.redis import EmbeddedRedis

async def main():
    async with EmbeddedRedis(Path(sys.argv[1])) as redis, EmbeddedQdrant(Path(sys.argv[2])) as qdrant:
        print(redis.pid, qdrant.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    """Return once ``condition`` holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not after {seconds} s"
        time.sleep(0.01)


def gone(pid: int) -> bool:
    """Whether a process has ended, be its parent aware of it or not."""
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_children_die_with_a_killed_parent(tmp_path: Path) -> None:
    """INVARIANT: SIGKILL of the parent ends both children within two seconds."""
    arguments = [str(tmp_path / "redis"), str(tmp_path / "qdrant")]
    with subprocess.Popen([sys.executable, "-c", PARENT, *arguments], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(each) for each in parent.stdout.readline().split()]
        assert len(pids) == 2
        assert not any(gone(pid) for pid in pids)
        parent.send_signal(signal.SIGKILL)
        wait_until(lambda: all(gone(pid) for pid in pids), seconds=2)


def test_ctrl_c_reaches_the_parent_only(tmp_path: Path) -> None:
    """A terminal's interrupt goes to its process group: the children are in their own."""

    async def scenario() -> None:
        async with EmbeddedRedis(tmp_path) as redis:
            assert redis.pid is not None
            assert os.getpgid(redis.pid) != os.getpgid(0)

    asyncio.run(scenario())


@pytest.mark.parametrize("deep", (False, True), ids=["short path", "path too long for a socket"])
def test_redis_keeps_what_it_acknowledged(tmp_path: Path, *, deep: bool) -> None:
    """What was written before SIGKILL is there after a restart, wherever the directory is."""
    directory = tmp_path / ("d" * 110 if deep else "r")

    async def scenario() -> None:
        for expected in (1, 2):
            async with EmbeddedRedis(directory) as redis, Redis.from_url(redis.url) as client:
                assert await client.incr("n") == expected
                assert redis.pid is not None
                psutil.Process(redis.pid).kill()
                assert await redis.wait() == -signal.SIGKILL

    asyncio.run(scenario())


@pytest.mark.parametrize("kind", (EmbeddedRedis, EmbeddedQdrant))
def test_a_killed_server_is_started_again_at_the_same_address(
    tmp_path: Path, kind: type[EmbeddedRedis | EmbeddedQdrant]
) -> None:
    """Services keep the address that they were started with."""

    async def scenario() -> None:
        async with kind(tmp_path) as server:
            address, first = server.url, server.pid
            assert first is not None
            psutil.Process(first).kill()
            await server.wait()
            await server.restart()
            assert (server.url, server.pid != first) == (address, True)

    asyncio.run(scenario())


def test_redis_evicts_nothing_and_logs_everything(tmp_path: Path) -> None:
    """The stream is a log: eviction would lose papers."""

    async def scenario() -> None:
        async with EmbeddedRedis(tmp_path) as redis, Redis.from_url(redis.url, decode_responses=True) as client:
            assert (await client.config_get("maxmemory-policy"))["maxmemory-policy"] == "noeviction"
            assert (await client.config_get("appendonly"))["appendonly"] == "yes"

    asyncio.run(scenario())


@pytest.mark.parametrize("kind", (EmbeddedRedis, EmbeddedQdrant))
def test_a_second_process_is_refused_by_name(tmp_path: Path, kind: type[EmbeddedRedis | EmbeddedQdrant]) -> None:
    """The refusal says which process holds the directory, and the holder goes on."""

    async def scenario() -> None:
        async with kind(tmp_path) as first:
            with pytest.raises(DataDirInUse, match=r"in use by process \d+ \("):
                await kind(tmp_path).__aenter__()
            assert first.pid is not None
            assert not gone(first.pid)

    asyncio.run(scenario())


def test_stopping_takes_less_than_two_seconds_even_if_sigterm_is_ignored(tmp_path: Path) -> None:
    """A child that ignores SIGTERM is killed."""
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    log = tmp_path / "log"
    child = Child("deaf", [sys.executable, "-c", code], log)

    async def scenario() -> float:
        async def up() -> bool:
            return log.read_text() == "up\n"

        await child.start(up)
        started = time.monotonic()
        await child.stop()
        return time.monotonic() - started

    assert asyncio.run(scenario()) < 2
    assert child.pid is not None
    assert gone(child.pid)


@pytest.mark.parametrize(
    ("code", "message"),
    (
        ("raise SystemExit('no such disk')", "ended with status 1.*no such disk"),
        ("import time; time.sleep(60)", "not ready after"),
    ),
)
def test_a_failed_start_shows_the_end_of_the_log(tmp_path: Path, code: str, message: str) -> None:
    """Whoever reads the error need not look for the log."""
    child = Child("it", [sys.executable, "-c", code], tmp_path / "log")

    async def never() -> bool:
        return False

    with pytest.raises(StartFailed, match=f"(?s){message}"):
        asyncio.run(child.start(never, timeout_seconds=0.5))
    assert child.pid is not None
    assert gone(child.pid)


@pytest.mark.parametrize("program", ("redis-server", "valkey-server"))
def test_a_server_on_path_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    (tmp_path / program).touch(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_binary() == str(tmp_path / program)


def test_without_one_on_path_the_server_of_the_wheel_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert find_binary().endswith("/valkey-server")


def test_a_missing_redis_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says how to install Redis."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(BinaryNotFound, match="apt install redis-server"):
        find_binary()


async def test_the_log_of_a_child_is_rotated_while_it_writes(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    script = "import time\nwhile True: print('a' * 99, flush=True); time.sleep(0.001)"
    child = Child("The child", [sys.executable, "-c", script], log)

    async def ready() -> bool:
        return log.stat().st_size > 20_000

    await child.start(ready)
    assert child.rotate(10_000)
    assert not child.rotate(1_000_000)
    assert 20_000 < log.with_name("child.log.1").stat().st_size < 1_000_000
    while not log.stat().st_size:
        await asyncio.sleep(0.01)
    assert b"\0" not in log.read_bytes()
    await child.stop()
    await child.start(ready)  # the last run is kept
    assert log.with_name("child.log.2").exists()
    await child.stop()


@pytest.mark.parametrize(("longest", "starts"), [(60.0, True), (0.05, False)])
async def test_a_server_that_loads_for_long_is_waited_for_with_a_line_of_progress(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, longest: float, starts: bool
) -> None:
    """INVARIANT: a server that is late is not killed while it loads, but it may not load for ever."""
    child = Child("The server", [sys.executable, "-c", "import time; time.sleep(60)"], tmp_path / "log")

    async def ready() -> bool:
        return starts and len(caplog.messages) >= 3

    if starts:
        await child.start(ready, 0.02, longest)
        assert caplog.messages[:2] == [
            "The server still starts after 0.02 s; it may take up to 60 s",
            "The server still starts after 0.04 s; it may take up to 60 s",
        ]
        await child.stop()
    else:
        with pytest.raises(StartFailed, match=r"was not ready after 0\.06 s"):
            await child.start(ready, 0.02, longest)
    assert child.pid
    assert not psutil.pid_exists(child.pid)
