"""The faults: each is a function that does harm for a while, and undoes it."""

import asyncio
import contextlib
import random
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from shared.bus import open_redis
from tests.chaos.plan import Step
from tests.chaos.receivers import Receivers
from tests.chaos.world import World, holds
from tests.power_cut import MIB

TERM_S: Final = 15.0
"""Seconds within which an instance has to end after SIGTERM: ten, and five for a busy machine."""
HUGE: Final = 20 * MIB
GONE_PAUSE_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Target:
    """What a fault hits: the instance and the receivers."""

    world: World
    receivers: Receivers


async def kill(target: Target, step: Step) -> None:
    """Send SIGKILL; whoever supervises the process starts it again."""
    target.world.send(step.target, signal.SIGKILL)
    await asyncio.sleep(step.seconds)


async def term(target: Target, step: Step) -> None:
    """Send SIGTERM; the whole instance has to end within some seconds and with status 0."""
    world, process, began = target.world, target.world.process, time.monotonic()
    world.send(step.target, signal.SIGTERM)
    if step.target in ("up", "all") and process:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), TERM_S)
        world.history.add("terminated", status=process.returncode, seconds=round(time.monotonic() - began, 2))
        return
    await asyncio.sleep(step.seconds)


async def stop(target: Target, step: Step) -> None:
    """Stop processes with SIGSTOP, and let them continue."""
    stopped = target.world.find(step.target)
    for process in stopped:
        process.suspend()
    try:
        await asyncio.sleep(step.seconds)
    finally:
        for process in stopped:
            if process.is_running():
                process.resume()


async def gone(target: Target, step: Step) -> None:
    """Kill a server as often as it is started again, so that it is gone for a while."""
    until = time.monotonic() + step.seconds
    while time.monotonic() < until:
        target.world.send(step.target, signal.SIGKILL)
        await asyncio.sleep(GONE_PAUSE_S)


async def power(target: Target, _: Step) -> None:
    """Cut the power: all processes are gone, and the disk is as it was at that moment."""
    world = target.world
    assert world.disk
    async with world.starting:
        world.send_all(signal.SIGKILL)
        root = await asyncio.to_thread(world.disk.cut_power)
        world.disk.go_on_with(root)
        world.data_dir = root / "data"


async def full(target: Target, step: Step) -> None:
    """Fill the disk, and keep it full for a while."""
    disk = target.world.disk
    assert disk
    filler, until = disk.root / "filler", time.monotonic() + step.seconds
    try:
        while time.monotonic() < until:
            await asyncio.to_thread(disk.fill, filler)
            await asyncio.sleep(GONE_PAUSE_S)
    finally:
        filler.unlink(missing_ok=True)


async def upset(target: Target, step: Step) -> None:
    """Let the receivers be slow, hang, fail, lie or reset connections."""
    target.receivers.mood = step.target
    try:
        await asyncio.sleep(step.seconds * 2)
    finally:
        target.receivers.mood = ""


async def clock(target: Target, step: Step) -> None:
    """Set the clock of the machine forward or back."""
    target.world.clock.move(float(step.target))


async def digest(target: Target, step: Step) -> None:
    """Let a digest become due, and kill its writer while it writes."""
    world = target.world
    world.clock.move(world.clock.until_digest() + random.random())  # any moment
    await asyncio.sleep(min(step.seconds / 3, 2.0))
    world.send("notifier" if world.size == "processes" else "up", signal.SIGKILL)


async def poison(target: Target, step: Step) -> None:
    """Write an entry that nothing can read into a stream."""
    world = target.world
    kind, stream = step.target.split()
    mark = f"poison-{len(world.history.of('poison'))}"
    values = {
        "garbage": {"__data__": b"\x00\xff\x93NUMPY" + mark.encode()},
        "shape": {"__data__": b'{"paper": [7], "mark": "%s"}' % mark.encode()},
        "huge": {"__data__": mark.encode() + b"x" * HUGE},
        "fields": {"nothing": mark.encode()},
    }
    if (instance := world.instance) is None or instance.redis_url is None:
        return
    redis = open_redis(instance.redis_url)
    try:
        await redis.xadd(stream, values[kind])
        world.history.add("poison", mark=mark, stream=stream, what=kind)
    finally:
        await redis.aclose()


async def twice(target: Target, _: Step) -> None:
    """Let two commands import the next file at once."""
    target.world.twice += 1


Fault = Callable[[Target, Step], Awaitable[None]]
FAULTS: Final[Mapping[str, Fault]] = {
    "kill": kill, "term": term, "stop": stop, "gone": gone, "power": power, "full": full, "receivers": upset,
    "clock": clock, "digest": digest, "poison": poison, "twice": twice,
}  # fmt: skip


async def cause(target: Target, step: Step) -> None:
    """Cause the fault of a step, undo it, and wait until the instance is ready."""
    await asyncio.sleep(step.after)
    target.world.history.add("step", fault=step.fault, target=step.target, seconds=step.seconds)
    await FAULTS[step.fault](target, step)
    target.world.history.add("undone", fault=step.fault)
    if not await holds(lambda: _responds(target.world), 120):
        message = f"After {step.fault} {step.target} the instance does not become ready. See {target.world.log}."
        raise AssertionError(message)


async def _responds(world: World) -> bool:
    status, _ = await world.ask("GET", "/readyz")
    return status == 200
