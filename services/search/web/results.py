"""A search: its results, what they can be narrowed by, and the ways to keep it."""

import asyncio
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from services.search.conditions import where
from services.search.cursor import MOST
from services.search.http import FACETS, Reader
from services.search.params import SearchParameters
from services.search.query import parse
from services.search.web.facets import facets
from services.search.web.links import Here
from services.search.web.render import render
from services.search.web.text import count
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
_WORDS: Final[Mapping[str, str]] = {"true": "with", "false": "without"}


async def show(reader: Reader, request: web.Request) -> web.StreamResponse:
    """Show one page of results."""
    here = Here(tuple((name, value) for name, value in request.query.items() if value))
    asked = read_query(request, SearchParameters)
    query = parse(asked.q)
    wanted = await reader.searching.scope(query, asked.filters(), asked.mode)
    answer, reached, fitting, counts = await asyncio.gather(
        reader.search(asked),
        reader.papers.count(wanted),
        reader.papers.count(where(asked.filters())),
        asyncio.gather(*(reader.papers.facet(key, wanted, limit=FACET_VALUES) for key in FACETS.values())),
    )
    return render(
        "search.html",
        asked=asked,
        here=here,
        answer=answer,
        summary=_summary(asked, reached, fitting),
        facets=facets(dict(zip(FACETS, counts, strict=True)), here),
        chosen=_chosen(here),
    )


def _summary(asked: SearchParameters, reached: int, fitting: int) -> str:
    """Say how many papers there are, honestly: a query is answered with the most relevant ones only."""
    if parse(asked.q).text and reached >= MOST:
        return f"{'More of the' if asked.cursor else 'The'} {MOST} most relevant of {count(fitting, 'paper')}"
    return f"{'More of ' if asked.cursor else ''}{count(reached, 'paper')}"


def _chosen(here: Here) -> list[tuple[str, str]]:
    """Give the filters in words, each with the address of the search without it."""
    filters = [(name, value) for name, value in here.pairs if name in _NAMES]
    return [(_NAMES[name].format(_WORDS.get(value, value)), here.without(name, value)) for name, value in filters]
