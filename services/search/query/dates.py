"""Parses days, weeks and months as their first and last day."""

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import Literal

Window = Literal["day", "week", "month"]
WINDOW_DAYS: dict[Window, int] = {"day": 1, "week": 7, "month": 30}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WEEK = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
Span = tuple[date, date]


def day(text: str) -> date:
    """Parse YYYY-MM-DD; raises ValueError on anything else, as a number would otherwise be read as a moment."""
    if not _DAY.fullmatch(text):
        raise ValueError("a day is written YYYY-MM-DD, as in 2024-01-31")
    return date.fromisoformat(text)


def one_day(text: str) -> Span:
    """Parse YYYY-MM-DD as a span. Raises ValueError."""
    return day(text), day(text)


def week(text: str) -> Span:
    """Parse an ISO week, YYYY-Www: Monday to Sunday. Raises ValueError."""
    match = _WEEK.fullmatch(text)
    if not match:
        raise ValueError("a week is written YYYY-Www, as in 2024-W05")
    monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
    return monday, date.fromordinal(monday.toordinal() + 6)


def month(text: str) -> Span:
    """Parse YYYY-MM: the first to the last day. Raises ValueError."""
    match = _MONTH.fullmatch(text)
    if not match:
        raise ValueError("a month is written YYYY-MM, as in 2024-01")
    year, number = int(match[1]), int(match[2])
    first = date(year, number, 1)
    return first, first.replace(day=monthrange(year, number)[1])


def span(text: str) -> Span | None:
    """Parse a year, a month or a day; return None when the text is none of them."""
    try:
        if re.fullmatch(r"\d{4}", text, re.ASCII):
            return date(int(text), 1, 1), date(int(text), 12, 31)
        return month(text) if _MONTH.fullmatch(text) else one_day(text)
    except ValueError:
        return None


def window(name: Window, today: date) -> Span:
    """Return the last day, 7 days or 30 days. A day includes yesterday: most sources publish once a day."""
    return today - timedelta(days=WINDOW_DAYS[name]), today
