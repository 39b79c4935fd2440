"""Several fetchers on one Redis: each due source is polled by exactly one, and nobody's death loses it."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import web

from services.fetcher.ledger.observation import Observation
from services.fetcher.polling.poller import Poller
from services.fetcher.polling.source_store import DUE_LIVE, LEASE_S, LEASES, Leases, SourceStore
from services.fetcher.sources.port import Cursor, Poll
from shared.bus import Bus
from shared.papers.streams import FETCHED
from tests.integration.fetcher.http.polite import site
from tests.integration.fetcher.support import Clock, Scripted, config, rss
from tests.support import entries, item, until


class Unwritten:
    async def record(self, source: str, observed: Sequence[Observation]) -> None: ...

    async def failed(self, source: str, reason: str) -> None: ...


class Counted:
    """Sources that count how often each was polled, and by whom at once."""

    def __init__(self) -> None:
        self.polls: Counter[str] = Counter()
        self.under_way: Counter[str] = Counter()

    def make(self, name: str) -> "Counted.One":
        return Counted.One(name, self)

    class One:
        def __init__(self, name: str, all_: "Counted") -> None:
            self.name = name
            self._all = all_

        async def poll(self, cursor: Cursor) -> Poll:
            self._all.under_way[self.name] += 1
            assert self._all.under_way[self.name] == 1, "two at once"
            await asyncio.sleep(0.002)
            self._all.under_way[self.name] -= 1
            self._all.polls[self.name] += 1
            return Poll([item(1, source=self.name)], cursor={"polls": cursor.get("polls", 0) + 1})


async def test_many_fetchers_poll_each_source_once(bus: Bus) -> None:
    """INVARIANT: however many processes look at once, a due source is polled by one of them, once."""
    counted, clock = Counted(), Clock()
    names = [f"s{number}" for number in range(200)]
    await SourceStore(bus.redis).seed([config(name) for name in names])
    pollers = [Poller(bus, lambda c: counted.make(c.name), Unwritten(), most=60, clock=clock) for _ in range(4)]
    for rounds in (1, 2):
        while sum(counted.polls.values()) < rounds * len(names):
            await asyncio.gather(*(polling.round() for polling in pollers))
            await asyncio.gather(*(polling.settled() for polling in pollers))
        await asyncio.gather(*(polling.round() for polling in pollers))
        assert set(counted.polls.values()) == {rounds}
        clock.forward(hours=1)


async def test_a_lease_lives_as_long_as_its_poll(bus: Bus) -> None:
    """INVARIANT: a slow poll is not begun a second time beside the first; one that nobody renews is."""
    clock, source = Clock(), Scripted("cranes", Poll([item(1)]))
    source.gate.clear()
    await SourceStore(bus.redis).seed([config("cranes")])
    first, second = (Poller(bus, lambda _: source, Unwritten(), clock=clock) for _ in range(2))
    await first.round()
    await until(lambda: source.asked)
    for _ in range(10):
        clock.forward(seconds=LEASE_S / 2)
        await first.round()
        await second.round()
    assert len(source.asked) == 1
    clock.forward(seconds=LEASE_S + 1)  # the first hangs: it has not looked for so long
    await second.round()
    await until(lambda: len(source.asked) == 2)
    source.gate.set()
    await asyncio.gather(first.settled(), second.settled())
    assert len(await entries(bus, FETCHED)) == 1, "who lost the lease publishes nothing"
    assert await bus.redis.hlen(LEASES) == 0


async def test_the_clock_of_leases_is_that_of_redis(bus: Bus) -> None:
    """INVARIANT: a fetcher whose own clock is wrong neither takes over what another polls nor asks too soon."""
    await SourceStore(bus.redis).seed([config("cranes")])
    leases = Leases(bus.redis, "one")
    before, _ = await bus.redis.time()
    assert await leases.claim(10) == ["cranes"]
    ends = await bus.redis.zscore(DUE_LIVE, "cranes")
    assert await Leases(bus.redis, "another").claim(10) == []
    await leases.settle("cranes", 500.0)
    due = await bus.redis.zscore(DUE_LIVE, "cranes")
    after, _ = await bus.redis.time()
    assert before <= ends - LEASE_S <= after + 1
    assert before <= due - 500 <= after + 1


async def test_a_slow_host_does_not_fill_the_places_of_the_others(bus: Bus) -> None:
    clock, slow, fine = Clock(), Scripted("slow", Poll()), Scripted("fine", Poll())
    slow.gate.clear()
    await SourceStore(bus.redis).seed([config(f"slow{n}") for n in range(50)] + [config("zz")])
    polling = Poller(bus, lambda c: fine if c.name == "zz" else slow, Unwritten(), clock=clock)
    await polling.round()
    await until(lambda: fine.asked)
    slow.gate.set()
    await polling.settled()


async def test_the_cost_of_a_round_does_not_grow_with_the_sources(bus: Bus) -> None:
    """With nothing due, a round reads a counter and a sorted set, and no state."""
    clock = Clock()
    await SourceStore(bus.redis).seed([config(f"s{n}") for n in range(300)])
    polling = Poller(bus, lambda c: Scripted(c.name, Poll()), Unwritten(), clock=clock)
    await polling.round()
    await polling.settled()
    before = (await bus.redis.info("stats"))["total_commands_processed"]
    await polling.round()
    assert (await bus.redis.info("stats"))["total_commands_processed"] - before < 8
    assert await bus.redis.zcard(DUE_LIVE) == 300


CHILD = """
import services.fetcher.polling.source_store as leases, services.fetcher.polling.poller as poller
leases.LEASE_S = poller.LEASE_S = 1.5
from services.fetcher.__main__ import build, FetcherSettings, main
main(build, FetcherSettings)
"""


@pytest.mark.timeout(60)
async def test_the_poll_of_a_killed_fetcher_is_taken_over(bus: Bus, tmp_path: Path) -> None:
    """INVARIANT: SIGKILL in the midst of a poll loses nothing: another process polls the source again."""
    asked = 0

    async def handle(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        if asked == 1:
            await asyncio.sleep(30)
        return web.Response(body=rss("One", "Two"))

    async with site(handle) as url, AsyncExitStack() as stack:
        file = tmp_path / "sources.toml"
        file.write_text(f'[[source]]\nname = "cranes"\ntype = "feed"\nurl = "{url}/feed"\n')
        own = {
            "PAPERWIRE_REDIS_URL": bus.settings.redis_url,
            "PAPERWIRE_SOURCES_FILE": str(file),
            "PAPERWIRE_HTTP_PORT": "0",
            "PAPERWIRE_DATA_DIR": str(tmp_path),
            "PAPERWIRE_ALLOW_PRIVATE_ENDPOINTS": "127.0.0.0/8",
        }
        children: list[asyncio.subprocess.Process] = []

        async def end() -> None:
            for child in children:
                if child.returncode is None:
                    child.kill()
                await child.wait()

        stack.push_async_callback(end)
        for _ in range(2):
            children.append(
                await asyncio.create_subprocess_exec(
                    sys.executable, "-c", CHILD, env={**os.environ, **own}, stderr=asyncio.subprocess.DEVNULL
                )
            )
            await until(lambda: asked == 1)
        children[0].kill()
        await until(lambda: asked == 2)
        await until(lambda: bus.redis.xlen(FETCHED.name))
        assert [entry.event.item.title for entry in await entries(bus, FETCHED)] == ["One", "Two"]
