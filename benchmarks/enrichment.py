"""How fast sightings become works, and what a work costs in Redis.

Stored papers are enriched with providers off, by one process and by two on one Redis (bar: 1,500 papers/s with two, on
two cores), beside a bare loop that only decodes, compresses and appends. Then they are all told again, as at a second
import. State is what Redis has in use for works and aliases, streams excluded (bar: 1,024 bytes a work).
"""

import asyncio
import os
import sys
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import psutil
from redis.asyncio import Redis

from benchmarks.common import arguments, data, report
from embedded.redis import EmbeddedRedis
from services.fetcher.sources.feeds.parse import parse_feed
from services.fetcher.sources.files.reader import read_papers
from shared.bus import Bus, open_redis
from shared.bus.upkeep import ensure_groups
from shared.papers.events import PaperFetched
from shared.papers.streams import ENRICHED, FETCHED
from shared.settings import Settings

BAR = 1_500
BYTES = 1_024
WARM = 0.1
"""Of all papers: the share that is handled before the clock starts, while processes come up."""


@asynccontextmanager
async def own_bus(folder: Path) -> AsyncIterator[Bus]:
    async with EmbeddedRedis(folder) as server:
        settings = Settings.load(redis_url=server.url, data_dir=folder)
        redis = open_redis(settings.redis_url)
        await ensure_groups(redis)
        bus = Bus(settings, redis)
        await bus.broker.connect()
        yield bus
        await bus.stop()
        await redis.aclose()


@asynccontextmanager
async def enrichers(bus: Bus, count: int) -> AsyncIterator[list[psutil.Process]]:
    environment = {**os.environ, "PAPERWIRE_REDIS_URL": bus.settings.redis_url, "PAPERWIRE_HTTP_PORT": "0"}
    command = (sys.executable, "-m", "services.enricher")
    environment["PAPERWIRE_LOG_LEVEL"] = "warning"
    processes = [await asyncio.create_subprocess_exec(*command, env=environment) for _ in range(count)]
    yield [psutil.Process(process.pid) for process in processes]
    for process in processes:
        process.terminate()
    await asyncio.gather(*(process.wait() for process in processes))


async def show(bus: Bus, events: Sequence[PaperFetched], correlation: str) -> None:
    for start in range(0, len(events), 500):
        async with bus.hop("benchmark") as hop:
            for event in events[start : start + 500]:
                await hop.publish(FETCHED, event, correlation)
            await hop.commit()


class Rate(NamedTuple):
    """Papers per second from when all processes are at work; per second of their CPU; and the memory of one of them."""

    papers: float
    of_cpu: float
    memory_mb: float


async def rate(bus: Bus, events: Sequence[PaperFetched], correlation: str, processes: int) -> Rate:
    """Have events enriched, and measure."""
    await show(bus, events, correlation)
    least = len(events) * WARM
    async with enrichers(bus, processes) as children:
        await until(lambda: _done(bus.redis, correlation), least)
        await until(lambda: _working(bus.redis), processes)
        before, started, spent = await _done(bus.redis, correlation), time.perf_counter(), cpu(children)
        assert before < len(events) * 0.7, "too few papers for the time that processes need to come up"
        count = await until(lambda: _done(bus.redis, correlation), len(events)) - before
        memory = max(child.memory_info().rss for child in children) / 1024**2
        return Rate(count / (time.perf_counter() - started), count / (cpu(children) - spent), memory)


def cpu(processes: Sequence[psutil.Process]) -> float:
    """Give the seconds of CPU that processes have used; less swayed by what else runs than a clock is."""
    times = [process.cpu_times() for process in processes]
    return sum(each.user + each.system for each in times)


async def until(count: Callable[[], Awaitable[int]], least: float) -> int:
    while (value := await count()) < least:  # noqa: ASYNC110  # Redis tells nobody how far its readers are
        await asyncio.sleep(0.02)
    return value


async def _done(redis: "Redis[bytes]", correlation: str) -> int:
    return int(await redis.hget(f"progress:{correlation}", "enricher") or 0)


async def _working(redis: "Redis[bytes]") -> int:
    rows = await redis.xinfo_consumers(FETCHED.name, "enricher")
    return len({row["name"].rpartition(b"-")[0] for row in rows})


async def bytes_a_work(redis: "Redis[bytes]", empty: int) -> float:
    """Give what Redis has in use beyond `empty` bytes for each work, once the streams are gone."""
    works = len(await redis.keys("work:*"))
    await redis.delete(FETCHED.name, ENRICHED.name)
    return float((await redis.info("memory"))["used_memory"] - empty) / works


async def bare(bus: Bus, events: Sequence[PaperFetched]) -> float:
    """Decode, compress and append in one process, and nothing else; give papers per second."""
    bodies = [event.model_dump_json(exclude_none=True).encode() for event in events]
    started = time.perf_counter()
    for start in range(0, len(bodies), 256):
        pipe = bus.redis.pipeline()
        for body in bodies[start : start + 256]:
            event = PaperFetched.model_validate_json(body)
            pipe.set(f"bare:{event.item.id}", zlib.compress(body, 3))
            pipe.xadd("bare", {"data": body})
        await pipe.execute()
    elapsed = time.perf_counter() - started
    return len(bodies) / elapsed


async def run() -> None:
    """Measure and report."""
    given = arguments(__doc__ or "", papers=20_000)
    name = "arxiv-5k.jsonl.gz" if given.papers <= 5_000 else "arxiv-64k.jsonl.gz"
    now = datetime.now(UTC)
    items = islice((item for item, _ in read_papers(data(name), "file", parse_feed) if item), given.papers)
    events = [PaperFetched(item=item, fetched_at=now) for item in items]
    with TemporaryDirectory(prefix="paperwire-bench-") as folder:
        async with own_bus(Path(folder) / "one") as bus:
            loop = await bare(bus, events)
            await bus.redis.flushall()
            await ensure_groups(bus.redis)
            one = await rate(bus, events, "import-one", 1)
        async with own_bus(Path(folder) / "two") as bus:
            empty = (await bus.redis.info("memory"))["used_memory"]
            two = await rate(bus, events, "import-two", 2)
            again = await rate(bus, events, "import-again", 2)
            state = await bytes_a_work(bus.redis, empty)
    figures = {"bare loop, papers/s": loop, "one process, papers/s": one.papers, "of the bare loop": one.papers / loop}
    figures |= {"two processes, papers/s": two.papers, "of the bar": two.papers / BAR, "papers/s of CPU": two.of_cpu}
    figures |= {"told again, papers/s": again.papers, "memory of one, MB": two.memory_mb}
    figures |= {"bytes a work": state, "of 1 KB": state / BYTES}
    report(figures, given.json)


if __name__ == "__main__":
    asyncio.run(run())
