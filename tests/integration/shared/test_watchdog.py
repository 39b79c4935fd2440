"""A process that is stuck ends, and one that is told to stop ends in time, whatever its threads do."""

import asyncio
import signal
import sys

import psutil
import pytest

PROCESS = """
import asyncio, concurrent.futures, re, sys, time
from shared.telemetry import configure_logging
from shared.watchdog import process_lifetime

POISON = "a" * 40 + "b"

def frozen():
    re.match("(a+)+$", POISON)  # holds the lock of the interpreter for years

def spinning():
    while True:
        pass

def sleeping():
    time.sleep(3600)

async def drain():
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        await asyncio.sleep(3600)

class Slow:
    def __init__(self, seconds):
        self.seconds = seconds
    def __del__(self, sleep=time.sleep):
        sleep(self.seconds)

async def main(tick, where, what):
    if where == "last":
        sys.slow = Slow(5 * float(tick))
    work = {"frozen": frozen, "spinning": spinning, "sleeping": sleeping}[what] if what else None
    if where == "at once":
        print("up", flush=True)
    async with process_lifetime(float(tick)) as stop:
        if where == "at once":
            work()
        print("up", flush=True)
        if where == "loop":
            await asyncio.sleep(0.2)
            work()
        elif where == "pool":
            asyncio.get_running_loop().run_in_executor(None, work)
        elif where == "own pool":
            concurrent.futures.ThreadPoolExecutor(1).submit(work)
        elif where == "drain":
            await stop.wait()
            await drain()
        await stop.wait()
        await asyncio.sleep(2 * float(tick))

configure_logging("info")
asyncio.run(main(*sys.argv[1:]))
"""
TICK_S = 0.1
LONG_TICK_S = 0.3
"""Where a thread takes the lock of the interpreter for much of each tick, and where a busy machine must end nothing."""


async def start(where: str, what: str = "", tick: float = TICK_S) -> asyncio.subprocess.Process:
    """Start a process, and return when it is up."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROCESS, str(tick), where, what,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert await process.stdout.readline() == b"up\n"
    return process


async def ended(process: asyncio.subprocess.Process) -> tuple[int, str]:
    """Return its status, and what it printed to standard error; one that does not end in 20 s is killed."""
    try:
        _, errors = await asyncio.wait_for(process.communicate(), 20)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, errors.decode()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_process_without_work_stops_at_once(number: signal.Signals) -> None:
    process = await start("nothing", tick=LONG_TICK_S)
    process.send_signal(number)
    assert await ended(process) == (0, "")


async def test_a_process_may_take_seconds_to_end() -> None:
    """The interpreter of a busy machine does; the threads of the process do not run any more by then."""
    process = await start("last", tick=LONG_TICK_S)
    process.send_signal(signal.SIGTERM)
    assert await ended(process) == (0, "")


@pytest.mark.parametrize(
    ("where", "what"),
    [("pool", "sleeping"), ("own pool", "sleeping"), ("pool", "spinning"), ("drain", "")],
)
async def test_nothing_holds_a_process_that_was_told_to_stop(where: str, what: str) -> None:
    """INVARIANT: SIGTERM ends a process in ten ticks (seconds), with status 0 and one line."""
    tick = LONG_TICK_S if what == "spinning" else TICK_S
    process = await start(where, what, tick)
    process.send_signal(signal.SIGTERM)
    status, errors = await ended(process)
    assert status == 0, errors
    assert errors.count("\n") == 1
    assert f"it did not stop in {8 * tick:g} s" in errors


@pytest.mark.parametrize("where", ["pool", "at once"])
async def test_a_process_whose_interpreter_is_locked_is_ended(where: str) -> None:
    """INVARIANT: a function in C that never returns holds a process for eight ticks, told to stop or not."""
    process = await start(where, "frozen")
    if where == "pool":
        process.send_signal(signal.SIGTERM)
    status, errors = await ended(process)
    assert status == -signal.SIGKILL
    assert "does not run any more (silent for 0.8 s): ended" in errors


@pytest.mark.parametrize("what", ["spinning", "sleeping"])
async def test_a_process_whose_loop_is_blocked_is_ended(what: str) -> None:
    """INVARIANT: a blocked loop ends the process with a line that says where it is blocked."""
    process = await start("loop", what)
    status, errors = await ended(process)
    assert status == 70, errors
    assert errors.count("\n") == 1
    assert f"the event loop was blocked for 3 s in {what}" in errors


async def test_a_process_that_was_stopped_for_a_while_goes_on() -> None:
    """Ctrl-Z, or a virtual machine that is paused, is no reason to end a process."""
    process = await start("nothing", tick=LONG_TICK_S)
    process.send_signal(signal.SIGSTOP)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(process.wait(), 20 * TICK_S)
    process.send_signal(signal.SIGCONT)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(process.wait(), 10 * TICK_S)
    process.send_signal(signal.SIGTERM)
    assert await ended(process) == (0, "")


async def test_the_guard_ends_with_its_process() -> None:
    process = await start("nothing", tick=LONG_TICK_S)
    (guard,) = psutil.Process(process.pid).children()
    process.kill()
    await ended(process)
    await asyncio.to_thread(psutil.wait_procs, [guard], 5)
    assert not guard.is_running() or guard.status() == psutil.STATUS_ZOMBIE
