"""Redis and Qdrant that hang: the instance says so within seconds, and goes on when they do."""

import contextlib
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest

from tests.support import until
from tests.system.instance import Paperwire, started

LIMIT = aiohttp.ClientTimeout(total=8)
"""Five seconds, and what a busy machine adds."""


SERVERS = (
    ("redis", "Redis", ("/v1/status", "/v1/subscriptions")),
    ("embedded.qdrant", "Qdrant", ("/v1/search?q=lantern", "/v1/papers/test:1")),
)
"""Words in the command of each server, its name, and what cannot be answered without it."""


@asynccontextmanager
async def hung(running: Paperwire, server: str) -> AsyncIterator[None]:
    """Stop a server of the instance for the time of a block."""
    (process,) = (
        child
        for child in psutil.Process(running.process.pid).children(recursive=True)
        if server in " ".join(child.cmdline())
    )
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGCONT)


async def answer(running: Paperwire, path: str, method: str = "GET") -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {running.key}"}
    async with (
        aiohttp.ClientSession(timeout=LIMIT, headers=headers) as session,
        session.request(method, running.url + path) as response,
    ):
        return response.status, await response.text()


async def says(running: Paperwire, path: str, status: int, text: str) -> Any:
    found = await answer(running, path)
    return found[0] == status and text in found[1]


async def _answers_what_it_can(running: Paperwire) -> None:
    """Readers get a page, what would change something is refused before it begins, and metrics are scraped."""
    status, text = await answer(running, "/outbox")
    assert (status, "Try again shortly" in text, "<html" in text) == (503, True, True), text
    status, text = await answer(running, "/v1/subscriptions", "POST")
    assert (status, "Redis has not answered since" in text) == (503, True), text
    status, text = await answer(running, "/metrics")
    assert (status, "paperwire_http_seconds" in text) == (200, True), text


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    "options", [(), pytest.param(("--processes",), marks=pytest.mark.long)], ids=["one process", "processes"]
)
async def test_an_instance_whose_server_hangs_says_so_and_goes_on(tmp_path: Path, options: tuple[str, ...]) -> None:
    """INVARIANT: no request waits for a server that hangs, and readiness names it and the time."""
    async with started(tmp_path / "data", *options) as running:
        for server, name, paths in SERVERS:
            async with hung(running, server):
                for path in paths:
                    status, text = await answer(running, path)
                    assert (status, f"{name} has not answered since" in text) == (503, True), text
                await until(partial(says, running, "/readyz", 503, f"{name} has not answered since"))
                if name == "Redis":
                    await _answers_what_it_can(running)
            await until(partial(says, running, "/readyz", 200, ""))
            assert (await answer(running, "/v1/search?q=lantern"))[0] == 200
