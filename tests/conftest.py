"""Fixtures on real parts: a redis-server, Qdrant's engine, the offline model.

One server of each kind serves all tests of a process, and each test finds it empty. A test that kills or configures a
server starts its own.
"""

import asyncio
import gc
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import hypothesis
import pytest
from aiohttp import web_app
from redis import Redis

from embedded.qdrant import EmbeddedQdrant
from embedded.redis import EmbeddedRedis
from shared.bus import Bus, open_redis
from shared.bus.upkeep import ensure_groups
from shared.embedding.embedder import DEFAULT_MODEL, Embedder, open_embedder
from shared.settings import Settings
from shared.telemetry import configure_logging
from tests.authority import write_certificates
from tests.support import examples

HERE = Path(__file__).parent
MEMORY = Path("/dev/shm")
MEMORY_NEEDED = 2 << 30  # bytes; the folders of all tests together hold less

configure_logging("warning")
os.environ.setdefault("PAPERWIRE_PROVIDERS", "none")  # no test reaches a live provider
os.environ.setdefault("PAPERWIRE_PICTURES", "none")  # and none looks for pictures, unless it says so
# No test trusts the authorities of the world: to read their certificates costs each process a tenth of a second.
_trusted = tempfile.TemporaryDirectory(prefix="paperwire-tests-")
write_certificates(Path(_trusted.name), "nobody.test")
os.environ["SSL_CERT_FILE"] = str(Path(_trusted.name) / "ca.pem")
os.environ.pop("SSL_CERT_DIR", None)
# The engine syncs every index that it creates: on a disk that takes ten times as long as all the rest.
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

# The duration of an example depends on the load of the machine, so there is no deadline.
hypothesis.settings.register_profile("paperwire", examples(100))
hypothesis.settings.load_profile("paperwire")

_ended = itertools.count(1)


def pytest_xdist_auto_num_workers() -> int:
    """Return the processes to run tests in: two for each core, as tests also wait, and at most eight."""
    return min((os.cpu_count() or 1) * 2, 8)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the tests that start whole instances, in two of the processes: what takes longest must not come last.

    Each process first gets as many tests as the others, in the order of this list.
    """
    processes = getattr(config, "workerinput", {"workercount": 1})["workercount"]
    long: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item in items:
        (long if item.path.relative_to(HERE).parts[0] in ("chaos", "system") else others).append(item)
    first, second = long[::2], long[1::2]
    middle = len(items) * (processes // 2) // processes - len(first)
    if processes > 1 and middle > 0:
        items[:] = [*first, *others[:middle], *second, *others[middle:]]


def pytest_collection_finish() -> None:
    """Exempt what is loaded by now from garbage collection, which would look through all of it again and again."""
    gc.collect()
    gc.freeze()


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Log warnings only again, and collect garbage after every 20th test that loads a model.

    A model is 100 MB, in a few objects that refer in circles.
    """
    configure_logging("warning")
    if "models" in getattr(item, "fixturenames", ()) and next(_ended) % 20 == 0:
        web_app._cached_build_middleware.cache_clear()  # aiohttp keeps the last 1,024 handlers, and all they refer to
        gc.collect()


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the embedding model. The first process that needs the model makes it, the others wait."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "models"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
async def embedder(models: Path) -> AsyncIterator[Embedder]:
    """The default model, offline."""
    opened = await open_embedder(DEFAULT_MODEL, models)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def servers_loop() -> Iterator[asyncio.Runner]:
    """The event loop that starts and stops the servers; each test has a loop of its own."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def redis_server(servers_loop: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the redis-server of this process."""
    server = EmbeddedRedis(tmp_path_factory.mktemp("redis"))
    servers_loop.run(server.__aenter__())
    yield server.url
    servers_loop.run(server.__aexit__(None, None, None))


@pytest.fixture(scope="session")
def qdrant_server(servers_loop: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the embedded Qdrant of this process."""
    server = EmbeddedQdrant(tmp_path_factory.mktemp("qdrant"))
    servers_loop.run(server.__aenter__())
    yield server.url
    servers_loop.run(server.__aexit__(None, None, None))


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The address of an empty Redis."""
    with Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


@pytest.fixture(scope="session")
def qdrant_http(qdrant_server: str) -> Iterator[httpx.Client]:
    """A client of the embedded Qdrant of this process."""
    with httpx.Client(base_url=qdrant_server) as client:
        yield client


@pytest.fixture
def qdrant_url(qdrant_http: httpx.Client, qdrant_server: str) -> str:
    """The address of an empty Qdrant."""
    for collection in qdrant_http.get("/collections").raise_for_status().json()["result"]["collections"]:
        qdrant_http.delete(f"/collections/{collection['name']}").raise_for_status()
    return qdrant_server


@pytest.fixture
def settings(redis_url: str, tmp_path: Path, models: Path) -> Settings:
    """Settings that reach the test's Redis; deliveries are reclaimed quickly."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "models").symlink_to(models)
    return Settings.load(redis_url=redis_url, data_dir=tmp_path / "data", reclaim_idle=1.0, http_port=0)


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
