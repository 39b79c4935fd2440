"""When a source is polled next, after a success and after a failure."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.fetcher.polling.outcome import MAX_BACKOFF, MIN_WAIT, after, backoff, later

MINUTE, HALF_HOUR, HOUR, DAY = timedelta(minutes=1), timedelta(minutes=30), timedelta(hours=1), timedelta(days=1)
seconds = st.none() | st.floats(min_value=-1e308, max_value=1e308, allow_nan=False)


@pytest.mark.parametrize(
    ("again", "fresh_for", "minutes"),
    (
        (None, None, 30),  # as it is configured
        (None, 60.0, 30),  # an answer that is fresh for a minute is not asked for every minute
        (None, 3_600.0, 60),  # one that stays for an hour is not asked for before
        (None, 1e9, 1_440),  # and never longer than a day
        (300.0, None, 5),  # a driver with more to read comes back sooner
        (7_200.0, None, 120),
        (300.0, 3_600.0, 60),
        (1e9, None, 1_440),
    ),
)
def test_the_next_poll_follows_interval_and_freshness(
    again: float | None, fresh_for: float | None, minutes: int
) -> None:
    wait = after(HALF_HOUR, again, fresh_for, 0.5)
    assert timedelta(minutes=minutes) <= wait <= timedelta(minutes=minutes) * 1.03


def test_polls_are_spread() -> None:
    waits = [after(HALF_HOUR, None, None, draw / 10) for draw in range(11)]
    assert len(set(waits)) == 11
    assert min(waits) == HALF_HOUR * 0.95
    assert max(waits) == HALF_HOUR * 1.05
    assert later(HALF_HOUR, 0.0) == HALF_HOUR, "a poll never comes before the time that a host named"


@given(
    interval=st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=366)),
    again=st.none() | st.floats(min_value=0, max_value=1e9),
    fresh_for=st.none() | st.floats(min_value=0, max_value=1e9),
    draw=st.floats(min_value=0, max_value=1),
)
def test_no_answer_makes_a_tight_loop_or_ends_polling(
    interval: timedelta, again: float | None, fresh_for: float | None, draw: float
) -> None:
    """INVARIANT: whatever a source says, it is polled again between a second and a day or its interval from now."""
    wait = after(interval, again, fresh_for, draw)
    assert MIN_WAIT * 0.95 <= wait <= max(MAX_BACKOFF, interval) * 1.05


@given(failures=st.integers(1, 10**6), interval=st.timedeltas(timedelta(seconds=1), DAY))
def test_failures_never_shorten_the_wait(failures: int, interval: timedelta) -> None:
    assert backoff(interval, failures, None) <= backoff(interval, failures + 1, None) <= MAX_BACKOFF


@pytest.mark.parametrize(
    ("failures", "wait"),
    ((1, MINUTE), (2, 2 * MINUTE), (3, 4 * MINUTE), (11, 1024 * MINUTE), (12, DAY), (500, DAY), (10**9, DAY)),
)
def test_each_failure_in_a_row_doubles_the_wait_up_to_a_day(failures: int, wait: timedelta) -> None:
    assert backoff(HOUR, failures, None) == wait


def test_a_failing_source_is_never_polled_more_than_once_a_minute() -> None:
    assert backoff(timedelta(seconds=5), 1, None) == MINUTE


def test_retry_after_is_respected_and_never_shortens_the_wait() -> None:
    assert backoff(HOUR, 1, 600.0) == 10 * MINUTE
    assert backoff(HOUR, 5, 30.0) == 16 * MINUTE
