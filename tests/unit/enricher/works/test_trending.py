"""The trend of works, and the order of its keys."""

from datetime import datetime, timedelta
from itertools import pairwise
from math import exp, log
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enricher.works.trending import (
    MAX_STRENGTH,
    TAU,
    USUAL,
    Group,
    Norm,
    Norms,
    compute_norm,
    compute_trend,
    field_of,
    octave,
)
from shared.papers.paper import Paper, Reading, Signals, SourceRef, Trend
from tests.support import NOW, examples

SIGNALS = tuple(USUAL)
COUNTS = st.none() | st.integers(-(2**64), 2**64) | st.integers(0, 500)


def paper(days: float = 1, **signals: int | None) -> Paper:
    """Return a paper that was published some days ago."""
    published = (NOW - timedelta(days=days)).isoformat()
    return Paper(id="x", title="On cranes", categories=("cs.RO",), published=published, signals=Signals(**signals))


def weighed(
    days: float = 1, norms: Norms = MappingProxyType({}), readings: tuple[Reading, ...] = (), **signals: Any
) -> Trend:
    found = compute_trend(paper(days, **signals), readings, NOW, norms)
    assert found
    return found


def reading(days: float, **signals: int) -> Reading:
    return Reading(at=(NOW - timedelta(days=days)).isoformat(), signals=Signals(**signals))


def test_a_new_paper_without_signals_ranks_between_strong_and_weak_older_ones() -> None:
    fresh, loved, old = weighed(0.5), weighed(0.5, upvotes=150), weighed(20, upvotes=3)
    assert old.key < fresh.key < loved.key


@pytest.mark.parametrize("days", (1, 7, 30))
def test_the_most_upvoted_paper_leads_its_window(days: int) -> None:
    """A day's papers are ordered by signals, and the best of a month ranks above unnoticed new ones."""
    best, unnoticed = weighed(days, upvotes=400), weighed(0)
    assert unnoticed.key < best.key


def test_the_components_add_up_to_the_strength() -> None:
    found = weighed(2, upvotes=60, stars=900, citations=0)
    assert {part.signal for part in found.components} == {"upvotes", "stars", "citations"}
    assert found.strength == pytest.approx(sum(part.weight * part.score for part in found.components), abs=1e-3)
    assert found.key == pytest.approx(found.strength + (NOW.timestamp() - 2 * 86_400) / TAU.total_seconds(), abs=1e-3)
    upvotes = next(part for part in found.components if part.signal == "upvotes")
    assert upvotes.value == 60
    assert upvotes.growth == pytest.approx(log(61) / 2, abs=1e-4)


def test_growth_is_measured_since_a_quarter_of_the_age() -> None:
    readings = (reading(30, stars=10), reading(11, stars=100), reading(1, stars=380))
    found = weighed(40, readings=readings, stars=400).components[0]
    assert found.growth == pytest.approx((log(401) - log(101)) / 11, abs=1e-5)


def test_a_field_is_measured_by_its_own_norm() -> None:
    """Sixty upvotes are usual in a field where all papers have sixty, and extraordinary where none has any."""
    used = {Group("cs", 1, "upvotes"): Norm(log(61), 0.8, 512)}
    shy = {Group("cs", 1, "upvotes"): Norm(0.0, 0.0, 512)}
    assert weighed(2, used, upvotes=60).strength < 0.2
    assert weighed(2, shy, upvotes=60).strength > 5
    assert weighed(2, {Group("math", 1, "upvotes"): Norm(9.0, 0.1, 128)}, upvotes=60) == weighed(2, upvotes=60)
    few = weighed(2, {Group("cs", 1, "upvotes"): Norm(log(61), 0.8, 3)}, upvotes=60)
    assert few.strength == pytest.approx(weighed(2, upvotes=60).strength, abs=0.15), "three works are too few"


def test_one_outlier_does_not_move_the_norm() -> None:
    usual = [0.1 * n for n in range(21)]
    assert compute_norm([*usual, 1e9]).middle == pytest.approx(compute_norm(usual).middle, abs=0.06)
    assert compute_norm([*usual, 1e9]).deviation == pytest.approx(compute_norm(usual).deviation, abs=0.06)


def test_a_withdrawn_work_does_not_trend() -> None:
    assert compute_trend(paper(upvotes=900).model_copy(update={"status": "withdrawn"}), (), NOW, {}) is None


