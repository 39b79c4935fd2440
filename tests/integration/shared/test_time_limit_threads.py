"""Functions in threads of their own, which are interrupted when nobody waits for them any more."""

import asyncio
import subprocess
import sys
import threading

import pytest

from shared.time_limit import in_thread
from tests.support import until

LINGERING = """
import asyncio, re
from shared import time_limit as threads
from shared.telemetry import configure_logging

threads.INSIST_S, threads.LINGER_S = 0.05, 0.2

async def main():
    task = asyncio.create_task(threads.in_thread(__import__("time").sleep, 3600))
    await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.sleep(30)

configure_logging("info")
asyncio.run(main())
"""


async def test_a_result_and_an_error_are_passed_on() -> None:
    assert await in_thread(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await in_thread(divmod, 7, 0)


@pytest.mark.parametrize("stubborn", [False, True])
async def test_a_thread_is_interrupted_when_its_caller_is_cancelled(*, stubborn: bool) -> None:
    """INVARIANT: a function in Python that nobody waits for ends, also one that catches the first interruption."""
    running = threading.Event()
    ended = threading.Event()

    def work() -> None:
        catches = stubborn
        running.set()
        try:
            while True:
                try:
                    while True:
                        pass
                except BaseException:
                    if not catches:
                        raise
                    catches = False
        finally:
            ended.set()

    task = asyncio.create_task(in_thread(work))
    await until(running.is_set)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(ended.is_set)


def test_a_thread_that_cannot_be_interrupted_ends_the_process() -> None:
    """INVARIANT: a process does not keep a thread in C that nobody waits for; its supervisor starts it again."""
    ended = subprocess.run([sys.executable, "-c", LINGERING], capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 70
    assert ended.stderr.count("\n") == 1
    assert "the thread of sleep does not end" in ended.stderr


async def test_the_interpreter_does_not_wait_for_a_thread() -> None:
    script = "import asyncio, time; from shared.time_limit import in_thread\n"
    script += "async def main(): asyncio.ensure_future(in_thread(time.sleep, 3600)); await asyncio.sleep(0.1)\n"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script + "asyncio.run(main())")
    assert await asyncio.wait_for(process.wait(), 30) == 0
