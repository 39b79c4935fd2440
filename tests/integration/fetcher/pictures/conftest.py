from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.fetcher.pictures.picture_store import PictureStore
from shared.bus import open_redis
from tests.integration.fetcher.support import Clock


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Any]:
    opened = open_redis(redis_url)
    yield opened
    await opened.aclose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(redis: Any, clock: Clock) -> PictureStore:
    """A store of two pictures, for ten days."""
    return PictureStore(redis, most=2, days=10, clock=clock)
