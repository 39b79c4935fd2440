"""Moments and waits: moments in UTC, backoff as data, and Retry-After. Pure: chance and time are arguments."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_MAX_DOUBLINGS = 64
_PARTIAL = (len("YYYY"), len("YYYY-MM"))


def as_utc(moment: datetime) -> datetime:
    """Return a moment in UTC; one without a time zone is taken to be UTC.

    Raises:
        OverflowError: in UTC it lies outside the years 1 to 9999.

    """
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def parse_moment(text: str) -> datetime:
    """Parse an ISO 8601 date or moment; a date stands for its midnight in UTC, a year or a month for its first day.

    Raises:
        ValueError: the text is none of them.

    """
    if len(text) in _PARTIAL and text.replace("-", "", 1).isdecimal():
        text = f"{text}-01-01"[: len("YYYY-MM-DD")]
    return as_utc(datetime.fromisoformat(text))


def from_unix(seconds: float) -> datetime:
    """Return seconds since 1970 as a moment in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def iso(moment: datetime, timespec: str = "seconds") -> str:
    """Return a moment as ISO 8601 in UTC with a `Z`; `timespec` is that of `datetime.isoformat`."""
    return as_utc(moment).isoformat(timespec=timespec).replace("+00:00", "Z")


def jitter(spread: tuple[float, float], chance: float) -> float:
    """Return the factor between the two of `spread` that a random number from 0 to 1 selects."""
    low, high = spread
    return low + (high - low) * chance


@dataclass(frozen=True, slots=True)
class Backoff:
    """A policy: `base` seconds after the first failure, `factor` times as long after each further one, up to `cap`.

    Each wait is multiplied by a random factor within `jitter`, so that clients that failed together do not return
    together.
    """

    base: float
    cap: float
    factor: float = 2.0
    jitter: tuple[float, float] = (0.5, 1.0)

    def delay(self, failures: int, chance: float = 1.0) -> float:
        """Return the seconds to wait after `failures` in a row (from 1); `chance` is a random number from 0 to 1."""
        growth = self.factor ** min(max(failures - 1, 0), _MAX_DOUBLINGS)
        return min(self.base * growth, self.cap) * jitter(self.jitter, chance)


def parse_retry_after(
    value: str | None, now: float, bounds: tuple[float, float], *, lenient: bool = False
) -> float | None:
    """Parse a Retry-After header, whole seconds or an HTTP date, as seconds from `now` (since 1970), within `bounds`.

    A `lenient` caller also takes numbers that the standard does not know, such as -1 or 1e9. Returns None where the
    header is missing or says nothing of the kind.
    """
    text = (value or "").strip()
    try:
        seconds = _number(text, lenient=lenient)
        if seconds is None:
            seconds = as_utc(parsedate_to_datetime(text)).timestamp() - now
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    least, most = bounds
    return min(max(seconds, least), most)


def _number(text: str, *, lenient: bool) -> float | None:
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    if not lenient:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    if math.isnan(number):
        raise ValueError("not a number of seconds")
    return number
