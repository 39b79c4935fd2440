"""The one way out: what is asked, what is remembered, and what is said of what went wrong."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from aiohttp import web

from services.fetcher.http.polite import Polite, validators
from shared.bus import open_redis
from shared.errors import PermanentError, TransientError
from tests.integration.fetcher.http.polite import polite, site


class Site:
    """A site that answers by path, and writes down what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, web.Response] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append((request.path, dict(request.headers)))
        found = self.answers.get(request.path, web.Response(status=404))
        return web.Response(status=found.status, body=found.body, headers=found.headers)

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


def moved(status: int, target: str) -> web.Response:
    return web.Response(status=status, headers={"Location": target})


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Polite]:
    async with polite(redis_url) as made:
        yield made


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Any]:
    opened = open_redis(redis_url)
    yield opened
    await opened.aclose()


async def test_a_permanent_redirect_is_remembered(client: Polite) -> None:
    here = Site()
    here.answers = {"/old": moved(301, "/newer"), "/newer": moved(308, "/new"), "/new": web.Response(body=b"x")}
    async with site(here.handle) as url:
        for _ in range(2):
            assert (await client.get(f"{url}/old")).url == f"{url}/new"
    assert here.paths == ["/old", "/newer", "/new", "/new"]


async def test_a_temporary_redirect_is_not_remembered(client: Polite) -> None:
    here = Site()
    here.answers = {"/old": moved(302, "/new"), "/new": moved(301, "/last"), "/last": web.Response(body=b"x")}
    async with site(here.handle) as url:
        for _ in range(2):
            await client.get(f"{url}/old")
    assert here.paths == ["/old", "/new", "/last"] * 2


async def test_a_redirect_that_fails_is_not_remembered(client: Polite, redis: Any) -> None:
    """INVARIANT: a wrong turn of a site for a day is not ours for a month."""
    here = Site()
    here.answers = {"/old": moved(301, "/circle"), "/circle": moved(301, "/old")}
    async with site(here.handle) as url:
        with pytest.raises(PermanentError, match="more than 5 redirects"):
            await client.get(f"{url}/old")
        here.answers = {"/old": moved(301, "/new"), "/new": web.Response(body=b"x")}
        await client.get(f"{url}/old")
        assert await redis.keys("redirect:*") == [f"redirect:{url}/old".encode()]
        here.answers = {"/old": web.Response(body=b"back")}
        with pytest.raises(PermanentError, match="404"):
            await client.get(f"{url}/old")
        assert (await client.get(f"{url}/old")).body == b"back"


@pytest.mark.parametrize(
    "target", ("", "ftp://x.example/", "file:///etc/passwd", "javascript:alert(1)", "/" + "x" * 4_000)
)
async def test_a_redirect_without_a_usable_target_is_refused(client: Polite, target: str) -> None:
    here = Site()
    here.answers = {"/old": moved(301, target)}
    async with site(here.handle) as url:
        with pytest.raises(PermanentError, match="redirect has no http or https address"):
            await client.get(f"{url}/old")


@pytest.mark.parametrize("target", ("http://169.254.169.254/latest", "http://127.0.0.2:1/", "http://[::1]:1/"))
async def test_a_redirect_to_a_private_address_is_refused(client: Polite, target: str) -> None:
    """INVARIANT: a site in the open cannot make the fetcher speak to what is inside."""
    here = Site()
    here.answers = {"/old": moved(301, target)}
    async with site(here.handle) as url:
        with pytest.raises(PermanentError, match="is a private address"):
            await client.get(f"{url}/old")


async def test_headers_for_one_host_are_not_sent_to_another(client: Polite) -> None:
    """INVARIANT: a redirect cannot fetch a password."""
    here = Site()
    async with site(here.handle) as url:
        elsewhere = url.replace("127.0.0.1", "localhost")
        here.answers = {"/a": moved(307, "/b"), "/b": moved(307, f"{elsewhere}/c"), "/c": web.Response(body=b"x")}
        with suppress(PermanentError):  # where localhost is ::1 and nothing else
            await client.get(f"{url}/a", headers={"Authorization": "Bearer secret"})
    published = {path: headers.get("Authorization") for path, headers in here.asked}
    assert published["/a"] == published["/b"] == "Bearer secret"
    assert published.get("/c") is None


async def test_status_429_pauses_the_host_for_every_source(client: Polite) -> None:
    here = Site()
    here.answers = {"/one": web.Response(status=429, headers={"Retry-After": "120"}), "/two": web.Response(body=b"x")}
    async with site(here.handle) as url:
        with pytest.raises(TransientError, match="answers 429") as caught:
            await client.get(f"{url}/one")
        assert caught.value.retry_after == 120
        with pytest.raises(TransientError, match=r"requests to 127\.0\.0\.1 are paused for 1\d\d s"):
            await client.get(f"{url}/two")
    assert here.paths == ["/one"]


@pytest.mark.parametrize(("named", "kept"), (("-1", 60), ("1e308", 86_400), ("nan", 60), (None, 60), ("5", 60)))
async def test_the_pause_of_a_host_is_bounded(client: Polite, named: str | None, kept: int) -> None:
    here = Site()
    here.answers = {"/": web.Response(status=429, headers={"Retry-After": named} if named else {})}
    async with site(here.handle) as url:
        with pytest.raises(TransientError) as caught:
            await client.get(f"{url}/")
    assert caught.value.retry_after == kept


async def test_one_server_error_does_not_pause_the_host(client: Polite) -> None:
    here = Site()
    here.answers = {"/bad": web.Response(status=500), "/good": web.Response(body=b"x")}
    async with site(here.handle) as url:
        with pytest.raises(TransientError, match="answers 500"):
            await client.get(f"{url}/bad")
        assert (await client.get(f"{url}/good")).body == b"x"


async def test_freshness_and_validators_are_read_from_headers(client: Polite) -> None:
    here = Site()
    headers = {"ETag": '"1"', "Cache-Control": "public, max-age=7200", "Last-Modified": "Tue, 02 Jan 2024 08:00:00 GMT"}
    here.answers = {"/": web.Response(body=b"x", headers=headers)}
    async with site(here.handle) as url:
        answer = await client.get(f"{url}/")
        await client.get(f"{url}/", answer.cursor)
    assert answer.fresh_for == 7_200
    assert answer.cursor == {"etag": '"1"', "modified": "Tue, 02 Jan 2024 08:00:00 GMT"}
    assert here.asked[1][1]["If-None-Match"] == '"1"'
    assert here.asked[0][1]["User-Agent"] == "Paperwire/test (+https://x.example)"


def test_validators_that_are_no_ascii_are_left_out() -> None:
    """INVARIANT: a cursor can be stored; aiohttp reads bytes of a header that are no UTF-8 as lone surrogates."""
    assert validators({"ETag": '"\udcff"', "Last-Modified": "\udce9t\udce9"}) == {}


async def test_a_place_is_returned_after_every_outcome(client: Polite, redis: Any) -> None:
    here = Site()
    async with site(here.handle) as url:
        with pytest.raises(PermanentError):
            await client.get(f"{url}/missing")
    with pytest.raises(TransientError, match="the request failed"):
        await client.get("http://127.0.0.1:1/")
    assert await redis.keys("budget:*:places") == []
