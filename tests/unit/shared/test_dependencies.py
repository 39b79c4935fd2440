"""A dependency that does not answer in time is late, and ends what waits for it."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from shared.dependencies import Dependencies
from shared.errors import TransientError
from tests.support import until

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
LATE = "Redis has not answered since 12:00:00 UTC"


class Server:
    """A dependency that can hang, or fail."""

    def __init__(self) -> None:
        self.runs = asyncio.Event()
        self.runs.set()
        self.fails = False

    async def ask(self) -> None:
        """Wait while it hangs."""
        await self.runs.wait()
        if self.fails:
            raise ConnectionRefusedError


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def dependencies(server: Server) -> AsyncIterator[Dependencies]:
    own = Dependencies(limit=0.05, clock=lambda: NOON)
    own.add("Redis", server.ask)
    own.add("Qdrant", Server().ask)
    asking = asyncio.create_task(own.run())
    yield own
    asking.cancel()


async def waited(dependencies: Dependencies, *names: str) -> str:
    """Wait for ever in a block that needs some dependencies; return the error that ends it."""
    with pytest.raises(TransientError) as ended:
        async with dependencies.required(*names):
            await asyncio.Event().wait()
    return str(ended.value)


async def test_what_waits_for_a_hung_dependency_ends(server: Server, dependencies: Dependencies) -> None:
    begun = asyncio.create_task(waited(dependencies, "Redis", "Qdrant"))
    await asyncio.sleep(0)
    assert dependencies.trouble() is None
    server.runs.clear()
    assert await begun == LATE
    assert dependencies.trouble() == dependencies.trouble("Redis") == LATE
    assert dependencies.trouble("Qdrant") is None
    assert await waited(dependencies, "Redis") == LATE, "after a moment"
    async with dependencies.required("Redis", "Qdrant"):
        pass  # work that does not need it
    server.runs.set()
    await until(lambda: dependencies.trouble() is None)
    async with dependencies.required("Redis"):
        pass


async def test_a_dependency_that_fails_answers(server: Server, dependencies: Dependencies) -> None:
    """Requests meet a refused connection as quickly, and have better words for it."""
    server.fails = True
    await asyncio.sleep(0.3)
    assert dependencies.trouble() is None


async def test_a_process_that_did_not_run_blames_nobody(
    server: Server, dependencies: Dependencies, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.dependencies.PAUSE_S", 0.0)
    server.runs.clear()
    for _ in range(20):
        time.sleep(0.1)  # noqa: ASYNC251  # the loop is to be late
        await asyncio.sleep(0)
    assert dependencies.trouble() is None


async def test_a_timeout_of_the_block_stays_one(dependencies: Dependencies) -> None:
    with pytest.raises(TimeoutError):
        async with dependencies.required("Redis"):
            raise TimeoutError
