"""Dates of the entries of a feed, as far as they are known. Pure."""

import re
from typing import Any, Final

from services.fetcher.sources.fields import moment
from shared.papers.bounds import MAX_MOMENT

Entry = Any
"""A dictionary of feedparser."""
UNREADABLE: Final = (ValueError, TypeError, LookupError, AttributeError)
"""What reading a field raises if the library gives it another shape than its own."""
_DATES: Final = ("prism_publicationdate", "dc_issued", "dcterms_issued", "citation_publication_date")
_COVER: Final = "prism_coverdate"
_YEAR_FIRST: Final = re.compile(r"\d{4}", re.ASCII)
_WHOLE: Final = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", re.ASCII)
_FIRST: Final = re.compile(r"\d{4}(?:-\d{2}){0,2}(?!\w|-\d)", re.ASCII)
_EPOCH: Final = "1970-01-01T00:00:00Z"
"""What programs write for a date that they do not have."""


def published_of(entry: Entry, *, rss: bool) -> str | None:
    """Read the date of an entry, or of a feed; RSS has no date of a change, so that `dc:date` is one too.

    What is called the date of publication goes before that of the entry, and that before the cover's. A date that says
    more of the same time, such as the day in a month, is the one.
    """
    named = [day_of(str(entry.get(name) or "")) for name in _DATES]
    given = [*named, moment_of(entry, "published"), day_of(str(entry.get(_COVER) or ""))]
    dates = [each for each in (*given, moment_of(entry, "updated") if rss else None) if each]
    return max((each for each in dates if each.startswith(dates[0])), key=len, default=None)


def day_of(text: str) -> str | None:
    """Return a date of one of the forms that sources use, or None."""
    try:
        found = moment(text) if text else None
    except ValueError:
        return None
    return None if found == _EPOCH else found


def moment_of(entry: Entry, field: str) -> str | None:
    """Read a date as far as it is known; the library makes up what it lacks, of a year the month and the day."""
    name = f"{field}_parsed"
    try:
        given = str(entry[field])[:MAX_MOMENT].strip() if field in entry else ""
        if (read := day_of(given)) or (_YEAR_FIRST.match(given) and not _WHOLE.match(given)):
            return read or _day_before(given)
        parsed = entry[name] if name in entry else None  # noqa: SIM401  # `get` would fall back to another date
        return day_of("{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}Z".format(*parsed[:6])) if parsed else None
    except UNREADABLE:
        return None


def _day_before(text: str) -> str | None:
    """Return the date that begins a text, such as that of a span, 2026-05/2026-07."""
    found = _FIRST.match(text)
    return day_of(found[0]) if found else None
