"""The table of intervals between requests about a work."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from shared.moments import parse_moment
from shared.papers.paper import Trend


class Band(NamedTuple):
    """Works up to an age, and the interval between requests about them."""

    age: timedelta
    every: timedelta


TABLE: Final = (
    Band(timedelta(days=2), timedelta(hours=3)),
    Band(timedelta(days=7), timedelta(hours=12)),
    Band(timedelta(days=30), timedelta(days=2)),
    Band(timedelta(days=120), timedelta(days=7)),
)
"""Where the quota of a provider is short, upper bands come first: the newest works, and those that trend."""
BANDS: Final = len(TABLE) + 1
"""One more than the table has: older works are asked about once, after all others, and never again."""

LONGEST_S: Final = tuple(band.every.total_seconds() for band in (*TABLE, TABLE[-1]))
"""The seconds after which a work of each band is due at most; of the oldest, which are entered as due, a bound."""


def schedule(trend: Trend | None, at: datetime) -> tuple[int, timedelta | None]:
    """Return the band of a work at a moment, and the time until its next request; None for never.

    A work of strength s counts as 1 + s times younger than it is. A withdrawn work has no trend and is never asked
    about again.
    """
    if trend is None:
        return len(TABLE), None
    age = (at - parse_moment(trend.since)) / (1 + trend.strength)
    for band, (oldest, every) in enumerate(TABLE):
        if age <= oldest:
            return band, every
    return len(TABLE), None
