"""The arithmetic of volumes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.insight.volume import STEP, count_at, per_week, stepped, threshold_for
from services.notifier.subscription.sensitivity import MIN_TUNED_THRESHOLD

SCORES = st.lists(st.integers(300_000, 1_000_000), max_size=60, unique=True).map(
    lambda rows: sorted((row / 1e6 for row in rows), reverse=True)
)


@given(SCORES, st.floats(0.1, 50), st.floats(7, 30))
def test_the_threshold_admits_the_wanted_number_or_all(scores: list[float], wanted: float, days: float) -> None:
    threshold = threshold_for(scores, wanted, days)
    assert MIN_TUNED_THRESHOLD <= threshold <= 1
    expected = min(round(wanted * days / 7), len(scores))
    touching = expected < len(scores) and (scores[expected - 1] if expected else 1.0) - scores[expected] <= 2e-6
    assert touching or count_at(scores, threshold) == expected


def test_thirty_days_of_five_a_week_are_twentyone_alerts() -> None:
    scores = [round(0.9 - n / 1_000, 6) for n in range(100)]
    threshold = threshold_for(scores, 5, 30)
    assert (count_at(scores, threshold), per_week(21, 30)) == (21, 4.9)
    assert threshold == 0.8795


def test_too_few_matches_are_not_filled_with_distant_papers() -> None:
    assert threshold_for([0.8, 0.5], 10, 30) == MIN_TUNED_THRESHOLD
    assert threshold_for([], 10, 30) == MIN_TUNED_THRESHOLD


def test_less_than_one_match_lies_above_the_nearest_paper() -> None:
    assert threshold_for([0.8, 0.5], 0.1, 30) == 0.9


@pytest.mark.parametrize(("found", "moved"), ((0.9, 0.5 + STEP), (0.1, 0.5 - STEP), (0.51, 0.51)))
def test_a_threshold_moves_one_step(found: float, moved: float) -> None:
    assert stepped(0.5, found) == moved
