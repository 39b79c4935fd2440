"""The client of Qdrant, whatever answers it: a server that dies and comes back, and one that answers nonsense."""

import asyncio
import contextlib
import gzip
import signal
import sys
from collections.abc import AsyncIterator
from os import kill
from pathlib import Path

import orjson
import pytest
from aiohttp import ClientSession
from qdrant_client import models
from qdrant_client.http.exceptions import UnexpectedResponse

from embedded.child_process import Child
from shared.errors import TransientError
from shared.qdrant import Qdrant, outages
from tests.integration.search.instance import free_port
from tests.integration.shared.qdrant.raw import answer, raw_server

GOOD = orjson.dumps({"result": {"count": 3}, "status": "ok", "time": 0.0})
SECRET = "5ecret"
OPENLY = pytest.mark.filterwarnings("ignore:Api key is used with an insecure connection")
ASKED = ("papers", "/count", {"exact": True})


@contextlib.asynccontextmanager
async def client(url: str, key: str | None = None) -> AsyncIterator[Qdrant]:
    opened = Qdrant(url, key)
    try:
        yield opened
    finally:
        await opened.close()


async def both(qdrant: Qdrant) -> list[str]:
    """Ask in both ways, and give what it comes to: a count, or what a reader is told."""
    received = []
    for asking in (qdrant.ask(*ASKED), qdrant.count("papers")):
        try:
            async with outages():
                count = await asking
                received.append(str(count["count"] if isinstance(count, dict) else count.count))
        except TransientError as error:
            received.append(str(error))
    return received


@pytest.mark.parametrize("path", ["", "/", "/behind/a/gateway", "/behind/a/gateway/"])
async def test_both_clients_use_one_address(path: str) -> None:
    async with raw_server(lambda _: (answer(GOOD), True)) as server, client(server.url + path) as qdrant:
        assert await both(qdrant) == ["3", "3"]
        lines = [head.partition("\r\n")[0].partition("?")[0].removesuffix(" HTTP/1.1") for head in server.heads]
        assert lines == [f"POST {path.rstrip('/')}/collections/papers/points/count"] * 2


async def test_an_address_without_a_port_uses_the_port_of_qdrant() -> None:
    async with client("http://127.0.66.33/path") as qdrant:  # where nobody listens
        for received in await both(qdrant):
            assert "127.0.66.33:6333" in received


async def test_a_request_survives_a_closed_idle_connection() -> None:
    async with raw_server(lambda _: (answer(GOOD), False)) as server, client(server.url) as qdrant:
        assert [await both(qdrant) for _ in range(5)] == [["3", "3"]] * 5
    async with (
        raw_server(lambda n: (answer(GOOD), True) if n % 2 else (b"", False)) as server,
        client(server.url) as qdrant,
    ):
        assert [await both(qdrant) for _ in range(5)] == [["3", "3"]] * 5


async def test_a_repeated_write_has_its_whole_body() -> None:
    done = answer(orjson.dumps({"result": {"operation_id": 1, "status": "completed"}, "status": "ok", "time": 0.0}))
    points = [models.PointStruct(id=n, vector=[0.5] * 400, payload={}) for n in range(500)]
    async with raw_server(lambda n: (done, n != 1)) as server, client(server.url) as qdrant:
        for _ in range(3):
            assert (await qdrant.upsert("papers", points)).operation_id == 1
        lengths = {line for head in server.heads for line in head.split("\r\n") if "length" in line.lower()}
        assert len(lengths) == 1


@OPENLY
@pytest.mark.parametrize(
    "content",
    [
        answer(b"{}", 500),
        answer(b"{}", 503),
        answer(b"{}", 429),
        answer(b"{}", 429, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}),
        answer(b"<html>a login page"),
        answer(b"[]"),
        answer(b""),
        answer(b"not gzip", headers={"Content-Encoding": "gzip"}),
        answer(GOOD)[:-5],
        b"\x00\x01\r\n\r\n",
        b"",
    ],
)
async def test_a_malformed_answer_is_an_outage_in_one_line_without_the_address(content: bytes) -> None:
    async with (
        raw_server(lambda _: (content, False)) as server,
        client(f"{server.url}/{SECRET}", SECRET) as qdrant,
    ):
        for received in await both(qdrant):
            assert received.startswith("Qdrant ")
            assert SECRET not in received
            assert "\n" not in received


async def test_compressed_answers_are_read_once() -> None:
    packed = answer(gzip.compress(GOOD), headers={"Content-Encoding": "gzip"})
    async with raw_server(lambda _: (packed, True)) as server, client(server.url) as qdrant:
        assert await both(qdrant) == ["3", "3"]


@OPENLY
async def test_the_key_is_sent_to_no_other_address() -> None:
    async with raw_server(lambda _: (answer(GOOD), True)) as elsewhere:
        away = answer(b"", 307, {"Location": elsewhere.url})
        async with raw_server(lambda _: (away, True)) as server, client(server.url, SECRET) as qdrant:
            with pytest.raises(UnexpectedResponse):
                await qdrant.ask(*ASKED)
            assert f"api-key: {SECRET}" in server.heads[0]
        assert elsewhere.heads == []


@contextlib.asynccontextmanager
async def engine(directory: Path, port: int) -> AsyncIterator[Child]:
    """The real engine at an address that it comes back to."""
    command = [sys.executable, "-m", "embedded.qdrant", "--dir", str(directory), "--port", str(port)]
    child = Child("Qdrant", command, directory.parent / "qdrant.log")

    async def ready() -> bool:
        async with ClientSession() as session:
            with contextlib.suppress(OSError):
                async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
                    return response.status == 200
        return False

    await child.start(ready)
    try:
        yield child
    finally:
        await child.stop()


async def test_a_server_killed_under_load_is_an_outage_until_it_restarts(tmp_path: Path) -> None:
    port = free_port()
    stop = asyncio.Event()
    directory = tmp_path / "qdrant"
    outcomes: list[str] = []

    async def load(qdrant: Qdrant) -> None:
        while not stop.is_set():
            outcomes.extend(await both(qdrant))

    async with client(f"http://127.0.0.1:{port}") as qdrant:
        async with engine(directory, port) as child:
            await qdrant.create_collection("papers", models.VectorParams(size=1, distance=models.Distance.DOT))
            await qdrant.upsert("papers", [models.PointStruct(id=n, vector=[n], payload={}) for n in range(3)])
            loads = [asyncio.create_task(load(qdrant)) for _ in range(8)]
            while len(outcomes) < 100:
                await asyncio.sleep(0)
            assert child.pid
            kill(child.pid, signal.SIGKILL)
            while outcomes[-1] == "3":
                await asyncio.sleep(0)
        async with engine(directory, port):
            while outcomes[-1] != "3":
                await asyncio.sleep(0)
            stop.set()
            await asyncio.gather(*loads)  # nothing but outages was raised
            assert await both(qdrant) == ["3", "3"]
    assert {received.partition(":")[0] for received in outcomes} == {"3", "Qdrant does not answer"}


@OPENLY
@pytest.mark.parametrize("status", [b"401 Unauthorized", b"403 Forbidden"])
async def test_a_key_that_is_not_accepted_is_named(status: bytes) -> None:
    refusal = b"HTTP/1.1 " + status + b"\r\nContent-Length: 23\r\n\r\nMust provide an API key"
    async with raw_server(lambda _: (refusal, True)) as server, client(server.url, SECRET) as qdrant:
        for received in await both(qdrant):
            assert "set PAPERWIRE_QDRANT_API_KEY" in received
            assert SECRET not in received
