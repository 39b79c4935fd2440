"""How often a work is asked about."""

from datetime import timedelta

import pytest

from services.enricher.refresh.schedule import BANDS, TABLE, schedule
from shared.papers.paper import Trend
from tests.support import NOW


def aged(days: float, strength: float = 0.0) -> Trend:
    since = (NOW - timedelta(days=days)).isoformat()
    return Trend(key=1.0, strength=strength, field="cs", since=since)


@pytest.mark.parametrize(
    ("days", "strength", "band", "hours"),
    (
        (0, 0, 0, 3),
        (2, 0, 0, 3),
        (2.1, 0, 1, 12),
        (20, 0, 2, 48),
        (100, 0, 3, 24 * 7),
        (121, 0, 4, None),
        (5_000, 0, 4, None),
        (20, 2, 1, 12),
        (20, 9, 0, 3),
        (300, 2, 3, 24 * 7),
    ),
)
def test_older_works_are_requested_less_often_and_trending_ones_more_often(
    days: float, strength: float, band: int, hours: float | None
) -> None:
    assert schedule(aged(days, strength), NOW) == (band, timedelta(hours=hours) if hours else None)


def test_a_withdrawn_work_is_not_requested_again() -> None:
    assert schedule(None, NOW) == (BANDS - 1, None)


def test_the_intervals_of_the_table_grow() -> None:
    assert list(TABLE) == sorted(TABLE)
    assert BANDS <= 10, "a leased member names its band by one digit"
