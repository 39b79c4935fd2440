"""One exchange with a server outside, over real sockets."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from ipaddress import ip_network
from typing import Any

import pytest
from aiohttp import ClientSession

from shared.outbound import ExchangeError, Failure, Received, exchange, outbound_session

HERE = (ip_network("127.0.0.0/8"),)
Ask = Callable[..., Any]


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with outbound_session(HERE, "test", total=0.5) as opened:
        yield opened


class Server:
    """Answers every connection with the same bytes, then closes it, or never."""

    def __init__(self, answer: bytes, *, hangs: bool = False) -> None:
        self.answer = answer
        self.hangs = hangs
        self.seen = b""

    async def __aenter__(self) -> str:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/?key=secret"

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.seen += await reader.readuntil(b"\r\n\r\n")
        writer.write(self.answer)
        if self.hangs:
            await reader.read()
        writer.close()


def answer(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def ask(session: ClientSession, url: str, **options: Any) -> Received:
    return await exchange(session, "GET", url, **{"max_body": 1_000, "wanted": lambda status: status == 200, **options})


async def test_a_wanted_body_is_read_and_others_are_not(session: ClientSession) -> None:
    async with Server(answer(b"x" * 10)) as url:
        got = await ask(session, url, headers={"X-Mine": "1"})
    assert (got.status, got.reason, got.body, got.more) == (200, "OK", b"x" * 10, False)
    async with Server(answer(b"x" * 10, "404 Not Here")) as url:
        got = await ask(session, url)
    assert (got.status, got.reason, got.body) == (404, "Not Here", b"")


@pytest.mark.parametrize(
    ("url", "said"),
    (
        ("http://nowhere.invalid/", "the name of the host cannot be resolved; this machine may be offline"),
        ("http://a..example/", "the name of the host is not valid"),
    ),
)
async def test_a_host_that_leads_nowhere_is_told_in_words_that_a_sentence_can_end_with(
    session: ClientSession, url: str, said: str
) -> None:
    with pytest.raises(ExchangeError) as raised:
        await ask(session, url)
    assert str(raised.value) == said
    assert said[-1].isalpha()


@pytest.mark.parametrize("headers", ((), ("Content-Encoding: gzip",)))
async def test_no_more_is_read_than_allowed_after_decompression(session: ClientSession, headers: tuple[str]) -> None:
    body = b"x" * 100_000
    async with Server(answer(gzip.compress(body) if headers else body, "200 OK", *headers)) as url:
        got = await ask(session, url)
    assert (len(got.body), got.more) == (1_000, True)


async def test_a_redirect_is_not_followed(session: ClientSession) -> None:
    server = Server(answer(b"", "302 Found", "Location: http://127.0.0.1:1/"))
    async with server as url:
        assert (await ask(session, url)).headers["Location"] == "http://127.0.0.1:1/"
    assert server.seen.count(b"GET") == 1


@pytest.mark.parametrize(
    ("sent", "hangs", "says"),
    (
        (b"", True, "no complete answer within 0.5 s"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nxx", True, "no complete answer within 0.5 s"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nxx", False, "the answer is incomplete"),
        (b"these are words of a stranger\r\n\r\n", False, "the answer is not valid HTTP"),
        (b"", False, "ServerDisconnectedError"),
    ),
)
async def test_failures_contain_neither_the_address_nor_received_bytes(
    session: ClientSession, sent: bytes, hangs: bool, says: str
) -> None:
    async with Server(sent, hangs=hangs) as url:
        with pytest.raises(ExchangeError, match=says) as caught:
            await ask(session, url)
    assert caught.value.failure is (Failure.TIME if "within" in says else Failure.BROKEN)
    assert "secret" not in str(caught.value)
    assert "stranger" not in str(caught.value)


async def test_a_refused_connection_is_a_failure(session: ClientSession) -> None:
    with pytest.raises(ExchangeError) as caught:
        await ask(session, "http://127.0.0.1:1/?key=secret")
    assert caught.value.failure is Failure.BROKEN
    assert "secret" not in str(caught.value)


async def test_a_private_address_is_refused() -> None:
    async with outbound_session((), "test", total=5.0) as session, Server(answer(b"x")) as url:
        with pytest.raises(ExchangeError, match="PAPERWIRE_ALLOW_PRIVATE_ENDPOINTS") as caught:
            await ask(session, url)
    assert caught.value.failure is Failure.REFUSED
