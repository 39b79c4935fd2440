"""The composition root of the fetcher."""

from collections.abc import Sequence
from importlib.resources import as_file, files

import aiohttp

from services.fetcher.config import SourceConfig, load_sources
from services.fetcher.poller import Poller
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.files import WatchedFolder
from services.fetcher.sources.http_feed import HttpFeed
from services.fetcher.sources.port import Source
from shared.errors import ConfigurationError
from shared.net import outbound_session
from shared.runtime import Runtime, Service


async def build(runtime: Runtime) -> Service:
    """Read the sources and make the poller.

    Raises:
        ConfigurationError: the sources file is not usable.

    """
    settings = FetcherSettings.load(**runtime.settings.model_dump(exclude_unset=True))
    configs = configured(settings)
    agent = f"Paperwire/0.1 (+{settings.contact})"
    session = outbound_session(settings.allow_private_endpoints, agent, total=settings.fetch_timeout)
    sources = live_sources(configs, session, settings)
    poller = Poller(runtime.bus, sources, configs)
    return Service("fetcher", loops=(poller.run,), close=session.close)


def configured(settings: FetcherSettings) -> list[SourceConfig]:
    """Read the sources file of the settings, or the bundled one; raises ConfigurationError."""
    if settings.sources_file is not None:
        return load_sources(settings.sources_file)
    with as_file(files("services.fetcher") / "sources.toml") as bundled:
        return load_sources(bundled, settings.data_dir)


def live_sources(
    configs: Sequence[SourceConfig], session: aiohttp.ClientSession, settings: FetcherSettings
) -> dict[str, Source]:
    """Make the drivers of the enabled sources; offline those that need a network are left out."""
    sources: dict[str, Source] = {}
    for config in configs:
        if not config.enabled or (settings.offline and config.url):
            continue
        sources[config.name] = _source(config, session, settings)
    return sources


def _source(config: SourceConfig, session: aiohttp.ClientSession, settings: FetcherSettings) -> Source:
    if config.url:
        return HttpFeed(config.name, config.url, session, max_body=settings.max_body, max_items=settings.max_items)
    if config.path:
        return WatchedFolder(config.name, config.path)
    message = f"The source {config.name!r} has neither url nor path."
    raise ConfigurationError(message)
