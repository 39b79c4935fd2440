"""The servers that must agree: the embedded one, the client's local mode, and a real one where it is configured."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from qdrant_client import AsyncQdrantClient

from embedded.qdrant import EmbeddedQdrant
from tests.contract.qdrant.parties import Party, connect, disconnect


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for the whole suite: generated examples share servers and clients."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def url(runner: asyncio.Runner) -> Iterator[str]:
    """The address of an embedded server, in memory where that is possible: the engine syncs every index it creates."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as directory:
        server = EmbeddedQdrant(Path(directory))
        runner.run(server.__aenter__())
        yield server.url
        runner.run(server.__aexit__(None, None, None))


@pytest.fixture(scope="session")
def client(runner: asyncio.Runner, url: str) -> Iterator[AsyncQdrantClient]:
    """A client of the embedded server."""
    client = connect(url)
    yield client
    runner.run(disconnect(client))


@pytest.fixture(scope="session")
def parties(runner: asyncio.Runner, client: AsyncQdrantClient) -> Iterator[list[Party]]:
    """The parties that must give the same answers; the first is the reference."""
    others = {"local": AsyncQdrantClient(":memory:")}
    if address := os.environ.get("PAPERWIRE_TEST_QDRANT_URL"):
        others["server"] = connect(address)
    yield [*(Party(name, other) for name, other in others.items()), Party("embedded", client)]
    for other in others.values():
        runner.run(disconnect(other))
