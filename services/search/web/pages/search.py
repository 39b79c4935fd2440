"""The search page: results, facets, the chosen filters, and links to follow the search."""

import asyncio
from typing import Final

from aiohttp import web

from services.search.api.parameters import SearchParameters
from services.search.api.reader import Counts, Json, Reader
from services.search.api.sign_ins import SignedIn, is_personal
from services.search.query.cursor import MAX_RESULTS
from services.search.query.filters import OPERATORS, PARAMETERS
from services.search.ranking.engine import Ranked
from services.search.web.facets import facets
from services.search.web.formatting import count
from services.search.web.personal import Shown, first_shown
from services.search.web.render import render
from services.search.web.sparks import with_sparks
from services.search.web.urls import Here, subscription_to
from shared.http.api import read_query

MAX_FACET_VALUES: Final = 30
"""Values of one facet that the page offers."""


class SearchPageParameters(SearchParameters):
    """A search, and whether papers that the reader hid are shown, too."""

    hidden: Shown | None = None


async def show(reader: Reader, request: web.Request) -> web.StreamResponse:
    """Show one page of results."""
    here = Here(tuple((name, value) for name, value in request.query.items() if value))
    asked = read_query(request, SearchPageParameters)
    signed_in = await reader.sign_ins.of(request)
    ranked = await reader.ranked(asked, signed_in)
    answer, (counts, papers) = await asyncio.gather(_found(reader, asked, signed_in, ranked), _counted(reader, ranked))
    mine = await first_shown(
        reader,
        request,
        answer,
        lambda cursor: _found(reader, asked.model_copy(update={"cursor": cursor}), signed_in, ranked),
        signed_in=signed_in,
        all_="hidden" in asked.q.wanted.states,
    )
    return render(
        "search.html",
        **mine.variables,
        asked=asked,
        is_personal=is_personal(asked.q),
        here=here,
        subscribe=subscription_to(asked.q, asked.filters()),
        answer=answer,
        rows=answer["results"],
        summary=_summary(asked, papers),
        facets=facets(counts, here),
        chosen=_chosen(here),
        operators=[operator for _, operator in OPERATORS.values()],
    )


async def _found(reader: Reader, asked: SearchParameters, signed_in: SignedIn | None, ranked: Ranked) -> Json:
    """Return one page of results with their charts."""
    answer = await reader.search(asked, signed_in, ranked)
    return answer | {"results": await with_sparks(reader.papers, answer["results"])}


async def _counted(reader: Reader, ranked: Ranked) -> tuple[dict[str, Counts], int]:
    """Count the values of the facets, and all papers that the words are compared with."""
    counts = await reader.facets(ranked.scope(), limit=MAX_FACET_VALUES)
    papers = sum(papers for _, papers in counts["has_code"])  # every paper has one of its values
    if ranked.order and papers >= MAX_RESULTS:
        papers = await reader.papers.count(ranked.wanted)
    return counts, papers


def _summary(asked: SearchParameters, papers: int) -> str:
    """Return how many papers there are; words are answered with the most relevant ones only."""
    found = count(papers, "paper")
    most = "More of the" if asked.cursor else "The"
    if asked.q.text and asked.sort != "relevance":
        return f"{most} most relevant of {found}, {asked.sort} first"
    if asked.q.text and papers > MAX_RESULTS:
        return f"{most} {MAX_RESULTS} most relevant of {found}"
    return f"More of {found}" if asked.cursor else found


def _chosen(here: Here) -> list[tuple[str, str]]:
    """Return the chosen filters in words, each with the address of the search without it."""
    chosen = ((name, value) for name, value in here.pairs if name in PARAMETERS)
    return [(PARAMETERS[name][1].shown(value), here.without(name, value)) for name, value in chosen]
