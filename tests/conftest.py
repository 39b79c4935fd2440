"""Fixtures on real parts: a redis-server, Qdrant's engine, the offline model."""

import gc
import itertools
import os
from collections.abc import AsyncIterator
from pathlib import Path

import hypothesis
import pytest
from aiohttp import web_app

from embedded.qdrant import EmbeddedQdrant
from embedded.redis import EmbeddedRedis
from shared.bus import Bus, open_redis
from shared.bus.upkeep import ensure_groups
from shared.embedding.embedder import DEFAULT_MODEL, Embedder, open_embedder
from shared.settings import Settings
from shared.telemetry import configure_logging

configure_logging("warning")
# How long an example takes says what else the machine does, and nothing about the code.
hypothesis.settings.register_profile("paperwire", deadline=None)
hypothesis.settings.load_profile("paperwire")
os.environ.setdefault("PAPERWIRE_PROVIDERS", "none")  # tests ask no stranger; those of the providers name their own


_ended = itertools.count(1)


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Let go now and then: a test's model is 100 MB that the collector takes for a handful of small objects."""
    if "models" in getattr(item, "fixturenames", ()) and next(_ended) % 20 == 0:
        web_app._cached_build_middleware.cache_clear()  # aiohttp keeps the last 1,024 handlers, hence all they reach
        gc.collect()


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the embedding model, which is made once per test run."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture
async def embedder(models: Path) -> AsyncIterator[Embedder]:
    """The default model, offline."""
    opened = await open_embedder(DEFAULT_MODEL, models)
    yield opened
    await opened.close()


@pytest.fixture
async def redis_url(tmp_path: Path) -> AsyncIterator[str]:
    """A redis-server of the test's own."""
    async with EmbeddedRedis(tmp_path / "redis") as server:
        yield server.url


@pytest.fixture
async def qdrant_url(tmp_path: Path) -> AsyncIterator[str]:
    """An embedded Qdrant of the test's own."""
    async with EmbeddedQdrant(tmp_path / "qdrant") as server:
        yield server.url


@pytest.fixture
def settings(redis_url: str, tmp_path: Path, models: Path) -> Settings:
    """Settings that reach the test's Redis; deliveries are reclaimed quickly."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "models").symlink_to(models)
    return Settings.load(redis_url=redis_url, data_dir=tmp_path / "data", reclaim_idle=0.4, http_port=0)


@pytest.fixture
async def bus(settings: Settings) -> AsyncIterator[Bus]:
    """A bus on the test's Redis, connected for publishing; a test that consumes starts it."""
    redis = open_redis(settings.redis_url)
    opened = Bus(settings, redis)
    await ensure_groups(redis)
    await opened.broker.connect()
    yield opened
    await opened.stop()
    await redis.aclose()
