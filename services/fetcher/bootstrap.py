"""The composition root of the fetcher."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

import aiohttp

from services.fetcher.http.budget import Allowance, Budgets
from services.fetcher.http.polite import Polite
from services.fetcher.ledger.ledger import Ledger
from services.fetcher.polling.poller import Poller
from services.fetcher.polling.source_store import Registry
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.arxiv.announcements import ArxivRss
from services.fetcher.sources.arxiv.api_client import ArxivApi
from services.fetcher.sources.arxiv.api_query import ArxivQuery
from services.fetcher.sources.arxiv.oai_harvest import ArxivOai
from services.fetcher.sources.biorxiv.driver import Biorxiv
from services.fetcher.sources.biorxiv.parse import Server
from services.fetcher.sources.config import SourceConfig, load_sources
from services.fetcher.sources.feeds.driver import HttpFeed
from services.fetcher.sources.files.reader import WatchedFolder
from services.fetcher.sources.huggingface.driver import HuggingFaceDaily
from services.fetcher.sources.openreview.driver import OpenReview
from services.fetcher.sources.port import Source
from shared.net import outbound_session
from shared.papers.streams import FETCHED
from shared.runtime import Runtime, Service


async def build(runtime: Runtime) -> Service:
    """Read the sources and make the poller.

    Raises:
        ConfigurationError: the sources file is not usable.

    """
    settings = FetcherSettings.load(**runtime.settings.model_dump(exclude_unset=True))
    configs = configured(settings)
    await Registry(runtime.redis).seed(configs)
    session = open_session(settings)
    drivers = Drivers(open_polite(settings, session, runtime.redis), settings)
    ledger = Ledger(runtime.redis, now)
    poller = Poller(runtime.bus, drivers.make, ledger, most=settings.polls, offline=settings.offline)
    await poller.refresh()
    runtime.bus.produce(FETCHED)
    return Service("fetcher", loops=(poller.run,), close=session.close)


def now() -> datetime:
    """Give the time in UTC."""
    return datetime.now(UTC)


def configured(settings: FetcherSettings) -> list[SourceConfig]:
    """Read the sources file of the settings, or the bundled one; raises ConfigurationError."""
    if settings.sources_file is not None:
        return load_sources(settings.sources_file)
    with as_file(files("services.fetcher") / "sources.toml") as bundled:
        return load_sources(bundled, settings.data_dir)


def open_session(settings: FetcherSettings) -> aiohttp.ClientSession:
    """Make the HTTP client; the caller closes it."""
    agent = f"Paperwire/{version('paperwire')} (+{settings.contact})"
    allowed = settings.allow_private_endpoints
    return outbound_session(allowed, agent, total=settings.fetch_timeout, limit=settings.exchanges)


def open_polite(
    settings: FetcherSettings,
    session: aiohttp.ClientSession,
    redis: Any,  # noqa: ANN401  # a Redis client
    *,
    yielding: bool = False,
) -> Polite:
    """Make the one way out; a `yielding` one lets all others go first."""
    interval = settings.host_interval
    default = Allowance("", interval, settings.host_places, slack=interval / 2)
    budgets = Budgets(redis, default, hold=settings.fetch_timeout + 30, yielding=yielding)
    return Polite(session, redis, budgets, max_body=settings.max_body, exchanges=settings.exchanges)


@dataclass(frozen=True, slots=True)
class Drivers:
    """Makes the driver of a source."""

    polite: Polite
    settings: FetcherSettings

    def make(self, config: SourceConfig) -> Source | None:
        """Make a driver, or give None for one that needs a network when there is none."""
        return None if config.live and self.settings.offline else _FACTORIES[config.type](config, self)


def _feed(config: SourceConfig, drivers: Drivers) -> Source:
    return HttpFeed(config.name, config.url or "", drivers.polite, max_items=drivers.settings.max_items)


def _folder(config: SourceConfig, _: Drivers) -> Source:
    return WatchedFolder(config.name, config.path or Path())


def _huggingface(config: SourceConfig, drivers: Drivers) -> Source:
    return HuggingFaceDaily(config.name, drivers.polite, now)


def _biorxiv(config: SourceConfig, drivers: Drivers) -> Source:
    server: Server = "medrxiv" if config.type == "medrxiv" else "biorxiv"
    return Biorxiv(config.name, server, drivers.polite, now, categories=config.categories)


def _openreview(config: SourceConfig, drivers: Drivers) -> Source:
    settings = drivers.settings
    password = settings.openreview_password.get_secret_value() if settings.openreview_password else None
    venues = (config.query or "").split()
    return OpenReview(config.name, venues, drivers.polite, now, user=settings.openreview_user, password=password)


def _arxiv_query(config: SourceConfig, drivers: Drivers) -> Source:
    return ArxivQuery(config.name, config.query or "", open_api(drivers.settings, drivers.polite), now)


def _arxiv(config: SourceConfig, drivers: Drivers) -> Source:
    archive = open_archive(drivers.settings, drivers.polite)
    return ArxivRss(config.name, config.categories, drivers.polite, now, oai=archive)


def open_archive(settings: FetcherSettings, polite: Polite) -> ArxivOai:
    """Make what harvests arXiv; a paper that is gone gets its title from the API."""
    return ArxivOai(polite, base=settings.arxiv_oai_url, by_id=open_api(settings, polite).by_ids)


def open_api(settings: FetcherSettings, polite: Polite) -> ArxivApi:
    """Make what asks arXiv's API."""
    return ArxivApi(polite, now, base=settings.arxiv_api_url)


_FACTORIES: Final[dict[str, Callable[[SourceConfig, Drivers], Source]]] = {
    "feed": _feed,
    "folder": _folder,
    "huggingface": _huggingface,
    "biorxiv": _biorxiv,
    "medrxiv": _biorxiv,
    "openreview": _openreview,
    "arxiv": _arxiv,
    "arxiv-query": _arxiv_query,
}
