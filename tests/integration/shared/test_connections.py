"""What a server allows its clients: the number of their connections, and the time they may take."""

import asyncio
import contextlib
import os
import resource
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import structlog
from aiohttp import web
from pydantic import SecretStr

from shared.connections import Bounds, Connection, Runner, Timeouts
from shared.http import Api, build_app
from shared.http.api import Body
from shared.http.metrics import metrics_route
from shared.http.serving import Answering, bounds_of
from shared.settings import Settings
from shared.telemetry import configure_logging

Open = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
Serve = Callable[..., Awaitable[Open]]
FAST = Timeouts(head=0.3, body=0.3, idle=0.3, answer=0.3)
GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"


class Thing(Body):
    a: int


def application() -> web.Application:
    api = Api("test")

    async def things(_: web.Request, __: Thing) -> None:
        return None

    async def health(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def large(_: web.Request) -> web.Response:
        return web.Response(body=b"a" * 16_000_000)

    api.route("POST", "/things", summary="Post", response=None, body=Thing)(things)
    api.plain += [web.get("/healthz", health), web.get("/large", large)]
    api.plain.append(metrics_route(SecretStr("token")))
    return build_app([api])


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Give a function that starts a server within bounds, and returns what opens a connection."""
    runners, writers = [], []

    async def start(bounds: Bounds, protocol: type[Connection] = Answering) -> Open:
        runner = type("Tested", (Runner,), {"protocol": protocol})(application(), bounds)
        await runner.setup()
        runners.append(runner)
        port = await runner.listen("127.0.0.1", 0)

        async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writers.append(writer)
            return reader, writer

        return connect

    yield start
    for writer in writers:
        writer.transport.abort()
    for runner in runners:
        await runner.cleanup()


async def rest(reader: asyncio.StreamReader) -> bytes:
    """Read until the server closes."""
    async with asyncio.timeout(5):
        try:
            return await reader.read()
        except ConnectionError:
            return b""


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost", GET + b"GET /"])
async def test_a_request_whose_headers_do_not_end_is_cut_off(serve: Serve, sent: bytes) -> None:
    connect = await serve(Bounds(Timeouts(head=0.3, idle=60), sweep=0.05))
    reader, writer = await connect()
    writer.write(sent)
    started = time.monotonic()
    if sent.startswith(GET):
        await reader.readuntil(b"ok")
        writer.write(b" HTTP")
    await rest(reader)
    assert time.monotonic() - started < 3


async def test_a_body_that_does_not_end_is_answered_with_408(serve: Serve) -> None:
    connect = await serve(Bounds(FAST, sweep=0.05))
    reader, writer = await connect()
    writer.write(POST + b"{")
    assert (await rest(reader)).startswith(b"HTTP/1.1 408 ")


async def test_an_idle_connection_is_closed(serve: Serve) -> None:
    connect = await serve(Bounds(Timeouts(idle=0.3), sweep=0.05))
    reader, writer = await connect()
    writer.write(GET)
    assert (await rest(reader)).startswith(b"HTTP/1.1 200 ")


async def test_a_client_that_does_not_read_its_answer_is_cut_off(serve: Serve) -> None:
    connect = await serve(Bounds(FAST, sweep=0.05))
    reader, writer = await connect()
    writer.write(GET.replace(b"healthz", b"large"))
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # of sockets
    await asyncio.sleep(1)
    writer.transport.resume_reading()  # type: ignore[attr-defined]
    assert len(await rest(reader)) < 16_000_000


@pytest.mark.parametrize("bounds", [Bounds(connections=20), Bounds(per_client=20)])
async def test_half_open_requests_beyond_the_limit_make_room_for_new_ones(serve: Serve, bounds: Bounds) -> None:
    connect = await serve(bounds)
    half_open = [await connect() for _ in range(100)]
    for _, writer in half_open:
        writer.write(b"GET / HTTP/1.1\r\n")
    reader, writer = await connect()
    writer.write(GET)
    await reader.readuntil(b"ok")
    assert all([await rest(reader) == b"" for reader, _ in half_open[:80]])


async def test_requests_under_way_are_not_cut_off_for_new_connections(serve: Serve) -> None:
    connect = await serve(Bounds(per_client=2))
    busy = [await connect() for _ in range(2)]
    for _, writer in busy:
        writer.write(POST + b"{")
    await asyncio.sleep(0.1)
    reader, _ = await connect()
    assert await rest(reader) == b""
    for reader, writer in busy:
        writer.write(b'"a": 1 }')
        assert b" 204 " in await reader.readuntil(b"\r\n")


def test_the_limit_of_a_client_does_not_apply_to_trusted_proxies() -> None:
    bounds = bounds_of(Settings.load(trusted_proxies="10.0.0.0/8", connections_per_client=3))
    assert bounds.per_client == 3
    assert bounds.client("10.1.2.3") is None
    assert bounds.client("2001:db8::1") == bounds.client("2001:db8::2")


async def test_an_aborted_request_is_one_line_of_debug(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    connect = await serve(Bounds())
    configure_logging("debug")
    with structlog.testing.capture_logs() as lines:
        _, writer = await connect()
        writer.write(POST + b"{")
        await asyncio.sleep(0.1)
        writer.transport.abort()
        await asyncio.sleep(0.2)
    configure_logging("warning")
    assert [(line["event"], line["log_level"]) for line in lines] == [("request aborted", "debug")]
    assert caplog.records == []


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (GET, 200),
        (GET.replace(b"healthz", b"nothing"), 404),
        (GET.replace(b"GET", b"DELETE"), 405),
        (GET.replace(b"healthz", b"metrics"), 401),
        (POST.replace(b"9", b"2") + b"{}", 422),
        (POST.replace(b"9", b"70000") + b"{" * 70_000, 413),
        (POST.replace(b"Content-Length: 9", b"Expect: nothing"), 417),
        (GET.replace(b"/healthz", b"/" + b"a" * 40_000), 431),
        (GET.replace(b"Host: x", b"Host: x\r\nX: " + b"a" * 40_000), 431),
        (GET.replace(b"Host: x", b"Host: /"), 400),
        (b"FETCH-IT\r\n\r\n", 400),
    ],
)
async def test_every_answer_has_nosniff(serve: Serve, sent: bytes, status: int) -> None:
    reader, writer = await (await serve(Bounds()))()
    writer.write(sent)
    head = await reader.readuntil(b"\r\n\r\n")
    assert int(head.split()[1]) == status
    assert b"X-Content-Type-Options: nosniff" in head


def test_a_low_limit_of_files_is_raised_as_far_as_allowed() -> None:
    script = (
        "import resource as r; from shared.connections import raise_file_limit, connection_limit;"
        "r.setrlimit(r.RLIMIT_NOFILE, (200, 256)); print(raise_file_limit(), connection_limit())"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["256", "64"]


FLOOD = """
import resource, socket, sys
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
open_ = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(400)]
print("connected", flush=True)
sys.stdin.read()
"""


async def test_a_burst_of_connections_leaves_files_for_the_rest(serve: Serve) -> None:
    """INVARIANT: connections that arrive while the loop is busy are accepted a few at a time, and files stay free."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = len(await asyncio.to_thread(os.listdir, "/proc/self/fd"))
    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context["message"]))
    connect = await serve(Bounds(connections=20, timeouts=Timeouts(head=60)))
    reader, writer = await connect()
    port = writer.get_extra_info("peername")[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 250, hard))
    try:
        with subprocess.Popen(  # noqa: ASYNC220  # the loop is to be blocked meanwhile
            [sys.executable, "-c", FLOOD, str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as flood:
            assert flood.stdout
            assert flood.stdin
            assert flood.stdout.readline() == b"connected\n"
            async with asyncio.timeout(10):
                while True:
                    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                        reader, writer = await connect()
                        writer.write(GET)
                        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
                        break
            flood.stdin.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert failures == []
