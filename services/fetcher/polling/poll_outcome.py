"""The consequences of a poll: when its source is polled next, and what the status shows about it. Pure."""

from datetime import timedelta
from typing import Final

from services.fetcher.sources.port import Poll
from shared.errors import PaperwireError
from shared.moments import Backoff, jitter

MAX_BACKOFF: Final = timedelta(days=1)
MIN_WAIT: Final = timedelta(seconds=1)
SPREAD: Final = (0.95, 1.05)
"""A poll comes up to a twentieth of its wait sooner or later, so that sources are not polled all at once."""
LATER: Final = (1.0, 1.05)
_BACKOFF: Final = Backoff(base=60.0, cap=MAX_BACKOFF.total_seconds(), jitter=(1.0, 1.0))
MAX_REASON: Final = 300


def backoff(interval: timedelta, failures: int, retry_after: float | None) -> timedelta:
    """Return the wait after a failure: a minute, doubling up to a day, and never less than `retry_after`."""
    wait = timedelta(seconds=_BACKOFF.delay(failures))
    wait = max(wait, timedelta(seconds=min(interval.total_seconds(), 60)))
    return max(wait, timedelta(seconds=retry_after)) if retry_after else wait


def after(interval: timedelta, again: float | None, fresh_for: float | None, draw: float) -> timedelta:
    """Return the wait after a successful poll; `draw` is a random number from 0 to 1.

    A driver that has more to read names its own wait (`again` seconds). An answer that stays valid for longer than that
    (`fresh_for` seconds) makes the wait longer, never shorter.
    """
    wait = min(max(timedelta(seconds=again), MIN_WAIT), MAX_BACKOFF) if again else interval
    fresh = min(timedelta(seconds=fresh_for), MAX_BACKOFF) if fresh_for else timedelta()
    return later(fresh, draw) if fresh > wait else wait * jitter(SPREAD, draw)


def later(wait: timedelta, draw: float) -> timedelta:
    """Return a wait that a host named, plus up to 5 %, so that sources with the same wait are spread."""
    return wait * jitter(LATER, draw)


def reason(error: Exception) -> str:
    """Return in one line why a poll failed."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    text = "".join(c for c in " ".join(str(error).split()) if c.isprintable())[:MAX_REASON]
    return text if isinstance(error, PaperwireError) else f"{type(error).__name__}: {text}"[:MAX_REASON]


def detail(poll: Poll, fresh: int) -> str:
    """Return in one line what a poll brought."""
    refused = sum(not refusal.cleaned for refusal in poll.refusals)
    first = next((f": {r.where}: {r.reason}" for r in poll.refusals if not r.cleaned), "")
    words = f"{len(poll.items)} items, {fresh} new" if poll.items or not poll.detail else poll.detail
    return (f"{words}, {refused} refused{first}" if refused else words)[:MAX_REASON]
