"""When a delivery is retried."""

import pytest

from services.notifier.channels.exchange import Answer
from services.notifier.delivery.retry import SCHEDULE, TEST_SCHEDULE, Outcome, Verdict, judge

NOW = 1_800_000_000.0


def verdict(status: int | None = 500, attempt: int = 1, retry_after: str | None = None, dice: float = 0.5) -> Verdict:
    return judge(Answer(1.0, status, retry_after=retry_after), attempt=attempt, now=NOW, random=lambda: dice)


@pytest.mark.parametrize("status", (200, 201, 204, 299))
def test_2xx_is_success(status: int) -> None:
    assert verdict(status) == Verdict(Outcome.DELIVERED)


@pytest.mark.parametrize("status", (None, 101, 199, 300, 301, 304, 307, 400, 401, 404, 418, 500, 503))
def test_every_other_status_is_retried(status: int | None) -> None:
    assert verdict(status) == Verdict(Outcome.RETRY, NOW + 5)


def test_status_410_means_gone() -> None:
    assert verdict(410) == Verdict(Outcome.GONE)


def test_the_retry_schedule_has_jitter() -> None:
    minutes, hours = 60, 3_600
    promised = [5, 5 * minutes, 30 * minutes, *(n * hours for n in (2, 5, 10, 14, 20, 24))]
    for dice, factor in ((0.0, 0.8), (0.5, 1.0), (1.0, 1.2)):
        waits = [(verdict(attempt=n, dice=dice).retry_at or 0) - NOW for n in range(1, 10)]
        assert waits == pytest.approx([factor * seconds for seconds in promised])
    assert verdict(attempt=10) == Verdict(Outcome.FAILED)
    assert len(SCHEDULE) == 10


def test_a_test_is_attempted_once() -> None:
    once = judge(Answer(1.0, 500), attempt=1, now=NOW, random=lambda: 0.5, schedule=TEST_SCHEDULE)
    assert once == Verdict(Outcome.FAILED)


def test_retry_after_delays_the_retry_and_pauses_the_endpoint() -> None:
    assert verdict(503, retry_after="120") == Verdict(Outcome.RETRY, NOW + 120, NOW + 120)
    assert verdict(429, retry_after="60", attempt=4) == Verdict(Outcome.RETRY, NOW + 7_200, NOW + 60)


@pytest.mark.parametrize("status", (429, 502, 504))
def test_a_throttling_endpoint_is_paused_without_retry_after(status: int) -> None:
    assert verdict(status).pause_until == NOW + 5
    assert verdict(status, attempt=5).pause_until == NOW + 60
