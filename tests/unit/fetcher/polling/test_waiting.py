"""When to ask again: pure reckoning of seconds."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from services.fetcher.http.headers import retry_after
from services.fetcher.polling.next_poll import backoff
from tests.support import NOW

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("failures", "wait"),
    ((1, MINUTE), (2, 2 * MINUTE), (3, 4 * MINUTE), (11, 1024 * MINUTE), (12, DAY), (500, DAY), (10**9, DAY)),
)
def test_each_failure_in_a_row_doubles_the_wait_up_to_a_day(failures: int, wait: timedelta) -> None:
    assert backoff(HOUR, failures, None) == wait


def test_a_hasty_source_is_not_asked_more_often_for_failing() -> None:
    assert backoff(timedelta(seconds=5), 1, None) == MINUTE


def test_a_named_time_is_kept_to_and_never_shortens_the_wait() -> None:
    assert backoff(HOUR, 1, 600.0) == 10 * MINUTE
    assert backoff(HOUR, 5, 30.0) == 16 * MINUTE


@pytest.mark.parametrize(
    ("header", "seconds"),
    (
        ("120", 120.0),
        ("0", 30.0),
        ("-1", 30.0),
        ("1e308", 86_400.0),
        ("inf", 86_400.0),
        ("nan", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("nonsense GMT", None),
        ("Fri, 99 Foo 99999 99:99:99 GMT", None),
        ("Sun, 01 Jan 0001 00:00:00 GMT", 30.0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - HOUR, usegmt=True), 30.0),
        (format_datetime(NOW + 40 * DAY, usegmt=True), 86_400.0),
    ),
)
def test_retry_after_in_bounds(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW.timestamp()) == seconds
