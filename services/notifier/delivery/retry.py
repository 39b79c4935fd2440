"""When to try a delivery again: pure, with the clock and the dice handed in."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from shared.pauses import jitter, parse_retry_after

MINUTE, HOUR = 60.0, 3_600.0
SCHEDULE: Final = (0.0, 5.0, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
"""Seconds to wait before each attempt, counted from the one before: ten attempts over three days."""
ONCE: Final = (0.0,)
"""The schedule of a test: its answer is what its sender wants to see."""
JITTER: Final = (0.8, 1.2)
RETRY_AFTER: Final = (1.0, 24 * HOUR)
"""Bounds of what a receiver may ask for with Retry-After, in seconds."""
THROTTLING: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})
DISABLE_AFTER: Final = 5 * 24 * HOUR
"""Seconds that an endpoint may fail without a single success; then its subscription is disabled."""
PAUSE: Final = 60.0
"""Seconds that a whole endpoint rests at most when it throttles without saying how long."""


class Outcome(StrEnum):
    """What an attempt leads to."""

    DELIVERED = "delivered"
    RETRY = "retry"
    GONE = "gone"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`retry_at`: Unix seconds of the next attempt; `pause_until`: nothing is sent to the endpoint before."""

    outcome: Outcome
    retry_at: float | None = None
    pause_until: float | None = None


def judge(  # each is one fact, by name
    *,
    status: int | None,
    retry_after: str | None,
    attempt: int,
    now: float,
    random: Callable[[], float],
    schedule: tuple[float, ...] = SCHEDULE,
) -> Verdict:
    """Judge attempt number `attempt` (from 1); `status` is None when no answer came, `random` gives 0 to 1.

    Only 2xx is success. A redirect is a failure: where it leads was not what the subscriber named.
    """
    if status is not None and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Verdict(Outcome.DELIVERED)
    if status == HTTPStatus.GONE:
        return Verdict(Outcome.GONE)
    asked = parse_retry_after(retry_after, now, RETRY_AFTER)
    if attempt >= len(schedule):
        return Verdict(Outcome.FAILED, pause_until=None if asked is None else now + asked)
    delay = schedule[attempt] * jitter(JITTER, random())
    delay = max(delay, asked or 0.0)  # never before the receiver wants to be asked again
    pause = asked
    if asked is None and status in THROTTLING:
        pause = min(delay, PAUSE)
    return Verdict(Outcome.RETRY, now + delay, None if pause is None else now + pause)
