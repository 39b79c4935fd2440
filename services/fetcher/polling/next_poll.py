"""When a source is asked again: pure."""

from datetime import timedelta
from typing import Final

from shared.pauses import Backoff, jitter

MAX_BACKOFF: Final = timedelta(days=1)
LEAST: Final = timedelta(seconds=1)
SPREAD: Final = (0.95, 1.05)
"""A poll comes up to a twentieth of its wait sooner or later, so that sources are not polled in step."""
LATER: Final = (1.0, 1.05)
_BACKOFF: Final = Backoff(base=60.0, cap=MAX_BACKOFF.total_seconds(), jitter=(1.0, 1.0))


def backoff(interval: timedelta, failures: int, retry_after: float | None) -> timedelta:
    """Wait longer after each failure in a row: a minute, doubling, up to a day; a named time is kept to."""
    wait = timedelta(seconds=_BACKOFF.delay(failures))
    wait = max(wait, timedelta(seconds=min(interval.total_seconds(), 60)))
    return max(wait, timedelta(seconds=retry_after)) if retry_after else wait


def after(interval: timedelta, again: float | None, fresh_for: float | None, draw: float) -> timedelta:
    """Give the wait after a poll that went well; `draw` is a random number from 0 to 1.

    A driver that has more to read says when (`again` seconds); an answer that stays as it is for longer than the
    interval (`fresh_for` seconds) is not asked for again before, and never makes the wait shorter.
    """
    wait = min(max(timedelta(seconds=again), LEAST), MAX_BACKOFF) if again else interval
    fresh = min(timedelta(seconds=fresh_for), MAX_BACKOFF) if fresh_for else timedelta()
    return later(fresh, draw) if fresh > wait else wait * jitter(SPREAD, draw)


def later(wait: timedelta, draw: float) -> timedelta:
    """Give a wait that somebody named, and a moment more: those who were told the same do not come all at once."""
    return wait * jitter(LATER, draw)
