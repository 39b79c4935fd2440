"""A worker and its processes: limits, restarts, and who is spared."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from shared.worker.protocol import CallFailedError, Limits, Reason
from shared.worker.worker import Worker
from tests.support import until

FUNCTIONS = "tests.integration.shared.worker.functions"
Make = Callable[..., Worker]


@pytest.fixture
async def make() -> Any:
    made: list[Worker] = []

    def build(function: str = "obey", limits: Limits | None = None, **options: Any) -> Worker:
        made.append(Worker(f"{FUNCTIONS}:{function}", limits or Limits(seconds=20.0), **options))
        return made[-1]

    yield build
    for worker in made:
        await worker.close()


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def test_bytes_of_any_size_are_passed_and_returned(make: Make) -> None:
    worker = make("echo")
    for body in (b"", b"\n\x00+-", b"x" * 3_000_000):
        assert await worker.call(body) == body
    assert len(worker.process_ids) == 1


async def test_many_calls_are_sent_to_one_process_and_answered_in_their_order(make: Make) -> None:
    worker = make("echo", depth=8)
    bodies = [str(number).encode() for number in range(100)]
    assert await asyncio.gather(*map(worker.call, bodies)) == bodies
    assert len(worker.process_ids) == 1


async def test_calls_are_spread_over_processes(make: Make) -> None:
    worker = make(processes=2)
    started = time.monotonic()
    await worker.call(b"warm")
    await asyncio.gather(worker.call(b"sleep 1"), worker.call(b"sleep 1"))
    assert len(worker.process_ids) == 2
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    ("body", "reason", "says"),
    (
        (b"sleep 30", Reason.TIME, "was not done within 2 s"),
        (b"compute", Reason.PROCESSOR, "takes more than 0.2 s of the processor"),
        (b"allocate 900000000", Reason.MEMORY, "needs too much memory"),
        (b"raise", Reason.ERROR, "ValueError: this call is wrong ü"),
        (b"exit", Reason.ENDED, r"ended its process \(status 3\)"),
        (b"answer 2000", Reason.SIZE, "makes more than 1,000 bytes"),
    ),
)
async def test_a_call_beyond_a_limit_ends_alone(make: Make, body: bytes, reason: Reason, says: str) -> None:
    """INVARIANT: calls that were sent behind it are done all the same."""
    limits = Limits(2.0 if reason is Reason.TIME else 20.0, processor=0.2, memory=512 * 1024 * 1024, answer=1_000)
    worker = make(limits=limits, depth=3)
    await worker.call(b"warm")
    bad, *good = await asyncio.gather(
        worker.call(body), worker.call(b"one"), worker.call(b"two"), return_exceptions=True
    )
    assert good == [b"one", b"two"]
    assert isinstance(bad, CallFailedError)
    assert bad.reason is reason
    with pytest.raises(CallFailedError, match=says):
        raise bad


async def test_a_stopped_process_is_killed_by_its_parent(make: Make) -> None:
    worker = make(limits=Limits(seconds=0.1))
    await worker.call(b"warm")
    (pid,) = worker.process_ids
    os.kill(pid, 19)  # SIGSTOP: no timer of its own will end it
    with pytest.raises(CallFailedError, match=r"not done within 0\.1 s"):
        await worker.call(b"x")
    assert await worker.call(b"y") == b"y"


async def test_a_process_is_replaced_after_its_maximum_of_calls(make: Make) -> None:
    worker = make("identify", Limits(seconds=20.0, calls=2))
    ids = [int(await worker.call(b"")) for _ in range(5)]
    assert [ids.count(pid) for pid in dict.fromkeys(ids)] == [2, 2, 1]
    await until(lambda: not alive(ids[0]))


async def test_a_process_that_was_killed_while_idle_is_replaced(make: Make) -> None:
    worker = make()
    await worker.call(b"warm")
    (pid,) = worker.process_ids
    os.kill(pid, 9)
    await until(lambda: not worker.process_ids)
    assert await worker.call(b"x") == b"x"


async def test_a_process_that_somebody_kills_at_work_fails_no_call(make: Make) -> None:
    worker = make(depth=3)
    await worker.call(b"warm")
    calls = [asyncio.create_task(worker.call(body)) for body in (b"sleep 1", b"one", b"two")]
    killed: set[int] = set()
    while len(killed) < 3:
        await until(lambda: set(worker.process_ids) - killed)
        (pid,) = worker.process_ids
        os.kill(pid, 9)
        killed.add(pid)
    assert (await asyncio.gather(*calls))[1:] == [b"one", b"two"]


async def test_a_call_that_gets_every_process_killed_fails(make: Make) -> None:
    worker = make()
    with pytest.raises(CallFailedError, match="ended its process"):
        await worker.call(b"kill")


async def test_a_cancelled_call_returns_its_place(make: Make) -> None:
    worker = make(limits=Limits(seconds=1.0))
    for _ in range(3):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(worker.call(b"sleep 30"), 0.1)
    assert await worker.call(b"x") == b"x"


async def test_output_of_a_library_does_not_mix_with_the_answer(make: Make) -> None:
    assert await make().call(b"print") == b"print"


async def test_a_process_sees_only_the_environment_it_is_given(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERWIRE_SECRET_KEY", "nobody may see it")
    names = (await make("environment", environment={"GIVEN": "1"}).call(b"")).decode().split("\n")
    assert {"GIVEN", "PYTHONPATH"} <= set(names)
    assert not [name for name in names if "PAPERWIRE" in name]


async def test_a_missing_function_is_an_error(make: Make) -> None:
    with pytest.raises(CallFailedError, match="did not start"):
        await make("none").call(b"")


async def test_closing_ends_running_calls(make: Make) -> None:
    worker = make(depth=2)
    await worker.call(b"warm")
    (pid,) = worker.process_ids
    calls = [asyncio.create_task(worker.call(b"sleep 30")) for _ in range(2)]
    await asyncio.sleep(0)
    await worker.close()
    ended = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(one, CallFailedError) for one in ended)
    assert not alive(pid)


PARENT = f"""
import asyncio, sys
from shared.worker.protocol import Limits
from shared.worker.worker import Worker
async def main():
    worker = Worker("{FUNCTIONS}:obey", Limits(seconds=60.0))
    await worker.call(b"warm")
    print(*worker.process_ids, flush=True)
    await worker.call(b"sleep 50")
asyncio.run(main())
"""


@pytest.fixture
def parent() -> Iterator["subprocess.Popen[str]"]:
    root = str(Path(__file__).parents[4])
    environment = {**os.environ, "PYTHONPATH": root}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield process
        process.kill()


async def test_a_process_ends_with_its_parent_also_in_the_middle_of_a_call(parent: "subprocess.Popen[str]") -> None:
    assert parent.stdout
    pid = int(await asyncio.to_thread(parent.stdout.readline))
    assert alive(pid)
    parent.kill()
    await until(lambda: not alive(pid))


async def test_a_worker_that_is_closed_while_a_process_starts_ends_it(make: Make) -> None:
    """INVARIANT: nothing waits for a process that nobody calls any more."""
    worker = make("echo")
    call = asyncio.create_task(worker.call(b"x"))
    children = psutil.Process().children
    before = children()
    (process,) = await until(lambda: [child for child in children() if child not in before])
    async with asyncio.timeout(15):
        await worker.close()
    with pytest.raises(CallFailedError, match="closed"):
        await call
    assert not alive(process.pid)
