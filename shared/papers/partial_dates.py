"""Dates as sources give them: a year, a month, a day or a moment. What a date does not say stays unknown. Pure."""

import re
from calendar import monthrange
from datetime import date
from typing import Final, Literal

from shared.moments import parse_moment

Precision = Literal["year", "month", "day"]
PRECISIONS: Final[tuple[Precision, ...]] = ("year", "month", "day")
_PARTIAL: Final = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2]))?", re.ASCII)
_LENGTHS: Final[dict[int, Precision]] = {len("YYYY"): "year", len("YYYY-MM"): "month"}


def is_partial(text: str) -> bool:
    """Return whether a text is a year or a month, `YYYY` or `YYYY-MM`."""
    return _PARTIAL.fullmatch(text) is not None


def precision(text: str) -> Precision:
    """Return how much a date in our format says; a moment says its day, and more."""
    return _LENGTHS.get(len(text), "day")


def date_parts(text: str) -> tuple[int, ...]:
    """Return the numbers that a date in our format says: the year, and the month and the day if they are known.

    Raises:
        ValueError: it is not in our format.

    """
    day = parse_moment(text)
    return (day.year, day.month, day.day)[: PRECISIONS.index(precision(text)) + 1]


def first_day(text: str) -> date:
    """Return the first day that a date may be; raises as `date_parts`."""
    return parse_moment(text).date()


def last_day(text: str) -> date:
    """Return the last day that a date may be; raises as `date_parts`."""
    year, *rest = date_parts(text)
    month = rest[0] if rest else 12
    return date(year, month, rest[1] if len(rest) > 1 else monthrange(year, month)[1])
