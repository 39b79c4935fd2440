"""A process: what its services share, how they start, how they drain and stop.

Every service has a `bootstrap.build(runtime) -> Service`; `run` takes one of them or all of them.
"""

import asyncio
import contextlib
import gc
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, NoReturn

import structlog
from redis.asyncio import Redis

from shared import telemetry
from shared.board.api_documents import write_documents
from shared.bus import Bus, open_redis
from shared.bus.backlog import forget, measure
from shared.bus.redis_server import check_server
from shared.bus.upkeep import ensure_groups
from shared.coordination.places import Places, Room
from shared.dependencies import Dependencies
from shared.errors import AccessRefusedError, ConfigurationError, TransientError
from shared.http import Api, build_app
from shared.http.front import Front
from shared.http.health import routes as health_routes
from shared.http.patience import PATIENCE, Patience
from shared.http.serving import HttpRunner
from shared.outages import RefusedError
from shared.setting_names import warn_of_unknown_variables
from shared.settings import Settings, http_address
from shared.shown_address import shown
from shared.tasks import cancel
from shared.watchdog import leave, process_lifetime

if TYPE_CHECKING:
    from shared.embedding.embedder import Embedder
    from shared.qdrant import Qdrant

log = structlog.get_logger("runtime")
Loop = Callable[[], Awaitable[None]]
REDIS: Final = "Redis"
QDRANT: Final = "Qdrant"
GC_THRESHOLD = (20_000, 20, 50)
QUERIES: Final = Room(places=3, per_client=2, waiting=256, waiting_per_client=64)
"""For searches: three keep the processor and the engine busy, and more would only make each other slower."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service, built and not yet running. `loops` run until cancelled, and are started again if they fail."""

    name: str
    api: Api | None = None
    loops: tuple[Loop, ...] = ()
    trouble: Callable[[], str | None] = lambda: None
    """Returns why the service cannot do all of its work, or None; the bus reports its own troubles."""


@dataclass
class Runtime:
    """What the services of one process share: one Redis, one bus, one Qdrant client, one model in memory."""

    settings: Settings
    redis: "Redis[bytes]"
    bus: Bus
    services: list[Service] = field(default_factory=list)
    http_url: str | None = None
    queries: Places = field(default_factory=lambda: Places(QUERIES, time.monotonic))
    """The places of searches; other heavy work of the process waits for a moment without them."""
    dependencies: Dependencies = field(default_factory=Dependencies)
    _stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)
    _qdrant: "Qdrant | None" = None
    _embedder: "Embedder | None" = None

    def at_end(self, close: Callable[[], Awaitable[None]]) -> None:
        """Call `close` in the end, also if a service cannot be built; what was opened last is closed first."""
        self._stack.push_async_callback(close)

    def qdrant(self) -> "Qdrant":
        """Return the Qdrant client of the process, made at first use: the fetcher and the enricher never load it."""
        if self._qdrant is None:
            from shared.qdrant import open_qdrant  # noqa: PLC0415  # see above

            self._qdrant = open_qdrant(self.settings)
            self.dependencies.add(QDRANT, self._qdrant.ping)
            self.at_end(self._qdrant.close)
        return self._qdrant

    async def embedder(self) -> "Embedder":
        """Return the embedding model of the process, loaded at first use.

        Raises:
            ConfigurationError: the model cannot be had.

        """
        if self._embedder is None:
            from shared.embedding.embedder import open_embedder  # noqa: PLC0415  # heavy, and not for every service

            cache = self.settings.data_dir / "models"
            self._embedder = await open_embedder(self.settings.embedding_model, cache)
            self.at_end(self._embedder.close)
        return self._embedder

    @property
    def trouble(self) -> str | None:
        """Why this process is not ready, or None."""
        return (
            self.dependencies.trouble()
            or self.bus.trouble
            or next(filter(None, (service.trouble() for service in self.services)), None)
        )


Builder = Callable[[Runtime], Awaitable[Service]]


@contextlib.asynccontextmanager
async def open_runtime(settings: Settings, *, embedder: "Embedder | None" = None) -> AsyncIterator[Runtime]:
    """Connect what a process needs, and close it in the end.

    `embedder` replaces the model that the settings name; it stays open for the caller to close.

    Raises:
        ConfigurationError: Redis cannot be used, as `check_server` says.

    """
    redis = open_redis(settings.redis_url)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(redis.aclose)
        await check_server(redis, settings.redis_url)
        await ensure_groups(redis)
        yield Runtime(settings, redis, Bus(settings, redis), _stack=stack, _embedder=embedder)


