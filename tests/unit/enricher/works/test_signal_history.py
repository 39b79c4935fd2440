"""The history of a work's counters."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.enricher.works.signal_history import MAX_READINGS, add_reading
from shared.papers.paper import Reading, Signals
from tests.support import NOW, examples


def polled(*hours: float) -> tuple[Reading, ...]:
    """Return readings at some hours after NOW, each with one more upvote."""
    rows: tuple[Reading, ...] = ()
    for count, hour in enumerate(hours):
        rows = add_reading(rows, Signals(upvotes=count), NOW + timedelta(hours=hour))
    return rows


def moments(rows: tuple[Reading, ...]) -> list[datetime]:
    return [datetime.fromisoformat(row.at) for row in rows]


def test_all_readings_of_the_first_day_are_kept_by_slot() -> None:
    rows = polled(0, 3, 6)
    assert [row.signals.upvotes for row in rows] == [0, 1, 2]
    assert rows[0].at == "2026-03-04T05:06:07Z"


def test_a_year_of_readings_is_dense_at_its_end_and_sparse_before() -> None:
    hours = [*range(0, 48, 3), *range(48, 24 * 365, 12)]
    rows = polled(*hours)
    assert len(rows) <= MAX_READINGS
    found = moments(rows)
    assert found[0] == NOW
    assert found[-1] == NOW + timedelta(hours=hours[-1])
    gaps = [(later - sooner).total_seconds() / 3_600 for sooner, later in pairwise(found)]
    assert max(gaps[-2:]) <= 12
    assert min(gaps[1:4]) >= 24 * 7
    assert [row.signals.upvotes for row in rows] == sorted(row.signals.upvotes or 0 for row in rows)


def test_a_moment_has_one_reading() -> None:
    rows = add_reading(polled(0, 3), Signals(upvotes=9), NOW + timedelta(hours=3))
    assert [row.signals.upvotes for row in rows] == [0, 9]


def test_a_late_reading_is_sorted_in() -> None:
    rows = add_reading(polled(0, 6), Signals(upvotes=1), NOW + timedelta(hours=3))
    assert moments(rows) == sorted(moments(rows))
    assert len(rows) == 3


@examples(100)
@given(st.lists(st.floats(0, 30_000), min_size=1, max_size=120))
def test_readings_are_bounded_and_ordered_with_the_first_and_the_newest(hours: list[float]) -> None:
    """INVARIANT: at most MAX_READINGS readings, in order, the first and the newest among them."""
    rows = polled(*sorted(hours))
    assert len(rows) <= MAX_READINGS
    assert moments(rows) == sorted(set(moments(rows)))
    assert rows[-1].signals.upvotes == len(hours) - 1
    assert moments(rows)[0] <= NOW + timedelta(hours=min(hours))
    newest = moments(rows)[-1]
    assert add_reading(rows, rows[-1].signals, newest) == rows
