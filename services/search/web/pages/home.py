"""The front page: the papers of a day, a week or a month."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from services.search.api import responses
from services.search.api.parameters import ListParameters
from services.search.api.reader import Json, Reader
from services.search.api.sign_ins import Own
from services.search.query.filters import Filters
from services.search.ranking.paper_index import Sort
from services.search.ranking.qdrant_filter import seen_since, where
from services.search.web.first_poll import first_poll
from services.search.web.period import KINDS, Period, grid
from services.search.web.personal import Shown, first_shown
from services.search.web.render import render
from services.search.web.sparks import with_sparks
from services.search.web.urls import address
from shared.board.day_line import day_line
from shared.http import Problem
from shared.http.api import read_query
from shared.papers.paper import SAMPLE
from shared.papers.partial_dates import first_day

FEW: Final = 12
"""Papers below which the page continues with those of the days before."""
FIELDS: Final = 12
"""Categories listed beside the papers."""
YEARS: Final = range(1600, 9000)


class HomeParameters(ListParameters):
    """The period, and whether papers that the reader hid are shown, too."""

    hidden: Shown | None = None


_OWN: Final = {field.alias or name for name, field in HomeParameters.model_fields.items()}


async def show(reader: Reader, request: web.Request) -> web.StreamResponse:
    """Show the newest day that has papers, or the requested period."""
    if not _OWN.issuperset(request.query):
        raise web.HTTPFound(address("/search", list(request.query.items())))
    asked, today = read_query(request, HomeParameters), reader.now().date()
    chosen = _period(asked)
    newest = None if chosen else await _newest(reader, today)
    period = chosen or Period.of("day", newest or today)
    filters = Filters(since=period.first, until=period.last)
    listing, fields, rows = await asyncio.gather(
        _listed(reader, filters, asked),
        reader.papers.facet("paper.categories", where(filters), limit=FIELDS),
        reader.instance.ledger(),
    )
    whole = listing["next_cursor"] is None and not asked.cursor
    count = len(listing["results"]) if whole else await reader.papers.count(where(filters))
    if not newest:  # a requested period with papers needs no link to newer ones
        newest = period.last if count else await _newest(reader, today)
    earlier = await _earlier(reader, period if newest else None) if count < FEW and whole else []
    mine = await first_shown(
        reader,
        request,
        listing,
        lambda cursor: _listed(reader, filters, asked.model_copy(update={"cursor": cursor})),
        earlier,
    )
    return render(
        "home.html",
        **mine.variables,
        visit=await _visit(reader, mine.own),
        asked=asked,
        **_calendar(period, listing, today),
        newest=newest,
        latest=chosen is None,
        line=day_line(rows, today),
        listing=listing,
        following=_following(period, asked, listing),
        rows=listing["results"],
        earlier=earlier,
        sample=await _sample(reader, [*listing["results"], *earlier]) if chosen is None else None,
        count=count,
        fields=fields,
    )


def _calendar(period: Period, listing: Json, today: date) -> dict[str, Any]:
    """Return what the page shows of a period, and of those around it."""
    kinds = [(kind, period.shown_as(kind, _anchor(period, listing, today))) for kind in KINDS]
    return {"period": period, "kinds": kinds, "weeks": grid(period, today), "today": today}


async def _sample(reader: Reader, rows: Sequence[Json]) -> dict[str, Any] | None:
    """Return what is said of an instance that has only the sample: the next poll, if any; else None."""
    if not rows or not all(row["paper"].get("sample") for row in rows):
        return None
    of_sample = where(Filters(sources=(SAMPLE,)))
    whole, known = await asyncio.gather(reader.papers.count(where(Filters())), reader.papers.count(of_sample))
    return {"poll": first_poll(await reader.instance.sources(), reader.now())} if whole == known else None


async def _listed(reader: Reader, filters: Filters, asked: ListParameters) -> Json:
    """Return one page of the papers with their charts."""
    listing = await reader.listing(filters, asked.sort, asked)
    return listing | {"results": await with_sparks(reader.papers, listing["results"])}


async def _visit(reader: Reader, own: Own) -> dict[str, int] | None:
    """Return the counts of a reader's list, and of the papers that are new since their last visit."""
    if own.since is None:
        return None
    return {**own.counts, "new": await reader.papers.count(seen_since(own.since))}


async def _newest(reader: Reader, today: date) -> date | None:
    return await reader.papers.last_day(where(Filters(until=today)))


def _period(asked: ListParameters) -> Period | None:
    for kind, span in zip(KINDS, (asked.day, asked.week, asked.month), strict=True):
        if span:
            if span[0].year not in YEARS:
                raise Problem(422, f"The front page shows the years {YEARS.start} to {YEARS.stop - 1}.")
            return Period(kind, *span)
    return None


def _anchor(period: Period, listing: Mapping[str, Any], today: date) -> date:
    """Return the day that shorter periods are chosen by: today, or in a past period the day of its first paper."""
    if period.last >= today or not listing["results"]:
        return today
    published = listing["results"][0]["paper"]["published"]
    return first_day(published) if published else today


async def _earlier(reader: Reader, period: Period | None) -> list[dict[str, Any]]:
    """Return the newest papers from before a period; without one, all of them, as none has a day."""
    filters = where(Filters(until=period.first - timedelta(days=1)) if period else Filters())
    hits = await reader.papers.ordered(filters, Sort.NEWEST, limit=FEW)
    return await with_sparks(reader.papers, await reader.illustrated(responses.listed(hits)))


def _following(period: Period, asked: ListParameters, listing: Mapping[str, Any]) -> str | None:
    cursor = listing["next_cursor"]
    if not cursor:
        return None
    limit = {"limit": asked.limit} if "limit" in asked.model_fields_set else {}
    return f"{period.link(asked.sort)}&{urlencode({**limit, 'cursor': cursor})}"
