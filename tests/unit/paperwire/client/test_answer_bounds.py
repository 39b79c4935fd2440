"""What the clients bear from a server that sends too much, too slowly, or the same page for ever."""

import gzip
import zlib
from collections.abc import Iterator
from itertools import count

import httpx
import pytest

from paperwire.client import ApiError, AsyncClient, Client, answer_bounds

SITE = "http://papers.example"


def always_the_same(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"results": [{"paper": {"id": "1"}}], "next_cursor": "again"})


def slow() -> Iterator[float]:
    """A clock on which a minute passes each time that it is asked."""
    return (60.0 * n for n in count())


async def test_a_list_ends_when_the_server_repeats_its_cursor() -> None:
    with (
        Client(SITE, transport=httpx.MockTransport(always_the_same)) as papers,
        pytest.raises(ApiError, match="has no end: the server repeats a page"),
    ):
        list(papers.iter_search(q="x"))
    async with AsyncClient(SITE, transport=httpx.MockTransport(always_the_same)) as papers:
        with pytest.raises(ApiError, match="has no end"):
            [row async for row in papers.iter_search(q="x")]


async def test_an_answer_that_is_too_large_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_bounds, "MAX_ANSWER", 1 << 20)
    large = httpx.MockTransport(lambda _: httpx.Response(200, content=b" " * ((1 << 20) + 1)))
    with Client(SITE, transport=large) as papers, pytest.raises(ApiError, match="larger than 1 MiB"):
        papers.status()
    async with AsyncClient(SITE, transport=large) as papers:
        with pytest.raises(ApiError, match="larger than 1 MiB"):
            await papers.status()


async def test_an_answer_that_takes_too_long_is_given_up() -> None:
    def dripping(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=(b" " for _ in range(1_000)))

    with (
        Client(SITE, transport=httpx.MockTransport(dripping), clock=slow().__next__) as papers,
        pytest.raises(httpx.ReadTimeout, match="not whole after 600 s"),
    ):
        papers.status()


def test_a_wait_is_bounded_by_the_timeout_of_the_client() -> None:
    asked: list[object] = []

    def keep(request: httpx.Request) -> httpx.Response:
        asked.append(request.extensions["timeout"])
        return httpx.Response(200, json={})

    transport = httpx.MockTransport(keep)
    for papers in (Client(SITE, transport=transport), Client(SITE, timeout=5.0, transport=transport)):
        with papers:
            papers.status()
    assert asked == [dict.fromkeys(("connect", "read", "write", "pool"), seconds) for seconds in (30.0, 5.0)]


@pytest.mark.parametrize("packing", ("gzip, gzip", "br", "zstd", "deflate, gzip"))
async def test_an_answer_in_a_packing_that_was_not_asked_for_is_not_unpacked(packing: str) -> None:
    packed = gzip.compress(gzip.compress(b" " * (1 << 20)))
    asked: list[str] = []

    def bomb(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["Accept-Encoding"])
        return httpx.Response(200, stream=httpx.ByteStream(packed), headers={"Content-Encoding": packing})

    with Client(SITE, transport=httpx.MockTransport(bomb)) as one, pytest.raises(ApiError, match="is packed with"):
        one.status()
    async with AsyncClient(SITE, transport=httpx.MockTransport(bomb)) as other:
        with pytest.raises(ApiError, match="is packed with"):
            await other.status()
    assert asked == ["gzip", "gzip"]


def test_a_packed_answer_is_read() -> None:
    body, headers = gzip.compress(b'{"papers": 1}'), {"Content-Encoding": "gzip"}
    packed = httpx.MockTransport(lambda _: httpx.Response(200, stream=httpx.ByteStream(body), headers=headers))
    with Client(SITE, transport=packed) as papers:
        assert papers.status()["papers"] == 1


@pytest.mark.parametrize("encoding", ("zlib", "undefined", "utf-16", "rot13"))
def test_a_text_is_read_as_utf_8_whatever_its_header_says(encoding: str) -> None:
    body, headers = zlib.compress("é".encode()) + "é".encode(), {"Content-Type": f"text/plain; charset={encoding}"}
    foreign = httpx.MockTransport(lambda _: httpx.Response(200, content=body, headers=headers))
    with Client(SITE, transport=foreign) as papers:
        assert papers.opml().endswith("é")


def test_a_cursor_that_no_address_can_have_is_given_up() -> None:
    def endless(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"results": [], "next_cursor": "x" * 70_000})

    with (
        Client(SITE, transport=httpx.MockTransport(endless)) as papers,
        pytest.raises(ApiError, match="a cursor that is too long"),
    ):
        list(papers.iter_search(q="x"))
