"""The arithmetic of volumes, and what it delivers from simulated streams."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.insight.volume import (
    ENOUGH_PAPERS,
    MAX_GROWTH,
    STEP,
    Window,
    count_at,
    per_week,
    stepped,
    threshold_for,
    tuned,
)
from services.notifier.subscription.sensitivity import DEFAULT_THRESHOLD, MIN_TUNED_THRESHOLD

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


AT = datetime(2026, 3, 1, tzinfo=UTC)
DAYS, WEEKS, WARM = 30, 8, 4


def window(days: float = 28.0, papers: int = 4_000, lately: int = 1_000) -> Window:
    return Window(AT, AT, days, papers, lately)


@given(SCORES, st.floats(0.1, 50), st.floats(7, 30))
def test_a_steady_stream_has_the_threshold_of_its_window(scores: list[float], wanted: float, days: float) -> None:
    steady = window(days, 1_000, round(7_000 / days))
    assert abs(steady.growth - 1) < 0.01
    whole = Window(AT, AT, days, 1_000)
    assert tuned(scores, wanted, whole, DEFAULT_THRESHOLD) == threshold_for(scores, wanted, days)


def test_a_stream_that_grew_has_a_higher_threshold_and_one_that_shrank_a_lower() -> None:
    scores = [round(0.9 - n / 1_000, 6) for n in range(300)]
    found = [tuned(scores, 5, window(lately=lately), DEFAULT_THRESHOLD) for lately in (333, 1_000, 3_000)]
    assert found == sorted(found)
    assert [count_at(scores, threshold) for threshold in found] == [60, 20, 7]
    assert window(lately=100_000).growth == MAX_GROWTH
    assert window(lately=1).growth == 1 / MAX_GROWTH


@pytest.mark.parametrize("seen", ((0.0, 0), (0.0, 10_000), (30.0, 0)))
def test_an_index_that_tells_nothing_has_the_default_threshold(seen: tuple[float, int]) -> None:
    days, papers = seen
    assert tuned([], 5, window(days or 0.01, papers), DEFAULT_THRESHOLD) == pytest.approx(DEFAULT_THRESHOLD, abs=2e-4)


def test_the_less_an_index_tells_the_nearer_is_the_default_threshold() -> None:
    a_day = 6
    found = [
        tuned([0.8 - 0.3 * n / (a_day * days) for n in range(a_day * days)], 5, window(days, 1_000), DEFAULT_THRESHOLD)
        for days in (1, 2, 4, 6)
    ]
    assert found == sorted(found), "of this stream many pass, and the threshold rises with what is known of it"
    assert found[0] > DEFAULT_THRESHOLD
    few = tuned([0.35], 5, window(30, ENOUGH_PAPERS // 2), DEFAULT_THRESHOLD)
    assert MIN_TUNED_THRESHOLD < few < DEFAULT_THRESHOLD


def simulated(seed: int, wanted: float, volume: Callable[[int], int], first: int) -> list[int]:
    """Tune every day for eight weeks, with what came since the day `first`; return what each week sent."""
    dice = random.Random(seed)  # papers, not secrets
    days = [[dice.gauss(0.15, 0.13) for _ in range(volume(day))] for day in range((WARM + WEEKS) * 7)]
    sent, threshold, known = [0] * WEEKS, DEFAULT_THRESHOLD, False
    for today in range(WARM * 7, len(days)):
        past = days[max(first, today - DAYS) : today]
        papers, lately = sum(map(len, past)), sum(map(len, past[-7:]))
        seen = Window(AT, AT, max(len(past), 0.01), papers, lately)
        scores = sorted((score for day in past for score in day if score >= MIN_TUNED_THRESHOLD), reverse=True)
        found = tuned(scores, wanted, seen, DEFAULT_THRESHOLD)
        threshold, known = stepped(threshold, found) if known else found, seen.enough
        sent[today // 7 - WARM] += count_at(days[today], threshold)
    return sent


@pytest.mark.parametrize(
    ("volume", "first"),
    (
        pytest.param(lambda _: 120, 0, id="a steady stream"),
        pytest.param(lambda day: 240 if day % 7 < 4 else 40, 0, id="a stream with weekends"),
        pytest.param(lambda _: 120, WARM * 7, id="an empty index"),
        pytest.param(lambda day: 120 if day < (WARM + 2) * 7 else 360, 0, id="a stream that triples"),
        pytest.param(lambda day: 360 if day < (WARM + 2) * 7 else 120, 0, id="a stream that shrinks to a third"),
    ),
)
@pytest.mark.parametrize("wanted", (5, 20))
def test_a_wanted_volume_is_delivered_within_a_quarter(volume: Callable[[int], int], first: int, wanted: int) -> None:
    """INVARIANT: in the median of eight weeks a subscription gets what it asked for, within a quarter."""
    ratios = [median(simulated(seed, wanted, volume, first)) / wanted for seed in range(20)]
    assert 0.75 <= median(ratios) <= 1.25
    assert 0.75 <= sum(ratios) / len(ratios) <= 1.25
