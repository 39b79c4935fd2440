"""A search: its results, what they can be narrowed by, and the ways to keep it."""

import asyncio
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from services.search.api.parameters import SearchParameters
from services.search.api.search_routes import FACETS, Reader
from services.search.query.cursor import MOST
from services.search.ranking.engine import Ranked
from services.search.web.facets import Counts, facets
from services.search.web.formatting import count
from services.search.web.render import render
from services.search.web.urls import Here
from shared.http.api import read_query

FACET_VALUES: Final = 30
_NAMES: Final[Mapping[str, str]] = {
    "category": "{}",
    "author": "by {}",
    "source": "seen at {}",
    "from": "from {}",
    "to": "until {}",
    "has_code": "{} code",
}
_ORDERS: Final[Mapping[str, str]] = {"newest": "the newest", "trending": "the most talked about"}
_WORDS: Final[Mapping[str, str]] = {"true": "with", "false": "without"}


async def show(reader: Reader, request: web.Request) -> web.StreamResponse:
    """Show one page of results."""
    here = Here(tuple((name, value) for name, value in request.query.items() if value))
    asked = read_query(request, SearchParameters)
    ranked = await reader.ranked(asked)
    answer, (counts, papers) = await asyncio.gather(reader.search(asked, ranked), _counted(reader, ranked))
    return render(
        "search.html",
        asked=asked,
        here=here,
        answer=answer,
        summary=_summary(asked, papers),
        facets=facets(counts, here),
        chosen=_chosen(here),
    )


async def _counted(reader: Reader, ranked: Ranked) -> tuple[dict[str, Counts], int]:
    """Count the values of the facets, and all papers that the words are compared with."""
    scope = ranked.scope()
    rows = await asyncio.gather(*(reader.papers.facet(key, scope, limit=FACET_VALUES) for key in FACETS.values()))
    counts: dict[str, Counts] = dict(zip(FACETS, rows, strict=True))
    papers = sum(papers for _, papers in counts["has_code"])  # every paper has one of its values
    if ranked.order and papers >= MOST:
        papers = await reader.papers.count(ranked.wanted)
    return counts, papers


def _summary(asked: SearchParameters, papers: int) -> str:
    """Say how many papers there are, honestly: words are answered with the most relevant ones only."""
    ranked = bool(asked.query().text)
    more = "More of" if asked.cursor else ""
    if ranked and asked.sort != "relevance":
        return f"{more or 'Of'} {count(papers, 'paper')} those that answer best, {_ORDERS[asked.sort]} first"
    if ranked and papers > MOST:
        return f"{f'{more} the' if more else 'The'} {MOST} most relevant of {count(papers, 'paper')}"
    return f"{more} {count(papers, 'paper')}".strip()


def _chosen(here: Here) -> list[tuple[str, str]]:
    """Give the filters in words, each with the address of the search without it."""
    filters = [(name, value) for name, value in here.pairs if name in _NAMES]
    return [(_NAMES[name].format(_WORDS.get(value, value)), here.without(name, value)) for name, value in filters]
