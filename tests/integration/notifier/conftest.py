"""A notifier that runs, and a receiver to send to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.notifier.support import Receiver, Wire, notifier, receiving


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver of webhooks on loopback."""
    async with receiving() as one:
        yield one


@pytest.fixture
async def wire(redis_url: str, qdrant_url: str, tmp_path: Path) -> AsyncIterator[Wire]:
    """A notifier on an empty Redis and Qdrant."""
    async with notifier(redis_url, qdrant_url, tmp_path) as running:
        yield running
