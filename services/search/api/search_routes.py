"""The JSON API of search: queries, and the reader that the API and the pages share."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from services.search.api import parameters, responses
from services.search.api.instance_state import InstanceState
from services.search.query import cursor
from services.search.query.parser import Filters
from services.search.ranking.engine import Page, Ranked, Results, SearchEngine, collapsed
from services.search.ranking.paper_index import Hit, PaperIndex, Sort
from services.search.ranking.qdrant_filter import where
from shared.http import Api, Problem
from shared.papers.names import canonical_id

Json = dict[str, Any]
# The fields that are counted, by the name of their count.
FACETS = {
    "categories": "paper.categories",
    "authors": "paper.authors[].name",
    "sources": "source_names",
    "years": "year",
    "has_code": "has_code",
}
FACET_VALUES = 50


@dataclass(frozen=True, slots=True)
class Reader:
    """What the routes and pages read from; `now` is a moment in UTC."""

    papers: PaperIndex
    engine: SearchEngine
    instance: InstanceState
    now: Callable[[], datetime]

    async def ranked(self, asked: parameters.Question) -> Ranked:
        """Find what answers a question."""
        return await self.engine.rank(asked.query(), asked.filters(), asked.mode)

    async def search(self, asked: parameters.SearchParameters, ranked: Ranked | None = None) -> Json:
        """Answer one page of a search; `ranked` is what answers it, where that is known."""
        started = time.perf_counter()
        query, filters = asked.query(), asked.filters()
        sort = None if asked.sort == "relevance" else Sort(asked.sort)
        search = cursor.digest(query, filters, asked.mode, sort)
        page = turned(asked, search)
        results = await self.engine.find(ranked or await self.ranked(asked), sort, page)
        return {
            "query": asked.q,
            "mode": asked.mode,
            "results": responses.found(results.hits, query.text),
            "next_cursor": _following(results, search),
            "took_ms": round((time.perf_counter() - started) * 1000, 1),
        }

    async def listing(self, filters: Filters, sort: Sort, asked: parameters.Paged) -> Json:
        """Answer one page of a list."""
        search = cursor.digest(filters, sort)
        results = await self.engine.listed(filters, sort, turned(asked, search))
        return {"results": responses.listed(results.hits), "next_cursor": _following(results, search)}

    async def paper(self, name: str) -> Hit:
        """Find one paper by any id; raises the problem 404."""
        key = canonical_id(name)
        found = await self.papers.known([key]) if key and key.isprintable() else {}
        if key not in found:
            raise Problem(404, f"No paper here is known as {name!r}.")
        return found[key]


def turned(asked: parameters.Paged, search: bytes) -> Page:
    """Read the page that is asked for; raises the problem 422."""
    try:
        return Page(asked.limit, cursor.decode(asked.cursor, search) if asked.cursor else frozenset())
    except cursor.CursorError as error:
        raise Problem(422, str(error)) from error


def _following(results: Results, search: bytes) -> str | None:
    return cursor.encode(results.shown, search) if results.more else None


def register(api: Api, reader: Reader) -> None:
    """Add the operations that take a query, or papers to be near."""

    @api.route(
        "GET", "/v1/search", summary="Search papers", response=responses.SearchAnswer, query=parameters.SearchParameters
    )
    async def search(_: web.Request, asked: parameters.SearchParameters) -> Json:
        """Find papers by meaning and words, best first. `next_cursor` leads on, up to 200 results in all."""
        return await reader.search(asked)

    @api.route(
        "GET",
        "/v1/facets",
        summary="Count a search's papers by field",
        response=responses.Facets,
        query=parameters.Question,
    )
    async def facets(_: web.Request, asked: parameters.Question) -> Json:
        """Count the values of fields among the papers a search finds: its 200 most relevant, or all without words."""
        wanted = (await reader.ranked(asked)).scope()
        counts = await asyncio.gather(
            *(reader.papers.facet(key, wanted, limit=FACET_VALUES) for key in FACETS.values())
        )
        return {name: responses.counts(rows) for name, rows in zip(FACETS, counts, strict=True)}

    @api.route(
        "POST",
        "/v1/recommendations",
        summary="Recommend papers",
        response=responses.PaperList,
        body=parameters.Recommendation,
    )
    async def recommend(_: web.Request, asked: parameters.Recommendation) -> Json:
        """Find papers near the positive ones and away from the negative ones."""
        keys = {name: canonical_id(name) for name in [*asked.positive, *asked.negative]}
        known = await reader.papers.known(list(keys.values()))
        if missing := [name for name, key in keys.items() if key not in known]:
            raise Problem(422, f"No paper here is known as {missing[0]!r}.", unknown=missing)
        positive, negative = ([known[keys[name]].point for name in part] for part in (asked.positive, asked.negative))
        hits = await reader.papers.like(positive, negative, where(Filters()), limit=asked.limit)
        return {"results": responses.listed(collapsed(hits)), "next_cursor": None}
