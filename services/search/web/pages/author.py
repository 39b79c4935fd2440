"""The page of an author: papers, years, categories and co-authors."""

from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web

from services.search.api.author_profile import by_others, profile
from services.search.api.parameters import AuthorParameters
from services.search.api.reader import Reader
from services.search.query.filters import Filters
from services.search.web.charts import Bar, bars
from services.search.web.personal import Shown, first_shown
from services.search.web.render import render
from services.search.web.sparks import with_sparks
from services.search.web.urls import address
from shared.http.api import read_query
from shared.papers.paths import author_path

SHOWN: Final = 10
"""Categories and co-authors that are listed."""
SIMILAR: Final = 5
"""Papers by others that are listed, on the first page."""
YEARS: Final = 40
WIDTH, HEIGHT = 260.0, 56.0


class AuthorPageParameters(AuthorParameters):
    """The order and the page, and whether papers that the reader hid are shown, too."""

    hidden: Shown | None = None


async def show(reader: Reader, request: web.Request) -> web.StreamResponse:
    """Show the papers of an author; people with the same name share a page."""
    asked = read_query(request, AuthorPageParameters)
    name = request.match_info["name"].strip()
    found = await profile(reader, name, asked)
    kept = [(key, value) for key, value in request.query.items() if key != "cursor"]
    mine = await first_shown(
        reader, request, found, lambda cursor: profile(reader, name, asked.model_copy(update={"cursor": cursor}))
    )
    cursor = found["next_cursor"]
    like = [] if asked.cursor else await by_others(reader, name, Filters(), limit=SIMILAR)
    return render(
        "author.html",
        **mine.variables,
        asked=asked,
        author=found,
        rows=await with_sparks(reader.papers, found["results"]),
        shown=SHOWN,
        similar=[hit.payload["paper"] for hit in like],
        years=_by_year(found["years"]),
        following=cursor and address(author_path(found["name"]), [*kept, ("cursor", cursor)]),
    )


def _by_year(counts: Sequence[dict[str, Any]]) -> list[Bar]:
    """Draw the papers of each year, including the years without papers in between."""
    papers = {int(row["value"]): int(row["count"]) for row in counts}
    if len(papers) < 2:  # noqa: PLR2004  # one bar says nothing
        return []
    years = range(max(min(papers), max(papers) - YEARS), max(papers) + 1)
    return bars([(str(year), papers.get(year, 0)) for year in years], width=WIDTH, height=HEIGHT)
