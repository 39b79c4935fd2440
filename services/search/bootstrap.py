"""The composition root of search."""

import time
from datetime import UTC, datetime

import structlog

from services.search.api import feeds
from services.search.api import papers as http_papers
from services.search.api import search as http
from services.search.api.guard import Guard
from services.search.api.limits import TokenBuckets
from services.search.api.search import Reader
from services.search.api.status import Work
from services.search.ranking.index import Papers
from services.search.ranking.searching import Searching
from services.search.settings import SearchSettings
from services.search.web.pages import page_routes
from shared.errors import TransientError
from shared.http import Api
from shared.qdrant import check_papers
from shared.runtime import Runtime, Service

log = structlog.get_logger("search")


async def build(runtime: Runtime) -> Service:
    """Make the routes and pages over the process's Qdrant, Redis and model.

    Raises:
        ConfigurationError: the collection was made with another embedding model, or the model cannot be had.

    """
    settings = SearchSettings.load(**runtime.settings.model_dump(exclude_unset=True))
    embedder, client = await runtime.embedder(), runtime.qdrant()
    try:
        await check_papers(client, embedder.model)
    except TransientError as error:  # readers start without it and answer 503 until it is there
        log.warning("starting without Qdrant", error=str(error))
    papers = Papers(client)
    reader = Reader(papers, Searching(papers, embedder), Work(runtime.redis), lambda: datetime.now(UTC))
    guard = Guard(TokenBuckets(settings.rate_limit, time.monotonic), settings.trusted_proxies)
    api = Api("search")
    api.limit = guard.check
    http.register(api, reader)
    http_papers.register(api, reader)
    feeds.register(api, feeds.Feeds(reader, settings.public_url))
    api.plain += page_routes(reader, guard, settings.public_url)
    return Service("search", api)
