"""The work for a client that has left is dropped, unless it changes something."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, TCPConnector, web

from shared.connections import READS, Bounds, Runner
from shared.coordination.places import Places, Room
from shared.http import Api, build_app
from shared.http.api import Query
from shared.http.serving import Answering
from tests.support import until


class Named(Query):
    name: str = ""


class Work:
    """A handler that waits until it is told to go on, and lists what became of its requests."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.dropped: list[str] = []
        self.done: list[str] = []
        self.go = asyncio.Event()

    async def handle(self, request: web.Request, asked: Named) -> dict[str, str]:
        if request.path == "/reading":
            request[READS] = True
        self.begun.append(asked.name)
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.dropped.append(asked.name)
            raise
        self.done.append(asked.name)
        return {}


class Served(Runner):
    protocol = Answering


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def places() -> Places:
    return Places(Room(places=2, per_client=1, waiting=8, waiting_per_client=2), time.monotonic)


@pytest.fixture
async def port(work: Work, places: Places) -> AsyncIterator[int]:
    plain, crowded = Api("plain"), Api("crowded")
    crowded.place = lambda request: places.place(request.remote or "")
    for api, method, path in (
        (plain, "GET", "/"), (plain, "POST", "/"), (plain, "POST", "/reading"), (crowded, "GET", "/heavy")
    ):  # fmt: skip
        api.route(method, path, summary="Wait", response=dict[str, str], query=Named)(work.handle)
    runner = Served(build_app([plain, crowded]), Bounds())
    await runner.setup()
    yield await runner.listen("127.0.0.1", 0)
    work.go.set()
    await runner.cleanup()


async def send(port: int, target: str, *, client: int = 1) -> asyncio.StreamWriter:
    """Send a request from an address of its own, and give what closes its connection."""
    address = (f"127.0.0.{client}", 0)
    _, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=address, family=socket.AF_INET)
    writer.write(f"{target} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())
    return writer


@pytest.mark.parametrize("target", ["GET /", "HEAD /", "POST /reading"])
async def test_a_request_that_changes_nothing_is_dropped(port: int, work: Work, target: str) -> None:
    writer = await send(port, f"{target}?name=a")
    await until(lambda: work.begun == ["a"])
    writer.transport.abort()
    await until(lambda: work.dropped == ["a"])


async def test_a_request_that_may_change_something_is_carried_out(port: int, work: Work) -> None:
    writer = await send(port, "POST /?name=a")
    await until(lambda: work.begun == ["a"])
    writer.transport.abort()
    other = await send(port, "GET /?name=b")
    await until(lambda: work.begun == ["a", "b"])
    other.transport.abort()
    await until(lambda: work.dropped == ["b"])
    work.go.set()
    await until(lambda: work.done == ["a"])


async def test_a_waiting_request_of_a_client_that_left_never_begins(port: int, work: Work, places: Places) -> None:
    first, second = await send(port, "GET /heavy?name=a"), await send(port, "GET /heavy?name=b")
    await until(lambda: len(places._waiting) == 1)
    second.transport.abort()
    await until(lambda: not places._waiting)
    work.go.set()
    await until(lambda: work.done == ["a"])
    first.close()
    assert work.begun == ["a"]


async def test_a_flood_of_one_client_leaves_a_place_for_another(port: int, work: Work, places: Places) -> None:
    flood = [await send(port, f"GET /heavy?name={number}") for number in range(3)]
    await until(lambda: sum(map(len, places._waiting.values())) == 2)
    async with ClientSession() as http, http.get(f"http://127.0.0.1:{port}/heavy") as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    connector = TCPConnector(local_addr=("127.0.0.2", 0))
    async with ClientSession(connector=connector) as http:
        asked = asyncio.create_task(http.get(f"http://127.0.0.1:{port}/heavy?name=other"))
        await until(lambda: work.begun == ["0", "other"])
        work.go.set()
        assert (await asked).status == 200
    for writer in flood:
        writer.close()
