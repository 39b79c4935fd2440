"""The verdict on the answer to an attempt, and the time of a retry. Pure: time and random numbers are arguments."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from services.notifier.channels.exchange import Answer
from services.notifier.fields.secret import Secret, redacted
from shared.moments import jitter, parse_retry_after

MINUTE, HOUR = 60.0, 3_600.0
SCHEDULE: Final = (0.0, 5.0, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
"""Seconds to wait before each attempt, from the previous one: ten attempts over three days."""
TEST_SCHEDULE: Final = (0.0,)
"""The schedule of a test: one attempt, as the sender of a test wants to see its answer."""
JITTER: Final = (0.8, 1.2)
RETRY_AFTER: Final = (1.0, 24 * HOUR)
"""Bounds of the seconds that a receiver may ask for with Retry-After."""
THROTTLING: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})
DISABLE_AFTER: Final = 5 * 24 * HOUR
"""Seconds without a success after which the subscription of a failing endpoint is disabled."""
MAX_PAUSE: Final = 60.0
"""The most seconds that an endpoint pauses when it throttles without Retry-After."""


class Outcome(StrEnum):
    """The outcomes of an attempt."""

    DELIVERED = "delivered"
    RETRY = "retry"
    GONE = "gone"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of an attempt, when to retry it, and until when nothing is sent to its endpoint (Unix seconds)."""

    outcome: Outcome
    retry_at: float | None = None
    pause_until: float | None = None


def effective_status(answer: Answer) -> int | None:
    """Return the status to judge an answer by: None if none came, or if it is a 2xx with an error."""
    if answer.gone:
        return HTTPStatus.GONE
    refused = answer.error and answer.status is not None and answer.status < HTTPStatus.MULTIPLE_CHOICES
    return None if refused else answer.status


def judge(  # the facts of an attempt, by name
    answer: Answer,
    *,
    attempt: int,
    now: float,
    random: Callable[[], float],
    schedule: tuple[float, ...] = SCHEDULE,
) -> Verdict:
    """Return the verdict on the answer to attempt number `attempt` (from 1).

    Only 2xx is a success. A redirect is a failure, as the subscriber did not choose its target. `random` returns a
    number from 0 to 1.
    """
    status = effective_status(answer)
    if status is not None and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Verdict(Outcome.DELIVERED)
    if status == HTTPStatus.GONE:
        return Verdict(Outcome.GONE)
    asked = parse_retry_after(answer.retry_after, now, RETRY_AFTER)
    if attempt >= len(schedule):
        return Verdict(Outcome.FAILED, pause_until=None if asked is None else now + asked)
    delay = schedule[attempt] * jitter(JITTER, random())
    delay = max(delay, asked or 0.0)  # never earlier than the receiver asked for
    pause = asked
    if asked is None and status in THROTTLING:
        pause = min(delay, MAX_PAUSE)
    return Verdict(Outcome.RETRY, now + delay, None if pause is None else now + pause)


def reason_gone(answer: Answer) -> str:
    """Return why an endpoint that is gone is no longer sent to."""
    phrases = {one.value: f"{one.value} {one.phrase}" for one in HTTPStatus}
    return answer.error or f"The endpoint answered {phrases.get(answer.status or 0, str(answer.status))}."


def redacted_answer(answer: Answer, secrets: Sequence[Secret]) -> Answer:
    """Redact the secrets that an answer echoes."""
    error = redacted(answer.error, secrets) if answer.error else None
    return replace(answer, error=error, body=redacted(answer.body, secrets)) if secrets else answer
