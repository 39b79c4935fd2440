"""1,100 requests that never end, from many addresses, leave an instance of either size reachable."""

import asyncio
import contextlib
import socket
import time
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from shared.connections import raise_file_limit
from tests.system.instance import started

COUNT = 1_100
ADDRESSES = 50
LIMITED = ("bash", "-c", 'ulimit -n 1024; exec "$@"', "bash")
"""The usual limit of files, which the half-open connections exceed."""


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "options",
    [(), pytest.param(("--processes",), marks=pytest.mark.long)],
    ids=["one process", "processes"],
)
async def test_half_open_connections_leave_an_instance_reachable(tmp_path: Path, options: tuple[str, ...]) -> None:
    raise_file_limit()
    async with (
        started(tmp_path / "data", *options, wrapper=LIMITED) as running,
        contextlib.AsyncExitStack() as stack,
    ):
        port = urlsplit(running.url).port or 0
        for number in range(COUNT):
            with contextlib.suppress(OSError):
                sender = (f"127.0.0.{2 + number % ADDRESSES}", 0)
                connect = partial(socket.create_connection, ("127.0.0.1", port), 5, sender)
                connection = stack.enter_context(await asyncio.to_thread(connect))
                connection.sendall(b"POST /v1/search HTTP/1.1\r\nHost: x\r\nX-Slow")
        for path in ("/healthz", "/v1/search?q=lantern", "/v1/status"):
            started_at = time.monotonic()
            async with aiohttp.ClientSession() as session, session.get(running.url + path) as answer:
                assert answer.status == 200
            assert time.monotonic() - started_at < 5
