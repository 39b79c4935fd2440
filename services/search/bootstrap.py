"""The composition root of search."""

import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import structlog

from services.search.api import (
    explanation,
    export_routes,
    feed_routes,
    for_you_routes,
    paper_routes,
    search_routes,
    suggestion_routes,
)
from services.search.api.guard import Guard
from services.search.api.instance_state import InstanceState
from services.search.api.reader import Reader
from services.search.api.search_examples import EXAMPLES
from services.search.api.sign_ins import SignIns
from services.search.ranking.engine import SearchEngine
from services.search.ranking.paper_index import PaperIndex
from services.search.settings import SearchSettings
from services.search.similar.similar_papers import SimilarPapers
from services.search.web.discovery_routes import Discovery
from services.search.web.routes import error_page, page_routes
from services.search.web.unapi import unapi_routes
from shared.coordination.quotas import Quota
from shared.coordination.request_limits import RequestLimits
from shared.errors import TransientError
from shared.http import Api
from shared.qdrant import check_papers
from shared.runtime import QDRANT, REDIS, Runtime, Service

if TYPE_CHECKING:
    from shared.embedding.reranker import Reranker

log = structlog.get_logger("search")


async def build(runtime: Runtime) -> Service:
    """Build the routes and pages on the process's Qdrant, Redis and model.

    Raises:
        ConfigurationError: the collection was made with another embedding model, or the model cannot be had.

    """
    settings = SearchSettings.load(**runtime.settings.model_dump(exclude_unset=True))
    embedder, client = await runtime.embedder(), runtime.qdrant()
    try:
        await check_papers(client, embedder.model)
    except TransientError as error:  # readers start without it and answer 503 until it is there
        log.warning("qdrant unreachable", error=str(error))
    reranker = await _reranker(runtime, settings.reranker)
    papers = PaperIndex(client)
    now, redis = partial(datetime.now, UTC), runtime.redis
    engine, similar = SearchEngine(papers, embedder, reranker), SimilarPapers(papers, embedder)
    reader = Reader(papers, engine, similar, InstanceState(redis), SignIns(redis, now), now)
    limits = RequestLimits(runtime.redis, settings.trusted_proxies)
    required = partial(runtime.dependencies.required, REDIS, QDRANT)
    guard = Guard(limits, Quota(settings.rate_limit, settings.rate_limit / 60), runtime.queries, required)
    about = "Search papers, cite them, follow them as feeds, and see the state of the instance."
    api = Api("search", about=about, examples=EXAMPLES)
    api.limit, api.place = guard.check, guard.place
    search_routes.register(api, reader)
    paper_routes.register(api, reader)
    for_you_routes.register(api, reader)
    explanation.register(api, reader)
    suggestions = suggestion_routes.Suggestions(papers, time.monotonic)
    suggestion_routes.register(api, suggestions)
    export_routes.register(api, reader)
    feed_routes.register(api, feed_routes.Feeds(reader))
    api.page = error_page
    discovery = Discovery(reader, suggestions, settings.security_contact)
    api.plain += [*page_routes(reader, guard), *discovery.routes(guard), *unapi_routes(reader, guard)]
    return Service("search", api)


async def _reranker(runtime: Runtime, model: str | None) -> "Reranker | None":
    if model is None:
        return None
    from shared.embedding.reranker import open_reranker  # noqa: PLC0415  # few have one, and its library is heavy

    reranker = await open_reranker(model, runtime.settings.data_dir / "models")
    runtime.at_end(reranker.close)
    return reranker
