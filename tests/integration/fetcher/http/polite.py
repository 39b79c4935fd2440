"""A polite client on a real Redis, and a site that answers it: what the tests of the drivers share."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from services.fetcher.http.polite import Allowance, Budgets, Polite
from shared.bus import open_redis
from shared.outbound import outbound_session
from tests.integration.fetcher.support import HERE

Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def polite(redis_url: str) -> AsyncIterator[Polite]:
    """Make a client as the fetcher has it, in no hurry and no need to wait."""
    redis = open_redis(redis_url)
    try:
        async with outbound_session(HERE, "Paperwire/test (+https://x.example)", total=10.0) as session:
            yield Polite(session, redis, Budgets(redis, Allowance("", interval=0, places=4)), max_body=1_000_000)
    finally:
        await redis.aclose()


@asynccontextmanager
async def site(handle: Handle) -> AsyncIterator[str]:
    """Serve HTTP, whatever the method, as `handle` answers; gives the address without a slash at its end."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return await handle(request)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
