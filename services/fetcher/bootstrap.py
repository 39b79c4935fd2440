"""The composition root of the fetcher."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib.resources import as_file, files
from typing import Any

import aiohttp

from services.fetcher.http.polite import Allowance, Budgets, Permit, Polite
from services.fetcher.http.robots import Robots
from services.fetcher.ledger.ledger import Ledger
from services.fetcher.pictures.picture_loop import PictureLoop
from services.fetcher.pictures.picture_process import PictureProcess
from services.fetcher.pictures.picture_search import PictureSearch
from services.fetcher.pictures.picture_store import PictureStore
from services.fetcher.pictures.small_picture import MAX_BYTES
from services.fetcher.polling.disk_space import DiskState, DiskWatch, space_of
from services.fetcher.polling.poller import Poller
from services.fetcher.polling.source_store import SourceStore
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.config import SourceConfig
from services.fetcher.sources.feeds.driver import FeedProcess
from services.fetcher.sources.port import Source
from services.fetcher.sources.registry import ALLOWANCES, BY_ID
from services.fetcher.sources.source_type import DriverContext
from services.fetcher.sources.sources_file import load_sources
from shared.outbound import outbound_session
from shared.papers.streams import FETCHED
from shared.runtime import Runtime, Service
from shared.versions import user_agent


async def build(runtime: Runtime) -> Service:
    """Read the sources file and build the poller.

    Raises:
        ConfigurationError: the sources file is not usable.

    """
    settings = FetcherSettings.load(**runtime.settings.model_dump(exclude_unset=True))
    await SourceStore(runtime.redis).seed(configured_sources(settings))
    session = open_session(settings)
    runtime.at_end(session.close)
    drivers = Drivers(open_polite(settings, session, runtime.redis), settings)
    runtime.at_end(drivers.feeds.close)
    ledger = Ledger(runtime.redis, now)
    disk = DiskWatch(runtime.redis, partial(space_of, settings.data_dir), now, runtime.bus.outages)
    pictures = open_pictures(settings, session, runtime, paused=lambda: disk.state is DiskState.PAUSED)
    poller = Poller(runtime.bus, drivers.make, ledger, most=settings.polls, offline=settings.offline, disk=disk)
    await poller.refresh()
    runtime.bus.produce(FETCHED)
    return Service("fetcher", loops=(poller.run, disk.run, pictures.run))


def open_pictures(
    settings: FetcherSettings, session: aiohttp.ClientSession, runtime: Runtime, *, paused: Callable[[], bool]
) -> PictureLoop:
    """Build the loop that looks for pictures; its process ends with the runtime."""
    redis, process = runtime.redis, PictureProcess()
    runtime.at_end(process.close)
    bounds: Any = {"max_body": MAX_BYTES, "yielding": True}
    robots = Robots(open_polite(settings, session, redis, **bounds), redis)
    polite = open_polite(settings, session, redis, **bounds, permit=robots.check)
    search = PictureSearch(polite, process, () if settings.offline else settings.pictures, settings.arxiv_html_url)
    store = PictureStore(redis, most=settings.pictures_kept, days=settings.pictures_days)
    return PictureLoop(store, search, paused=paused)


def now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


def configured_sources(settings: FetcherSettings) -> list[SourceConfig]:
    """Read the sources file that the settings name, or else the bundled one; raises ConfigurationError."""
    if settings.sources_file is not None:
        return load_sources(settings.sources_file)
    with as_file(files("services.fetcher") / "sources.toml") as bundled:
        return load_sources(bundled, settings.data_dir)


def open_session(settings: FetcherSettings) -> aiohttp.ClientSession:
    """Make the HTTP client; the caller closes it."""
    agent = user_agent(settings.contact)
    allowed = settings.allow_private_endpoints
    return outbound_session(allowed, agent, total=settings.fetch_timeout, limit=settings.exchanges)


def open_polite(
    settings: FetcherSettings,
    session: aiohttp.ClientSession,
    redis: Any,  # noqa: ANN401  # a Redis client
    *,
    yielding: bool = False,
    max_body: int | None = None,
    permit: Permit | None = None,
) -> Polite:
    """Build the client that keeps the budgets of hosts; a `yielding` one gives way to all others.

    `max_body` replaces that of the settings.
    """
    interval = settings.host_interval
    default = Allowance("", interval, settings.host_places, slack=interval / 2)
    budgets = Budgets(redis, default, ALLOWANCES, hold=settings.fetch_timeout + 30, yielding=yielding)
    most = max_body or settings.max_body
    return Polite(session, redis, budgets, max_body=most, exchanges=settings.exchanges, permit=permit)


@dataclass(frozen=True, slots=True)
class Drivers:
    """Makes the drivers of sources by the rows of their types."""

    polite: Polite
    settings: FetcherSettings
    feeds: FeedProcess = field(default_factory=FeedProcess)
    """Whoever reads feeds closes it."""

    @property
    def context(self) -> DriverContext:
        """The rows, settings and clock for all drivers."""
        return DriverContext(self.polite, self.settings, now, self.feeds)

    def make(self, config: SourceConfig) -> Source | None:
        """Make the driver of a source; return None for one that needs the network when `offline` is set."""
        row = BY_ID[config.type]
        return None if row.live and self.settings.offline else row.make(config, self.context)
