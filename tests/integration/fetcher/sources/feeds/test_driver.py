"""A feed over HTTP, from servers that behave and servers that do not."""

import asyncio
import gzip
import tracemalloc
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial

import pytest
from aiohttp import web

from services.fetcher.sources.feeds.driver import HttpFeed
from shared.errors import PermanentError, TransientError
from tests.integration.fetcher.support import open_feed, rss, serving, talking

Feed = Callable[..., AbstractAsyncContextManager[HttpFeed]]


@pytest.fixture
def feed(redis_url: str) -> Feed:
    """Open a feed by its address."""
    return partial(open_feed, redis_url)


async def test_a_conditional_request_understands_304(feed: Feed) -> None:
    asked: list[dict[str, str]] = []

    async def handle(request: web.Request) -> web.Response:
        asked.append(dict(request.headers))
        validators = {"ETag": '"v1"', "Last-Modified": "Tue, 02 Jan 2024 08:00:00 GMT"}
        if request.headers.get("If-None-Match") == '"v1"':
            return web.Response(status=304, headers=validators)
        return web.Response(body=rss("One", "Two"), headers=validators)

    async with serving(handle) as url, feed(url) as source:
        first = await source.poll({})
        assert [item.title for item in first.items] == ["One", "Two"]
        second = await source.poll(first.cursor)
    assert second.items == []
    assert second.cursor["etag"] == '"v1"'
    assert "If-None-Match" not in asked[0]
    assert asked[0]["User-Agent"] == "Paperwire/test (+https://x.example)"
    assert asked[1]["If-Modified-Since"] == "Tue, 02 Jan 2024 08:00:00 GMT"


async def test_the_freshness_of_a_feed_is_kept_across_304_answers(feed: Feed) -> None:
    async def handle(request: web.Request) -> web.Response:
        headers = {"ETag": '"v1"', "Cache-Control": "max-age=60"}
        if "If-None-Match" in request.headers:
            return web.Response(status=304, headers=headers)
        return web.Response(body=rss("One").replace(b"<channel>", b"<channel><ttl>180</ttl>"), headers=headers)

    async with serving(handle) as url, feed(url) as source:
        first = await source.poll({})
        second = await source.poll(first.cursor)
        third = await source.poll(second.cursor)
    assert [poll.fresh_for for poll in (first, second, third)] == [10_800.0] * 3


async def test_a_redirect_is_followed(feed: Feed) -> None:
    async def handle(request: web.Request) -> web.Response:
        if request.path == "/feed":
            raise web.HTTPFound("/there")
        return web.Response(body=rss("One"))

    async with serving(handle) as url, feed(url) as source:
        assert [item.title for item in (await source.poll({})).items] == ["One"]


@pytest.mark.parametrize(
    "target",
    ("http://127.0.0.2:1/", "http://169.254.169.254/latest", "http://[::ffff:127.0.0.2]:1/", "http://0.0.0.0:1/"),
)
async def test_a_redirect_to_a_private_address_is_refused(feed: Feed, target: str) -> None:
    """INVARIANT: a feed in the open cannot make the fetcher speak to what is inside."""

    async def handle(_: web.Request) -> web.Response:
        raise web.HTTPFound(target)

    async with serving(handle) as url, feed(url) as source:
        with pytest.raises(PermanentError, match="is a private address"):
            await source.poll({})


