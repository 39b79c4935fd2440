"""When a work was published: what a sighting says of it, and which of two dates a work keeps. Pure.

Sources date different things: a submission, a cover, an announcement. A date in the future is an error or a plan, so
the day on which it was seen counts. The decision on dates in docs/adr has the reasons.
"""

import re
from datetime import datetime
from typing import Any, Final, NamedTuple

from shared.papers.dates import first_day, last_day, precision
from shared.papers.events import Item
from shared.papers.paper import Basis, Paper

_FIRST_SHOWN: Final = frozenset({"new", "cross"})
_CENTURY: Final = 91
"""The year of arXiv's first ids: two digits from here on are of the last century."""
# arXiv:2401.00001 and arXiv:hep-th/9901001 begin with the year and month of their announcement.
_ARXIV_MONTH: Final = re.compile(
    r"arXiv:(?:[a-z-]+(?:\.[A-Z]{2})?/)?(\d\d)(0[1-9]|1[0-2])(?:\.\d{4,5}|\d{3})$", re.ASCII
)


class Dates(NamedTuple):
    """The dates of a sighting, as fields of a paper, and what is odd about them."""

    fields: dict[str, Any]
    oddities: tuple[str, ...]


class Trusted(NamedTuple):
    """A description of a work, and how far its source is trusted."""

    paper: Paper
    trust: int


def dates_of(item: Item, seen: datetime) -> Dates:
    """Return the dates of an item that was seen at a moment; the day stands for a date in the future."""
    today = seen.date().isoformat()
    basis: Basis = "stated" if item.published else "announced"
    published = item.published or _announced(item, today)
    odd = []
    if published and published[:10] > today:
        odd.append(f"{item.source}: published: {published[:10]} is in the future; the day it was seen counts")
        published, basis = today, "announced"
    updated = item.updated
    if updated and updated[:10] > today:
        odd.append(f"{item.source}: updated: {updated[:10]} is in the future; the day it was seen counts")
        updated = today
    return Dates({**_dated(published, basis), "updated": updated}, tuple(odd))


def _announced(item: Item, today: str) -> str | None:
    """Return when an item was announced first, as far as its source shows that.

    A paper that is replaced or listed elsewhere was announced before: arXiv's ids say in which month.
    """
    day = item.announced_on or (today if item.announced in _FIRST_SHOWN else None)
    again = (item.announced or "").startswith(("cross", "replace"))
    month = _month_of(item.id) if again else None
    return month if month and (day is None or month < day[:7]) else day


def _month_of(item_id: str) -> str | None:
    found = _ARXIV_MONTH.match(item_id)
    return f"{'19' if int(found[1]) >= _CENTURY else '20'}{found[1]}-{found[2]}" if found else None


def _dated(published: str | None, basis: Basis | None) -> dict[str, Any]:
    if published is None:
        return {"published": None, "date_precision": None, "date_basis": None}
    return {"published": published, "date_precision": precision(published), "date_basis": basis}


def combine_dates(one: Trusted, other: Trusted) -> dict[str, Any]:
    """Return the dates of two descriptions of a work, as fields of a paper.

    Among equals, the more precise of two dates that agree is kept, else the earlier one. What a source states is never
    moved by one that is trusted less; one that is not trusted at all, such as any feed, dates nothing but its own.
    """
    better, lesser = (one, other) if one.trust >= other.trust else (other, one)
    both = [better.paper, lesser.paper]
    silent = better.trust > lesser.trust and not lesser.trust
    stated = [better.paper] if silent or (better.trust > lesser.trust and _is_stated(better.paper)) else both
    dates = [(each.published, each.date_basis or "stated") for each in stated if each.published]
    published, basis = min(dates, key=_order, default=(None, None))
    heard = [better.paper] if silent or (better.trust > lesser.trust and better.paper.updated) else both
    return {**_dated(published, basis), "updated": max((each.updated for each in heard if each.updated), default=None)}


def _is_stated(paper: Paper) -> bool:
    return paper.published is not None and paper.date_basis != "announced"


def _order(date: tuple[str, Basis]) -> tuple[int, int, bool, str]:
    """Order dates: the earlier first, within a year or a month its parts, and what is stated before the same day."""
    text, basis = date
    return last_day(text).toordinal(), -first_day(text).toordinal(), basis == "announced", text
