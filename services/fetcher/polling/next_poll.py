"""When a source is asked again: pure."""

from datetime import timedelta
from typing import Final

MAX_BACKOFF: Final = timedelta(days=1)
LEAST: Final = timedelta(seconds=1)
SPREAD: Final = 0.05
"""The share of a wait by which a poll may come sooner or later, so that sources do not march in step."""


def backoff(interval: timedelta, failures: int, retry_after: float | None) -> timedelta:
    """Wait longer after each failure in a row: a minute, doubling, up to a day; a named time is kept to."""
    wait = min(timedelta(minutes=2.0 ** min(failures - 1, 12)), MAX_BACKOFF)
    wait = max(wait, timedelta(seconds=min(interval.total_seconds(), 60)))
    return max(wait, timedelta(seconds=retry_after)) if retry_after else wait


def after(interval: timedelta, again: float | None, fresh_for: float | None, draw: float) -> timedelta:
    """Give the wait after a poll that went well; `draw` is a random number from 0 to 1.

    A driver that has more to read says when (`again` seconds); an answer that stays as it is for longer than the
    interval (`fresh_for` seconds) is not asked for again before, and never makes the wait shorter.
    """
    wait = min(max(timedelta(seconds=again), LEAST), MAX_BACKOFF) if again else interval
    fresh = min(timedelta(seconds=fresh_for), MAX_BACKOFF) if fresh_for else timedelta()
    return later(fresh, draw) if fresh > wait else wait * (1 - SPREAD + 2 * SPREAD * draw)


def later(wait: timedelta, draw: float) -> timedelta:
    """Give a wait that somebody named, and a moment more: those who were told the same do not come all at once."""
    return wait * (1 + SPREAD * draw)
