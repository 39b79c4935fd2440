"""Answers that a client may have already, over a real socket."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from shared.http.conditional import conditional, conditional_text, tag_of

BODY = ("cranes fold " * 400).encode()


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async def text(request: web.Request) -> web.Response:
        return conditional_text(request, tag_of(BODY), BODY, "text/plain", {"Cache-Control": "no-cache"})

    async def raw(request: web.Request) -> web.Response:
        return conditional(request, "t", b"\x00", "application/octet-stream", {})

    app = web.Application()
    app.add_routes([web.get("/text", text), web.get("/raw", raw)])
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


async def test_a_conditional_request_is_answered_304_without_a_body(url: str) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{url}/text") as first:
            assert (first.status, await first.read()) == (200, BODY)
            assert (first.headers["Content-Type"], first.headers["Cache-Control"]) == (
                "text/plain; charset=utf-8",
                "no-cache",
            )
            tag = first.headers["ETag"]
        assert tag == f'W/"{tag_of(BODY)}"'
        for known in (tag, "*", f'"other", {tag}'):
            async with session.get(f"{url}/text", headers={"If-None-Match": known}) as again:
                assert (again.status, await again.read(), again.headers["ETag"]) == (304, b"", tag)
        async with session.get(f"{url}/text", headers={"If-None-Match": '"other"'}) as other:
            assert other.status == 200


async def test_text_is_compressed_and_binary_data_is_not(url: str) -> None:
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        async with session.get(f"{url}/text", headers={"Accept-Encoding": "gzip"}) as packed:
            assert packed.headers["Content-Encoding"] == "gzip"
            assert len(await packed.read()) < len(BODY)
        async with session.get(f"{url}/raw", headers={"Accept-Encoding": "gzip"}) as raw:
            assert (raw.headers.get("Content-Encoding"), await raw.read()) == (None, b"\x00")


def test_the_tag_follows_the_content() -> None:
    assert tag_of(b"a") == tag_of(b"a") != tag_of(b"b")
