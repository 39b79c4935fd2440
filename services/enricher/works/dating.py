"""Which of two dates a work keeps. Pure.

Sources date different things: a submission, a cover, an announcement. The decision on dates in docs/adr has the rules.
"""

from typing import Any, NamedTuple

from shared.papers.paper import Basis, Paper
from shared.papers.partial_dates import first_day, last_day, precision
from shared.papers.publication import journal_doi


class Trusted(NamedTuple):
    """A description of a work, and how far its source is trusted."""

    paper: Paper
    trust: int


def combine_dates(one: Trusted, other: Trusted) -> dict[str, Any]:
    """Return the dates of two descriptions of a work, as fields of a paper.

    Among equals, the more precise of two dates that agree is kept, else the earlier one. What a source states is never
    moved by one that is trusted less. One that is not trusted at all, such as any feed, dates only what it published
    itself: what has a DOI of a journal in it.
    """
    better, lesser = (one, other) if one.trust >= other.trust else (other, one)
    both = [better.paper, lesser.paper]
    silent = better.trust > lesser.trust and not lesser.trust
    speaks_of_others = silent and journal_doi(lesser.paper.identifiers) is None
    final = better.trust > lesser.trust and _is_stated(better.paper)
    stated = [better.paper] if speaks_of_others or final else both
    dates = [(each.published, each.date_basis or "stated") for each in stated if each.published]
    published, basis = min(dates, key=_order, default=(None, None))
    heard = [better.paper] if silent or (better.trust > lesser.trust and better.paper.updated) else both
    return {
        "published": published,
        "date_precision": published and precision(published),
        "date_basis": basis,
        "updated": max((each.updated for each in heard if each.updated), default=None),
    }


def _is_stated(paper: Paper) -> bool:
    return paper.published is not None and paper.date_basis != "announced"


def _order(date: tuple[str, Basis]) -> tuple[int, int, bool, str]:
    """Order dates: the earlier first, within a year or a month its parts, and what is stated before the same day."""
    text, basis = date
    return last_day(text).toordinal(), -first_day(text).toordinal(), basis == "announced", text
