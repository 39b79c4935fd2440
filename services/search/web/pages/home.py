"""The front page: the papers of a day, a week or a month, and an honest word where there are none."""

import asyncio
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from aiohttp import web

from services.search.api import responses
from services.search.api.parameters import ListParameters
from services.search.api.reader import Reader
from services.search.query.filters import Filters
from services.search.ranking.paper_index import Sort
from services.search.ranking.qdrant_filter import where
from services.search.web.period import KINDS, Edition, grid
from services.search.web.render import render
from services.search.web.urls import address
from shared.board.day_line import day_line
from shared.http import Problem
from shared.http.api import read_query

FEW: Final = 12
"""Papers below which a page goes on with those of the days before."""
FIELDS: Final = 12
"""Categories named beside the papers."""
YEARS: Final = range(1600, 9000)
_OWN: Final = {field.alias or name for name, field in ListParameters.model_fields.items()}


async def show(reader: Reader, request: web.Request) -> web.StreamResponse:
    """Show the newest day that has papers, or the time that is asked for."""
    if not _OWN.issuperset(request.query):
        raise web.HTTPFound(address("/search", list(request.query.items())))
    asked, today = read_query(request, ListParameters), reader.now().date()
    chosen = _edition(asked)
    newest = None if chosen else await _newest(reader, today)
    edition = chosen or Edition.of("day", newest or today)
    filters = Filters(since=edition.first, until=edition.last)
    listing, fields, rows = await asyncio.gather(
        reader.listing(filters, asked.sort, asked),
        reader.papers.facet("paper.categories", where(filters), limit=FIELDS),
        reader.instance.ledger(),
    )
    whole = listing["next_cursor"] is None and not asked.cursor
    count = len(listing["results"]) if whole else await reader.papers.count(where(filters))
    if not newest:  # where there is something, that is new enough to speak of
        newest = edition.last if count else await _newest(reader, today)
    return render(
        "home.html",
        asked=asked,
        edition=edition,
        kinds=[(kind, edition.shown_as(kind, _anchor(edition, listing, today))) for kind in KINDS],
        weeks=grid(edition, today),
        today=today,
        newest=newest,
        latest=chosen is None,
        line=day_line(rows, today),
        listing=listing,
        following=_following(edition, asked, listing),
        earlier=await _earlier(reader, edition) if count < FEW and whole else [],
        count=count,
        fields=fields,
    )


async def _newest(reader: Reader, today: date) -> date | None:
    return await reader.papers.last_day(where(Filters(until=today)))


def _edition(asked: ListParameters) -> Edition | None:
    for kind, span in zip(KINDS, (asked.day, asked.week, asked.month), strict=True):
        if span:
            if span[0].year not in YEARS:
                raise Problem(422, f"The front page knows the years {YEARS.start} to {YEARS.stop - 1}.")
            return Edition(kind, *span)
    return None


def _anchor(edition: Edition, listing: Mapping[str, Any], today: date) -> date:
    """Give the day that shorter times are shown around: today, or the day of the first paper of what is past."""
    if edition.last >= today or not listing["results"]:
        return today
    published = listing["results"][0]["paper"]["published"]
    return date.fromisoformat(published[:10]) if published else today


async def _earlier(reader: Reader, edition: Edition) -> list[dict[str, Any]]:
    """Give the newest papers from before an edition."""
    filters = where(Filters(until=edition.first - timedelta(days=1)))
    return responses.listed(await reader.papers.ordered(filters, Sort.NEWEST, limit=FEW))


def _following(edition: Edition, asked: ListParameters, listing: Mapping[str, Any]) -> str | None:
    cursor = listing["next_cursor"]
    limit = asked.limit if "limit" in asked.model_fields_set else ""
    link = edition.link(asked.sort)
    return f"{link}{address('', [('limit', limit), ('cursor', cursor)]).replace('?', '&')}" if cursor else None
