"""Backoff and Retry-After."""

from datetime import timedelta
from email.utils import format_datetime, formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.moments import Backoff, jitter, parse_retry_after
from tests.support import NOW as MOMENT

NOW = MOMENT.timestamp()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BOUNDS = (30.0, 86_400.0)


def test_waits_double_up_to_the_cap() -> None:
    policy = Backoff(base=5.0, cap=60.0)
    assert [policy.delay(failures) for failures in range(1, 7)] == [5, 10, 20, 40, 60, 60]
    assert policy.delay(10**9) == 60
    assert policy.delay(0) == 5


def test_the_factor_is_part_of_the_policy() -> None:
    assert [Backoff(base=1.0, cap=50.0, factor=3.0).delay(n) for n in range(1, 6)] == [1, 3, 9, 27, 50]


def test_a_wait_varies_within_the_jitter() -> None:
    policy = Backoff(base=8.0, cap=60.0, jitter=(0.5, 1.0))
    assert [policy.delay(1, chance) for chance in (0.0, 0.5, 1.0)] == [4, 6, 8]
    assert jitter((0.8, 1.2), 0.5) == 1


@given(st.integers(0, 10**6), st.floats(0, 1))
def test_no_wait_leaves_its_bounds(failures: int, chance: float) -> None:
    assert 2.5 <= Backoff(base=5.0, cap=60.0).delay(failures, chance) <= 60


@pytest.mark.parametrize(
    ("value", "seconds"),
    (
        ("120", 120),
        (" 120 ", 120),
        ("0", 1),
        ("999999999", 86_400),
        (formatdate(NOW + 90, usegmt=True), 90),
        (formatdate(NOW - 90, usegmt=True), 1),
        (formatdate(NOW + 9e6, usegmt=True), 86_400),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("١٢", None),
        ("1e3", None),
        ("9" * 400, None),
        ("Thu, 99 Foo 2026 99:99:99 GMT", None),
    ),
)
def test_retry_after_is_parsed_by_the_standard(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW, (1.0, 86_400.0)) == seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
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
        (format_datetime(MOMENT + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(MOMENT - HOUR, usegmt=True), 30.0),
        (format_datetime(MOMENT + 40 * DAY, usegmt=True), 86_400.0),
    ),
)
def test_a_lenient_caller_accepts_any_number(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW, BOUNDS, lenient=True) == seconds


@given(st.text(), st.booleans())
def test_no_retry_after_breaks_or_leaves_its_bounds(value: str, lenient: bool) -> None:
    seconds = parse_retry_after(value, NOW, BOUNDS, lenient=lenient)
    assert seconds is None or BOUNDS[0] <= seconds <= BOUNDS[1]
