"""Several notifier processes share the work, and a killed one's is done by the others."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from shared.bus import Bus
from shared.papers.paper import Paper
from shared.papers.streams import INDEXED
from tests.integration.notifier.support import Receiver, indexed, notifier
from tests.support import until

ROOT = Path(__file__).parents[3]


def papers(number: int) -> list[Paper]:
    return [Paper(id=f"arXiv:2603.{n:05d}", title="cranes", categories=("cs.RO",)) for n in range(number)]


async def publish(bus: Bus, number: int) -> None:
    async with bus.hop("indexer") as hop:
        for paper in papers(number):
            await hop.publish(INDEXED, indexed(paper), "test")
        await hop.commit()


@asynccontextmanager
async def process(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a notifier as a process of its own."""
    command = (sys.executable, "-m", "tests.integration.notifier.holder", *arguments)
    child = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stderr=asyncio.subprocess.DEVNULL)
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()


async def test_deliveries_of_a_killed_process_continue_within_seconds(
    redis_url: str, qdrant_url: str, tmp_path: Path, receiver: Receiver, bus: Bus
) -> None:
    hanging = True

    async def reply(_: web.Request) -> web.StreamResponse:
        if hanging:
            await asyncio.Event().wait()
        return web.Response(status=204)

    receiver.answers["/hook"] = reply
    async with notifier(redis_url, qdrant_url, tmp_path) as wire:
        made = await wire.subscribe(receiver.url(), categories=["cs.RO"])
        key = wire.key
    async with process(redis_url, qdrant_url, str(tmp_path)) as child:
        await publish(bus, 3)
        await receiver.count(3, within=30)
        async with notifier(redis_url, qdrant_url, tmp_path) as wire:
            wire.key = key
            hanging = False
            child.kill()
            await receiver.count(6, within=6)

            async def all_delivered() -> bool:
                return [one["state"] for one in await wire.deliveries(made["id"])] == ["delivered"] * 3

            await until(all_delivered)
            assert len({one.headers["webhook-id"] for one in receiver.arrived}) == 3
            assert not await wire.runtime.redis.exists("deliveries:busy")
            assert len(receiver.arrived) == 6


async def test_two_processes_share_the_work_and_send_nothing_twice(
    redis_url: str, qdrant_url: str, tmp_path: Path, receiver: Receiver, bus: Bus
) -> None:
    async with (
        notifier(redis_url, qdrant_url, tmp_path) as one,
        notifier(redis_url, qdrant_url, tmp_path) as _,
        process(redis_url, qdrant_url, str(tmp_path)),
    ):
        for number in range(5):
            await one.subscribe(receiver.url(f"/{number}"), categories=["cs.RO"])
        await publish(bus, 100)
        await receiver.count(500, within=30)
        await until(one.drained)
        assert len({one.headers["webhook-id"] for one in receiver.arrived}) == len(receiver.arrived) == 500