@pytest.mark.parametrize("published", ("9999-12-31", "2027-01-01T00:00:00Z", None))
def test_a_date_in_the_future_brings_no_advantage(published: str | None) -> None:
    early = paper().model_copy(update={"published": published})
    found = compute_trend(early, (), NOW, {})
    assert found
    assert found.key == pytest.approx(NOW.timestamp() / TAU.total_seconds(), abs=1e-5)


def test_a_paper_without_a_date_counts_from_its_first_sighting() -> None:
    refs = tuple(SourceRef(source="a", id="1", seen_at=day) for day in ("2026-03-01", "2026-02-20T00:00:00Z"))
    found = compute_trend(Paper(id="x", title="y", sources=refs), (), NOW, {})
    assert found
    assert found.since == "2026-02-20T00:00:00Z"


@pytest.mark.parametrize(
    ("fields", "field"),
    (
        ({"categories": ("cs.RO", "math.CO")}, "cs"),
        ({"categories": ("hep-th",)}, "hep-th"),
        ({"categories": ("neuroscience",), "sources": (SourceRef(source="biorxiv", id="1"),)}, "biorxiv"),
        ({"categories": ("a stranger's",), "sources": (SourceRef(source="blog", id="1"),)}, "other"),
        ({}, "other"),
    ),
)
def test_fields_are_a_closed_list(fields: dict[str, Any], field: str) -> None:
    assert field_of(Paper(id="x", title="y", **fields)) == field


def test_the_octaves_of_ages() -> None:
    assert [octave(days) for days in (0, 1, 1.9, 2, 3.9, 4, 7, 8, 1_023, 1_024, 1e6)] == [
        0,
        0,
        0,
        1,
        1,
        2,
        2,
        3,
        9,
        10,
        10,
    ]


@examples(200)
@given(st.lists(st.tuples(st.floats(0, 400), st.integers(0, 5_000)), min_size=2, max_size=8), st.floats(0, 4_000))
def test_the_order_of_keys_is_that_of_decayed_strength_at_any_time(
    works: list[tuple[float, int]], later: float
) -> None:
    """INVARIANT: exp(strength) decaying with τ from `since` gives the same order at every moment: that of the keys."""
    found = [weighed(days, upvotes=count) for days, count in works]
    now = NOW + timedelta(days=later)

    def heat(one: Trend) -> float:
        return one.strength - (now - datetime.fromisoformat(one.since)) / TAU

    for one, other in pairwise(sorted(found, key=lambda each: each.key)):
        assert heat(one) <= heat(other) + 1e-3
        assert exp(max(heat(one), -700)) <= exp(max(heat(other) + 1e-3, -700))


@examples(200)
@given(
    st.sampled_from(SIGNALS),
    st.integers(-(2**64), 2**64),
    st.integers(-(2**64), 2**64),
    st.floats(0, 5_000),
    st.integers(0, 1_000),
)
def test_more_of_a_signal_never_ranks_lower(signal: str, one: int, other: int, days: float, before: int) -> None:
    """INVARIANT: the key is monotone in each signal."""
    readings = (reading(days / 2, **{signal: before}),)
    rows: list[dict[str, Any]] = [{signal: value} for value in sorted((one, other))]
    less, more = (weighed(days, readings=readings, **row) for row in rows)
    assert less.key <= more.key


@examples(200)
@given(st.fixed_dictionaries(dict.fromkeys(SIGNALS, COUNTS)), st.floats(-400, 800_000))
def test_absurd_counters_stay_within_bounds(signals: dict[str, Any], days: float) -> None:
    """INVARIANT: whatever the counters say, the strength is between 0 and its bound."""
    found = weighed(min(days, 700_000), **signals)
    assert 0 <= found.strength <= MAX_STRENGTH
    assert all(0 <= part.score <= 10 for part in found.components)
    assert found == weighed(min(days, 700_000), **signals)


@examples(100)
@given(st.sampled_from(SIGNALS), st.floats(0, 900), st.integers(0, 10**6))
def test_a_known_counter_never_ranks_below_an_unknown_one(signal: str, days: float, value: int) -> None:
    counted: dict[str, Any] = {signal: value}
    assert weighed(days, **counted).key >= weighed(days).key
