"""Calls of the command line against a server that limits the rate for ever, on a real socket."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from services.cli.instance.api import MAX_REPEATS, Api, ApiError
from shared.errors import ConfigurationError


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """A server that is always busy, and repeats the pages of its subscriptions."""

    async def busy(request: web.Request) -> web.Response:
        headers = {"Retry-After": request.query["after"]}
        return web.json_response({"detail": "Too many requests."}, status=429, headers=headers)

    async def same(_: web.Request) -> web.Response:
        return web.json_response({"subscriptions": [], "next_cursor": "1"})

    app = web.Application()
    app.add_routes([web.get("/busy", busy), web.get("/v1/subscriptions", same)])
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


@pytest.mark.parametrize(("after", "waits"), (("3", [3.0] * MAX_REPEATS), ("86400", [])))
async def test_a_rate_limit_without_end_ends_in_its_error(url: str, after: str, waits: list[float]) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    with pytest.raises(ApiError, match="Too many requests"):
        await Api(url, "pw_x", sleep).call("/busy", after=after)
    assert waited == waits


async def test_a_list_without_end_ends_in_an_error(url: str) -> None:
    with pytest.raises(ConfigurationError, match="has no end"):
        await Api(url, "pw_x").subscriptions()
