"""The context of a command: the settings, the data directory, and the instance that runs on it, if there is one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

import typer
from platformdirs import user_data_path

from embedded.lock import Holder, Instance, lock, read_instance
from embedded.qdrant import EmbeddedQdrant
from embedded.redis import EmbeddedRedis
from services.cli.instance.keeper import Kept, keep_running
from services.fetcher.settings import FetcherSettings
from shared import telemetry
from shared.bus import open_redis
from shared.bus.redis_server import check_access
from shared.errors import ConfigurationError
from shared.runtime import Builder, running
from shared.tasks import cancel

DataDir = Annotated[
    Path | None,
    typer.Option(help="The directory that holds all data.", envvar="PAPERWIRE_DATA_DIR", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@dataclass(frozen=True, slots=True)
class Reach:
    """A reachable instance: its settings, and the address of its API."""

    settings: FetcherSettings
    http_url: str


@dataclass(frozen=True, slots=True)
class Context:
    """The settings of a command. Addresses that are not set become those of the embedded Redis and Qdrant."""

    settings: FetcherSettings

    @classmethod
    def load(cls, data_dir: Path | None, **options: Any) -> Self:  # noqa: ANN401  # settings by name
        """Load the environment and the given options; raises ConfigurationError for an unusable value."""
        given = {name: value for name, value in options.items() if value is not None}
        if data_dir is not None:
            given["data_dir"] = data_dir
        settings = FetcherSettings.load(**given)
        if "data_dir" not in settings.model_fields_set:
            settings = FetcherSettings.load(**given, data_dir=user_data_path("paperwire", appauthor=False))
        telemetry.configure_logging(settings.log_level)
        return cls(settings)

    def is_set(self, name: str) -> bool:
        """Return whether the user set an address; otherwise the embedded server provides it."""
        return name in self.settings.model_fields_set

    def instance(self) -> Instance | None:
        """Return the instance that runs on the data directory, or None."""
        return read_instance(self.settings.data_dir)

    @contextlib.asynccontextmanager
    async def held(self) -> AsyncIterator[tuple[Holder, FetcherSettings]]:
        """Lock the data directory, and keep a Redis and a Qdrant running in it where no address is set.

        Raises:
            EmbeddedError: another instance has locked it (the message says which), or a server does not start.

        """
        data_dir = self.settings.data_dir
        async with contextlib.AsyncExitStack() as stack:
            holder = stack.enter_context(lock(data_dir))
            addresses: dict[str, str] = {}
            kept: list[Kept] = []
            if not self.is_set("redis_url"):
                redis = await stack.enter_async_context(EmbeddedRedis(data_dir / "redis"))
                addresses["redis_url"] = redis.url
                kept.append(Kept("redis", redis.wait, redis.restart))
            if not self.is_set("qdrant_url"):
                qdrant = await stack.enter_async_context(EmbeddedQdrant(data_dir / "qdrant"))
                addresses["qdrant_url"] = qdrant.url
                kept.append(Kept("qdrant", qdrant.wait, qdrant.restart))
            stack.push_async_callback(cancel, [asyncio.create_task(keep_running(one)) for one in kept])
            settings = self.settings.model_copy(update=addresses)
            holder.publish(redis_url=settings.redis_url, qdrant_url=settings.qdrant_url)
            yield holder, settings

    @contextlib.asynccontextmanager
    async def reach(self, builders: Sequence[Builder], *, http_only: bool = False) -> AsyncIterator[Reach]:
        """Yield the running instance, or that of the environment; without either run `builders` for the block.

        `http_only` is for commands that ask the HTTP API and nothing else: they may have no access to Redis.

        Raises:
            ConfigurationError: the Redis of the environment cannot be used.

        """
        instance = self.instance()
        if instance and instance.redis_url and instance.qdrant_url and instance.http_url:
            update = {"redis_url": instance.redis_url, "qdrant_url": instance.qdrant_url}
            yield Reach(self.settings.model_copy(update=update), instance.http_url)
        elif instance:
            message = f"The instance of process {instance.pid} is still starting: try again in a moment."
            raise ConfigurationError(message)
        elif self.is_set("redis_url"):
            if not http_only:
                await check_access(self.settings.redis_url)
            yield Reach(self.settings, self.settings.local_url)
        else:
            async with self.held() as (_, settings):
                alone = settings.model_copy(update={"http_port": 0, "http_host": "127.0.0.1", "offline": True})
                async with running(builders, alone) as runtime:
                    yield Reach(alone, runtime.http_url or "")

    @contextlib.asynccontextmanager
    async def redis(self) -> AsyncIterator[Any]:
        """Yield a client of the instance's Redis."""
        async with self.reach(()) as reach:
            client = open_redis(reach.settings.redis_url)
            try:
                yield client
            finally:
                await client.aclose()
