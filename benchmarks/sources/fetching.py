"""What it costs to ask many sources.

`even`: 500 sources on 50 hosts, ten on each, all due at once (bars: 1.05 of the time of the slowest host's budget; 200
MB of memory). All hosts come to their end at once: what is over is the work on the last answer of each of them.
`uneven`: the same, but one host has three times as many as the others, and is waited for alone.
`unchanged`: polls that are answered 304 (bar: 5 ms of CPU each).
"""

import asyncio
import resource
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from tempfile import TemporaryDirectory

from aiohttp import web

from benchmarks.common import arguments, report
from embedded.redis import EmbeddedRedis
from services.fetcher.bootstrap import Drivers, now, open_polite, open_session
from services.fetcher.ledger.ledger import Ledger
from services.fetcher.polling.poller import Poller
from services.fetcher.polling.source_store import SourceStore
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.feeds.driver import FeedConfig
from shared.bus import Bus, open_redis
from shared.bus.upkeep import ensure_groups
from shared.telemetry import configure_logging

HOSTS = 50
INTERVAL_S = 0.5
ITEMS = 20
BARS = {"memory, MB": 200, "304, ms of CPU": 5}


async def serve() -> None:
    """Answer every address with a feed, and a conditional request with 304; runs in a process of its own."""
    rows = "".join(
        f"<item><title>Paper {n}</title><guid>urn:x:{n}</guid><description>{'An abstract. ' * 40}</description></item>"
        for n in range(ITEMS)
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{rows}</channel></rss>'.encode()

    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match"):
            return web.Response(status=304)
        return web.Response(body=body, headers={"ETag": '"1"'})

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", 0).start()  # noqa: S104  # every address of the loopback is a host of its own
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


@asynccontextmanager
async def server() -> AsyncIterator[int]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.sources.fetching", "serve", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    try:
        yield int(await process.stdout.readline())
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def poller(folder: Path) -> AsyncIterator[tuple[Poller, SourceStore]]:
    async with EmbeddedRedis(folder / "redis") as server:
        settings = FetcherSettings.load(
            redis_url=server.url, host_interval=INTERVAL_S, allow_private_endpoints=(ip_network("127.0.0.0/8"),)
        )
        redis = open_redis(settings.redis_url)
        await ensure_groups(redis)
        bus = Bus(settings, redis)
        await bus.broker.connect()
        session = open_session(settings)
        drivers = Drivers(open_polite(settings, session, redis), settings)
        yield Poller(bus, drivers.make, Ledger(redis, now)), SourceStore(redis)
        await drivers.feeds.close()
        await session.close()
        await bus.broker.stop()
        await redis.aclose()


async def finished(polling: Poller, store: SourceStore, count: int) -> None:
    """Run rounds until every source was polled."""
    done = 0
    while done < count:
        await polling.round()
        await asyncio.sleep(0.1)
        done = sum(state["state"] == "ok" for state in (await store.states()).values())
    await polling.settled()


async def many(folder: Path, port: int, hosts: Sequence[int]) -> tuple[float, float]:
    """Poll a source on each of these hosts, all due at once; give the seconds, and their share of the budget."""
    async with poller(folder) as (polling, store):
        configs = [
            FeedConfig(name=f"s{n}", type="feed", url=f"http://127.0.0.{host + 1}:{port}/{n}")
            for n, host in enumerate(hosts)
        ]
        await store.seed(configs)
        await polling.refresh()
        started = time.perf_counter()
        await polling.round()
        await polling.settled()
        elapsed = time.perf_counter() - started
        states = (await store.states()).values()
        assert all(state["state"] == "ok" for state in states), states
    return elapsed, elapsed / ((max(Counter(hosts).values()) - 1) * INTERVAL_S)


async def unchanged(folder: Path, port: int, count: int) -> dict[str, float]:
    async with poller(folder) as (polling, store):
        configs = [
            FeedConfig(name=f"s{n}", type="feed", url=f"http://127.0.0.{n + 1}:{port}/{n}") for n in range(HOSTS)
        ]
        await store.seed(configs)
        await finished(polling, store, HOSTS)
        spent, polls = 0.0, 0
        while polls < count:
            await asyncio.sleep(INTERVAL_S)
            for config in configs:
                await store.hasten(config.name)
            before = time.process_time()
            await polling.round()
            await polling.settled()
            spent, polls = spent + time.process_time() - before, polls + HOSTS
        states = (await store.states()).values()
        assert all(state["detail"] == "unchanged" for state in states), states
    return {"304, ms of CPU": spent / polls * 1_000}


async def run() -> None:
    """Measure and report."""
    given = arguments(__doc__ or "", sources=500, polls=500)
    configure_logging("warning")
    figures: dict[str, float] = {}
    with TemporaryDirectory(prefix="paperwire-bench-") as folder:
        async with server() as port:
            even = [n % HOSTS for n in range(given.sources)]
            uneven = [0 if n % 50 < 3 else 1 + n % (HOSTS - 1) for n in range(given.sources)]
            for name, hosts in (("even", even), ("uneven", uneven)):
                seconds, share = await many(Path(folder) / name, port, hosts)
                figures |= {f"{name}, s": seconds, f"{name}, of the budget": share}
            figures["memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            figures |= await unchanged(Path(folder) / "unchanged", port, given.polls)
    report(figures | {f"{name}, of the bar": figures[name] / bar for name, bar in BARS.items()}, given.json)


if __name__ == "__main__":
    asyncio.run(serve() if sys.argv[1:] == ["serve"] else run())
