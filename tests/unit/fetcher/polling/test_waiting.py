"""When to ask again: pure reckoning of seconds."""

from datetime import timedelta

import pytest

from services.fetcher.polling.next_poll import backoff

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
