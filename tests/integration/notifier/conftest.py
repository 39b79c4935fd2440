from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support import Receiver, Wire, notifier, receiving  # type: ignore[import-not-found]

from embedded.qdrant import EmbeddedQdrant
from embedded.redis import EmbeddedRedis


@pytest.fixture
async def redis_url(tmp_path: Path) -> AsyncIterator[str]:
    directory = tmp_path / "redis"
    directory.mkdir()
    async with EmbeddedRedis(directory) as redis:
        yield redis.url
