"""A fetcher of its own process, whose memory and time are measured while it polls what it is told on its input.

A line names a source and its address; the answer is one line of JSON.
"""

import asyncio
import json
import sys
import time
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from services.enricher.works.sighting import prepare
from services.fetcher.bootstrap import Drivers, now, open_polite, open_session
from services.fetcher.ledger.ledger import Ledger
from services.fetcher.polling.outcome import cursor_key
from services.fetcher.polling.poller import Poller
from services.fetcher.polling.source_store import SourceStore
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.feeds.driver import PROCESSES, FeedConfig
from shared.bus import Bus, open_redis
from shared.bus.upkeep import ensure_groups
from shared.papers.streams import FETCHED
from shared.telemetry import configure_logging
from tests.integration.fetcher.support import rss
from tests.support import entries

TIMEOUT_S = 2.0


def memory(field: str) -> float:
    """Give VmRSS or VmHWM in MB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


def begin_peak() -> None:
    """Let VmHWM begin anew."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


class MeasuredFetcher:
    """One fetcher with a source that behaves, and one after the other that does not."""

    def __init__(self, bus: Bus, polling: Poller, good: str) -> None:
        self.bus = bus
        self.polling = polling
        self.store = SourceStore(bus.redis)
        self.good = good
        self.seen = 0

    async def poll(self, name: str, url: str) -> dict[str, Any]:
        """Poll one source beside the good one."""
        await self.store.add(FeedConfig(name=name, type="feed", url=url))
        await self.store.hasten("good")
        before = (await self.store.states())["good"]["last_poll"]
        begin_peak()
        resting, started = memory("VmRSS"), time.monotonic()
        round_ = asyncio.create_task(self._round())
        on_time = None
        while not round_.done() or on_time is None:
            if on_time is None and (await self.store.states())["good"]["last_poll"] != before:
                on_time = time.monotonic() - started
            await asyncio.sleep(0.02)
        await round_
        report = {"growth": memory("VmHWM") - resting, "seconds": time.monotonic() - started, "good": on_time}
        state = (await self.store.states())[name]
        cursor = json.loads(await self.bus.redis.get(cursor_key(name)) or "{}")
        published = [entry.event.item for entry in await entries(self.bus, FETCHED)]
        items = [item for item in published if item.source != "good"]
        titles = [prepare(item).title for item in items[:20]]
        await self.bus.redis.delete(FETCHED.name)
        keys = [key.decode() async for key in self.bus.redis.scan_iter("budget:*:quiet")]
        for key in keys:
            await self.bus.redis.delete(key)
        wait = 0.0
        if state["next_poll"] and state["last_poll"]:
            wait = (now().fromisoformat(state["next_poll"]) - now().fromisoformat(state["last_poll"])).total_seconds()
        await self.store.remove(name)
        shown = {"state": state["state"], "detail": state["detail"], "wait": wait, "cursor": cursor}
        urls = [item.url for item in items[:20]]
        return report | shown | {"titles": titles, "urls": urls, "count": len(items)}

    async def _round(self) -> None:
        await self.polling.round()
        await self.polling.settled()


async def run(redis_url: str, good: str) -> None:
    configure_logging("error")
    settings = FetcherSettings.load(
        redis_url=redis_url,
        fetch_timeout=TIMEOUT_S,
        host_interval=0,
        host_places=8,
        allow_private_endpoints=(ip_network("127.0.0.1/32"),),
    )
    redis = open_redis(settings.redis_url)
    await ensure_groups(redis)
    bus = Bus(settings, redis)
    await bus.broker.connect()
    session = open_session(settings)
    drivers = Drivers(open_polite(settings, session, redis), settings)
    polling = Poller(bus, drivers.make, Ledger(redis, now))
    measured = MeasuredFetcher(bus, polling, good)
    await measured.store.add(FeedConfig(name="good", type="feed", url=good))
    await polling.round()
    await polling.settled()
    # Both processes that parse feeds run before anything is measured: on a busy machine one takes seconds to start.
    await asyncio.gather(*(drivers.feeds.parse(rss("Warm"), "warm") for _ in range(PROCESSES)))
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        report = await measured.poll(*line.split())
        sys.stdout.write(json.dumps(report) + "\n")
        sys.stdout.flush()
    await drivers.feeds.close()
    await session.close()
    await bus.broker.stop()
    await redis.aclose()


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]))
