"""An author: their papers, the fields and the years of them."""

import asyncio
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from services.search.conditions import where
from services.search.http import Reader
from services.search.index import Sort
from services.search.params import Paged
from services.search.query import Filters
from services.search.web.links import address, author_page
from services.search.web.plots import Bar, bars
from services.search.web.render import render
from shared.http import Problem
from shared.http.api import read_query
from shared.names import author_keys

YEARS: Final = 40
FIELDS: Final = 12
YEARS_WIDTH, YEARS_HEIGHT = 260.0, 56.0


class AuthorParameters(Paged):
    """The order and the page of an author's papers."""

    sort: Sort = Sort.NEWEST


async def show(reader: Reader, request: web.Request) -> web.StreamResponse:
    """Show the papers of an author; of people with one name, all of them."""
    name, asked = request.match_info["name"].strip(), read_query(request, AuthorParameters)
    keys = author_keys(name)
    if not keys or not name.isprintable():
        raise Problem(404, "An author's name has letters.")
    filters = Filters(authors=keys[:1])
    listing, count, years, fields = await asyncio.gather(
        reader.listing(filters, asked.sort, asked),
        reader.papers.count(where(filters)),
        reader.papers.facet("year", where(filters), limit=YEARS),
        reader.papers.facet("paper.categories", where(filters), limit=FIELDS),
    )
    if not count:
        raise Problem(404, f"No paper here is by anyone called {name!r}.")
    kept = [(key, value) for key, value in request.query.items() if key != "cursor"]
    cursor = listing["next_cursor"]
    return render(
        "author.html",
        name=name,
        asked=asked,
        listing=listing,
        count=count,
        years=_by_year({int(year): n for year, n in years}),
        fields=fields,
        following=cursor and address(author_page(name), [*kept, ("cursor", cursor)]),
    )


def _by_year(counts: Mapping[int, int]) -> list[Bar]:
    """Draw the papers of each year, those without any between the first and the last too."""
    if len(counts) < 2:  # noqa: PLR2004  # one bar says nothing
        return []
    years = range(max(min(counts), max(counts) - YEARS), max(counts) + 1)
    return bars([(str(year), counts.get(year, 0)) for year in years], width=YEARS_WIDTH, height=YEARS_HEIGHT)