def main(builder: Builder, kind: type[Settings]) -> NoReturn:
    """Run one service as a process; a ConfigurationError ends it with one line and status 2."""
    try:
        settings = kind.load()
        telemetry.configure_logging(settings.log_level)
        warn_of_unknown_variables()
        asyncio.run(run([builder], settings))
    except (ConfigurationError, RefusedError) as error:
        sys.stderr.write(f"paperwire: {error}\n")
        leave(2)
    leave(0)


async def run(
    builders: Sequence[Builder],
    settings: Settings,
    *,
    http: bool = True,
    on_ready: Callable[[Runtime], Coroutine[None, None, None]] | None = None,
) -> None:
    """Build, start and serve some services in this process until SIGINT or SIGTERM, then drain.

    Raises:
        ConfigurationError: something has to be changed first (a taken port, a wrong address, a wrong model).

    """
    async with process_lifetime() as stop, running(builders, settings, http=http) as runtime:
        _freeze_what_was_built()
        for service in runtime.services if on_ready is None else ():  # else that says so
            log.info("service ready", service=service.name)
        ready = asyncio.create_task(on_ready(runtime)) if on_ready else None
        await stop.wait()
        await cancel([ready] if ready else [])


@contextlib.asynccontextmanager
async def running(
    builders: Sequence[Builder], settings: Settings, *, http: bool = True, embedder: "Embedder | None" = None
) -> AsyncIterator[Runtime]:
    """Run some services for the time of a block; takes an embedder as `open_runtime` does, and raises as `run` does."""
    async with open_runtime(settings, embedder=embedder) as runtime:
        for build in builders:
            runtime.services.append(await _built(build, runtime))
        async with contextlib.AsyncExitStack() as stack:
            if http:
                await stack.enter_async_context(_serving(runtime))
            await runtime.bus.start([service.name for service in runtime.services])
            stack.push_async_callback(runtime.bus.stop)
            runtime.dependencies.add(REDIS, runtime.redis.ping)
            await stack.enter_async_context(_looping([Service("process", loops=(runtime.dependencies.run,))]))
            await stack.enter_async_context(_looping(runtime.services))
            for service in runtime.services:
                telemetry.UP.labels(service.name).set(1)
            yield runtime


def _freeze_what_was_built() -> None:
    """Exclude what was built from garbage collection, and collect less often, until the process ends."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLD)


async def _built(build: Builder, runtime: Runtime) -> Service:
    try:
        return await build(runtime)
    except RefusedError as error:
        raise ConfigurationError(f"{error}: free what it lacks, then start again.") from error
    except AccessRefusedError as error:
        raise ConfigurationError(f"{error} ({shown(runtime.settings.qdrant_url)}).") from error
    except TransientError as error:
        address = shown(runtime.settings.qdrant_url)
        message = f"No Qdrant answers at {address} ({error}): start it, or set PAPERWIRE_QDRANT_URL."
        raise ConfigurationError(message) from error


@contextlib.asynccontextmanager
async def _serving(runtime: Runtime) -> AsyncIterator[None]:
    apis = [service.api for service in runtime.services if service.api]
    token = runtime.settings.metrics_token
    served = [*apis, health_routes(lambda: runtime.trouble, apis, partial(_measure, runtime), token)]
    app = build_app(served, Front.of(runtime.settings))
    app[PATIENCE] = Patience(runtime.dependencies, REDIS)
    runner = HttpRunner(app, runtime.settings)
    await runner.setup()
    host, port = runtime.settings.http_host, runtime.settings.http_port
    try:
        runtime.http_url = http_address(host, await runner.listen(host, port))
    except OSError as error:
        await runner.cleanup()
        message = (
            f"Cannot listen on {host}:{port} ({error.strerror or error}): choose another with PAPERWIRE_HTTP_PORT."
        )
        raise ConfigurationError(message) from error
    try:
        await write_documents(runtime.redis, served)
        yield
    finally:
        await runner.cleanup()


async def _measure(runtime: Runtime) -> None:
    """Bring the metrics of the streams up to date, or clear them as soon as Redis is late: scrapes have little time."""
    try:
        async with runtime.dependencies.required(REDIS):
            await measure(runtime.redis)
    except TransientError:
        forget()


@contextlib.asynccontextmanager
async def _looping(services: Sequence[Service]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(_kept_alive(service.name, loop)) for service in services for loop in service.loops]
    try:
        yield
    finally:
        await cancel(tasks)


async def _kept_alive(name: str, loop: Loop) -> None:
    """Run a loop, and start it again a second after it ends; its error is logged."""
    while True:
        try:
            await loop()
        except Exception as error:
            log.exception("loop failed", service=name, error=str(error))
        await asyncio.sleep(1)
