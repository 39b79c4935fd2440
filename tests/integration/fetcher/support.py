"""Servers that behave and servers that do not, a clock that is moved by hand, and a source that does as it is told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from ipaddress import ip_network

from aiohttp import web

from services.fetcher.http.polite import Allowance, Budgets, Polite
from services.fetcher.sources.config import SourceConfig
from services.fetcher.sources.feeds.driver import HttpFeed
from services.fetcher.sources.feeds.parse import parse_feed
from services.fetcher.sources.port import Cursor, Poll
from services.fetcher.sources.sources_file import parse_source
from shared.bus import open_redis
from shared.outbound import outbound_session
from shared.time_limit import in_thread
from tests.support import NOW

HERE = (ip_network("127.0.0.1/32"),)
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def rss(*titles: str) -> bytes:
    items = "".join(f"<item><title>{title}</title><guid>urn:{title}</guid></item>" for title in titles)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()


async def parse_here(body: bytes, source: str, base: str, most: int) -> Poll:
    """Parse a feed as the processes do, without starting one for each test."""
    return await in_thread(parse_feed, body, source, base, most)


@asynccontextmanager
async def open_feed(
    redis_url: str, url: str, *, total: float = 10.0, max_body: int = 1_000_000
) -> AsyncIterator[HttpFeed]:
    """Make a feed over a session as the fetcher has it, which may reach 127.0.0.1 and nothing else inside."""
    redis = open_redis(redis_url)
    try:
        async with outbound_session(HERE, "Paperwire/test (+https://x.example)", total=total) as session:
            polite = Polite(session, redis, Budgets(redis, Allowance("", interval=0, places=4)), max_body=max_body)
            yield HttpFeed("cranes", url, polite, parse_here, max_items=100)
    finally:
        await redis.aclose()


@asynccontextmanager
async def serving(handle: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """Serve HTTP as `handle` answers; gives the address."""
    app = web.Application()
    app.router.add_get("/{path:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/feed"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def talking(head: str, talk: Talk) -> AsyncIterator[str]:
    """Serve one answer byte by byte: `head` in lines, then what `talk` writes."""
    tasks: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task:
            tasks.add(task)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(("HTTP/1.1 200 OK\r\n" + head.replace("\n", "\r\n") + "\r\n\r\n").encode())
            await talk(reader, writer)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/feed"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Clock:
    """Time, moved by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


class Scripted:
    """A source that answers from a list, the last answer again and again; an exception in it is raised."""

    def __init__(self, name: str, *answers: Poll | Exception) -> None:
        self.name = name
        self.answers = list(answers)
        self.asked: list[Cursor] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def poll(self, cursor: Cursor) -> Poll:
        self.asked.append(cursor)
        await self.gate.wait()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def config(name: str, **fields: object) -> SourceConfig:
    table = {"name": name, "type": "feed", "url": f"https://{name}.example/feed", **fields}
    return parse_source({field: value for field, value in table.items() if value is not None}, f"The source {name!r}")
