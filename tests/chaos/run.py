"""One run: an instance, its load, the faults of a plan, and in the end the check of the history."""

import asyncio
import contextlib
import re
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from shared.bus import open_redis
from shared.bus.upkeep import lag
from shared.embedding.embedder import DEFAULT_MODEL, open_embedder
from shared.papers.streams import STREAMS
from shared.qdrant import PAPERS, open_qdrant
from shared.settings import Settings
from tests.chaos.check import outstanding, violations
from tests.chaos.clock import DIGEST_AT, STARTS, ZONE, Clock
from tests.chaos.faults import Target, cause
from tests.chaos.history import History
from tests.chaos.load import SUBSCRIPTIONS, Load
from tests.chaos.plan import Plan
from tests.chaos.receivers import Receivers, receivers
from tests.chaos.world import World, holds
from tests.power_cut import MIB, Disk, disk

DISK: Final = 768 * MIB
FLOW_S: Final = 60.0
ROUNDS: Final = 24
ROUND_S: Final = 6.0
MARK: Final = re.compile(rb"poison-\d+")
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a run: the broken promises, and what was done."""

    plan: Plan
    broken: list[str]
    papers: int
    alerts: int
    attempts: int
    seconds: float


async def run_plan(plan: Plan, folder: Path, models: Path, say: Say) -> Result:
    """Run a plan in an empty folder; `say` gets a line for each step."""
    began, history = time.monotonic(), History(folder / "history.jsonl")
    async with contextlib.AsyncExitStack() as stack:
        device = _disk(folder, stack)
        data_dir = (device.root if device else folder) / "data"
        data_dir.mkdir()
        (data_dir / "models").symlink_to(models)
        world = World(plan.size, folder, data_dir, Clock(folder, STARTS[plan.seed % 2]), history, device)
        try:
            hooks = await stack.enter_async_context(receivers(history))
            await stack.enter_async_context(world.running())
            await _run(plan, world, hooks, say)
        except Exception as error:  # noqa: BLE001  # whatever it is, the run has failed, and its history is checked
            history.add("error", what=f"{type(error).__name__}: {error}"[:2_000])
    seconds = round(time.monotonic() - began, 1)
    accepted = sum(len(event["changes"]) for event in history.of("accepted"))
    attempts = history.of("attempt")
    return Result(plan, violations(history), accepted, len({e["id"] for e in attempts}), len(attempts), seconds)


async def _run(plan: Plan, world: World, hooks: Receivers, say: Say) -> None:
    for name, fields in SUBSCRIPTIONS.items():
        if name != "digest" or world.clock.movable:
            await _subscribe(world, hooks, name, fields)
    load, target = Load(world), Target(world, hooks)
    loading = asyncio.create_task(load.run())
    try:
        await holds(lambda: _flows(world.history), FLOW_S)
        for number, step in enumerate(plan.steps, 1):
            say(f"{number:>3}/{len(plan.steps)} {step.fault} {step.target} {step.seconds:g} s")
            await cause(target, step)
        load.stopped.set()
        await loading
    finally:
        loading.cancel()
    await _settle(world)
    await _look(world)
    world.send("up", signal.SIGTERM)
    assert world.process
    await asyncio.wait_for(world.process.wait(), 30)


async def _flows(history: History) -> bool:
    """Return whether alerts arrive, so that the first fault hits work under way."""
    return bool(history.of("attempt"))


async def _subscribe(world: World, hooks: Receivers, name: str, fields: dict[str, Any]) -> None:
    channel = {"type": "webhook", "url": f"{hooks.url}/{name}"}
    body = {"name": name, "channel": channel, **fields}
    if name == "digest":
        body["schedule"] = {"daily": DIGEST_AT, "timezone": ZONE.key}
    status, answer = await world.ask("POST", "/v1/subscriptions", json=body)
    assert status == 201, answer
    hooks.secrets[name] = answer["secret"]


async def _settle(world: World) -> None:
    """Wait for what is still outstanding; move the clock on, as retries and digests are due at some hour."""
    await world.until_ready()
    for number in range(ROUNDS):
        if await holds(lambda: _is_settled(world), ROUND_S):
            return
        waits = any(name == "digest" for name, _, _ in outstanding(world.history))
        if world.clock.movable:
            world.clock.move(world.clock.until_digest() + 1 if waits and number % 3 == 0 else 1_200 * (number + 1))


async def _is_settled(world: World) -> bool:
    return not outstanding(world.history) and not await _unsettled(world)


async def _unsettled(world: World) -> list[str]:
    """Return the groups that have work left."""
    instance = world.instance
    if instance is None or instance.redis_url is None:
        return ["the instance does not run"]
    redis = open_redis(instance.redis_url)
    try:
        lags = {f"{s.name} {g}": await lag(redis, s.name, g) for s in STREAMS for g in s.groups}
    finally:
        await redis.aclose()
    return [f"{name}: {left}" for name, left in lags.items() if any(left.values())]


async def _look(world: World) -> None:
    """Record what is in the index and in the streams of dead letters."""
    instance = world.instance
    assert instance
    assert instance.redis_url
    settings = Settings.load(redis_url=instance.redis_url, qdrant_url=instance.qdrant_url)
    redis, qdrant = open_redis(settings.redis_url), open_qdrant(settings)
    try:
        papers: list[str] = []
        offset: Any = None
        while True:
            points, offset = await qdrant.scroll(PAPERS, limit=500, offset=offset, with_payload=True)
            papers += [str((point.payload or {})["paper"]["id"]) for point in points]
            if offset is None:
                break
        letters = [
            {"stream": stream.dead, "reason": fields.get(b"reason", b"").decode(), "marks": _marks(fields)}
            for stream in STREAMS
            for _, fields in await redis.xrange(stream.dead)
        ]
    finally:
        await redis.aclose()
        await qdrant.close()
    world.history.add("final", papers=papers, dead=letters, unsettled=await _unsettled(world))


def _marks(fields: dict[bytes, bytes]) -> list[str]:
    return sorted({found.decode() for value in fields.values() for found in MARK.findall(value)})


def _disk(folder: Path, stack: contextlib.ExitStack | contextlib.AsyncExitStack) -> Disk | None:
    try:
        return stack.enter_context(disk(folder, DISK))
    except pytest.skip.Exception:
        return None


async def make_models(folder: Path) -> Path:
    """Make the embedding model once for all runs."""
    await (await open_embedder(DEFAULT_MODEL, folder)).close()
    return folder