@pytest.mark.parametrize("target", ("file:///etc/passwd", "ftp://x.example/", "javascript:alert(1)"))
async def test_a_redirect_to_another_scheme_is_an_error(feed: Feed, target: str) -> None:
    async def handle(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": target})

    async with serving(handle) as url, feed(url) as source:
        with pytest.raises((TransientError, PermanentError)):
            await source.poll({})


async def test_a_circle_of_redirects_ends(feed: Feed) -> None:
    asked = 0

    async def handle(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        raise web.HTTPFound("/feed")

    async with serving(handle) as url, feed(url) as source:
        with pytest.raises((TransientError, PermanentError)):
            await source.poll({})
    assert asked < 10


async def test_an_endless_body_is_capped(feed: Feed) -> None:
    sent = 0

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        while True:
            writer.write(b" " * 65_536)
            sent += 65_536
            await writer.drain()

    async with talking("Content-Type: text/xml", talk) as url, feed(url, max_body=1_000_000) as source:
        with pytest.raises(PermanentError, match="larger than 1,000,000 bytes"):
            await source.poll({})
    assert sent < 30_000_000


async def test_a_slow_body_ends_at_the_time_limit(feed: Feed) -> None:
    """INVARIANT: the timeout is for the body too: a byte now and then buys no more time."""
    sent = 0

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        while True:
            writer.write(b"<")
            sent += 1
            await writer.drain()
            await asyncio.sleep(0.02)

    async with talking("Content-Type: text/xml", talk) as url, feed(url, total=0.3) as source:
        with pytest.raises(TransientError, match="no complete answer within"):
            await source.poll({})
    assert sent > 2


async def test_a_gzip_bomb_is_bounded_in_memory(feed: Feed) -> None:
    """INVARIANT: 200 MB in 200 KB never stand in memory, nor near it."""
    bomb = gzip.compress(b"<" * 200_000_000, 9)

    async def handle(_: web.Request) -> web.Response:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    async with serving(handle) as url, feed(url, max_body=1_000_000) as source:
        tracemalloc.start()
        try:
            with pytest.raises(PermanentError, match="larger than 1,000,000 bytes"):
                await source.poll({})
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert len(bomb) < 250_000
    assert peak < 20_000_000


async def test_a_wrong_content_length_is_a_failure(feed: Feed) -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(rss("One")[:50])
        await writer.drain()

    async with talking("Content-Length: 100000", talk) as url, feed(url) as source:
        with pytest.raises(TransientError, match="the request failed"):
            await source.poll({})


@pytest.mark.parametrize(
    "head",
    (
        "Content-Encoding: gzip",
        "Transfer-Encoding: chunked",
        "Content-Length: -5",
        "X: " + "y" * 100_000,
        "Content-Length: 9x",
    ),
)
async def test_a_malformed_http_answer_is_a_temporary_failure(feed: Feed, head: str) -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"this is neither gzip nor chunks")
        await writer.drain()

    async with talking(head, talk) as url, feed(url) as source:
        with pytest.raises(TransientError, match="the request failed"):
            await source.poll({})


@pytest.mark.parametrize(
    ("status", "headers", "kind", "after"),
    (
        (404, {}, PermanentError, None),
        (410, {}, PermanentError, None),
        (403, {}, TransientError, None),
        (500, {}, TransientError, None),
        (429, {"Retry-After": "120"}, TransientError, 120.0),
        (503, {"Retry-After": "nan"}, TransientError, 60.0),
        (429, {"Retry-After": "1e308"}, TransientError, 86_400.0),
        (204, {}, TransientError, None),
    ),
)
async def test_each_status_is_permanent_or_temporary(
    feed: Feed, status: int, headers: dict[str, str], kind: type[Exception], after: float | None
) -> None:
    async def handle(_: web.Request) -> web.Response:
        return web.Response(status=status, headers=headers)

    async with serving(handle) as url, feed(url) as source:
        with pytest.raises(kind, match=f"the source answers {status}") as caught:
            await source.poll({})
    assert getattr(caught.value, "retry_after", None) == after


async def test_a_refused_connection_is_a_temporary_failure(feed: Feed) -> None:
    async with feed("http://127.0.0.1:1/feed") as source:
        with pytest.raises(TransientError, match="the request failed"):
            await source.poll({})


async def test_a_challenge_page_is_a_failure(feed: Feed) -> None:
    async def handle(_: web.Request) -> web.Response:
        return web.Response(text="<html><title>Just a moment...</title></html>", content_type="text/html")

    async with serving(handle) as url, feed(url) as source:
        with pytest.raises(TransientError, match="not a feed"):
            await source.poll({})
