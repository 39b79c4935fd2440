"""A server that knows who cites an author's papers, and a notifier that asks it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.coordination.quotas import Quota
from tests.integration.notifier.following.citing import BOATS, instance
from tests.integration.notifier.following.scholar_server import ScholarServer, scholar_server
from tests.integration.notifier.matching.index import fill
from tests.integration.notifier.support import Clock, Wire


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def scholar(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ScholarServer]:
    """A server that nobody has to wait for, with one paper that is cited."""
    monkeypatch.setattr("services.notifier.bootstrap.following.SCHOLAR_QUOTA", Quota(1_000, 1_000.0))
    async with scholar_server() as one:
        one.write("Folding cranes", ArXiv="2501.00001")
        one.cite("Folding cranes", "An old citation", DOI="10.5555/old")
        yield one


@pytest.fixture
async def wire(
    redis_url: str, qdrant_url: str, tmp_path: Path, clock: Clock, scholar: ScholarServer
) -> AsyncIterator[Wire]:
    async with instance(redis_url, qdrant_url, tmp_path, clock, scholar) as running:
        await fill(running.runtime.qdrant(), [BOATS])
        yield running
