"""Updating a work's signals: its history, its trend, and the change that it trends."""

from datetime import timedelta
from typing import Any

import pytest

from services.enricher.works.trending import (
    COOL,
    DEFAULT_BAR,
    UNMEASURED,
    Baseline,
    Group,
    bar,
    octave,
    update_signals,
)
from services.enricher.works.work import Work
from shared.papers.paper import Paper, Signals
from tests.support import NOW


def work(days: float = 1, **fields: Any) -> Work:
    """Return the work of a paper that was published some days before NOW."""
    signals = {name: fields.pop(name) for name in ("upvotes", "stars") if name in fields}
    published = (NOW - timedelta(days=days)).isoformat()
    paper = Paper(id="x", title="On cranes", categories=("cs.RO",), published=published, signals=Signals(**signals))
    return Work(paper=paper, aliases=("x",), text_source="arxiv", **fields)


def with_upvotes(before: Work, upvotes: int) -> Work:
    signals = before.paper.signals.model_copy(update={"upvotes": upvotes})
    return before.model_copy(update={"paper": before.paper.model_copy(update={"signals": signals})})


def test_without_signals_a_work_has_a_key_and_no_reading() -> None:
    noted = update_signals(work(), NOW, UNMEASURED)
    assert noted.work.trend
    assert noted.work.paper.trending == noted.work.trend.key
    assert noted.work.readings == ()
    assert (noted.paces, noted.strength, noted.changes) == ({}, None, ())


def test_updating_signals_again_adds_nothing() -> None:
    once = update_signals(work(upvotes=12), NOW, UNMEASURED).work
    again = update_signals(once, NOW + timedelta(minutes=1), UNMEASURED)
    assert again.work is once


def test_unchanged_counters_are_recorded_once_a_day() -> None:
    once = update_signals(work(upvotes=12), NOW, UNMEASURED).work
    assert len(update_signals(once, NOW + timedelta(hours=25), UNMEASURED).work.readings) == 2


def test_a_trend_that_slows_down_loses_its_strength() -> None:
    hot = update_signals(work(2, upvotes=300), NOW, UNMEASURED).work
    cold = update_signals(hot, NOW + timedelta(days=10), UNMEASURED).work
    assert hot.trend
    assert cold.trend
    assert cold.trend.strength < hot.trend.strength / 2


def test_a_withdrawn_work_loses_its_trend() -> None:
    hot = update_signals(work(upvotes=300), NOW, UNMEASURED).work
    gone = hot.model_copy(update={"paper": hot.paper.model_copy(update={"status": "withdrawn"})})
    noted = update_signals(gone, NOW + timedelta(hours=1), UNMEASURED).work
    assert (noted.trend, noted.paper.trending) == (None, None)


def test_each_work_is_a_sample_once_in_an_octave_of_its_age() -> None:
    first = update_signals(work(1, upvotes=5), NOW, UNMEASURED)
    assert set(first.paces) == {Group("cs", 0, "upvotes")}
    second = update_signals(with_upvotes(first.work, 9), NOW + timedelta(hours=6), UNMEASURED)
    assert second.paces == {}
    third = update_signals(with_upvotes(second.work, 15), NOW + timedelta(days=1, hours=1), UNMEASURED)
    assert set(third.paces) == {Group("cs", octave(2.1), "upvotes")}


def reported(noted: Any) -> list[str]:
    return [change.version for change in noted.changes]


def test_a_work_that_crosses_the_bar_makes_one_change_in_a_window() -> None:
    low = Baseline(bars={"cs": 2.0})
    first = update_signals(work(1, upvotes=300), NOW, low)
    assert reported(first) == ["day"]
    more = update_signals(with_upvotes(first.work, 900), NOW + timedelta(hours=3), low)
    assert reported(more) == []
    older = update_signals(with_upvotes(more.work, 9_000), NOW + timedelta(days=5), low)
    assert reported(older) == [], "it has been above the bar all the time"


def test_a_work_that_cooled_down_can_trend_again_in_another_window() -> None:
    low = Baseline(bars={"cs": 2.0})
    first = update_signals(work(1, upvotes=300), NOW, low).work
    cold = update_signals(first, NOW + timedelta(days=5), low).work
    assert cold.trend
    assert cold.trend.strength < COOL * 2.0
    back = update_signals(with_upvotes(cold, 40_000), NOW + timedelta(days=5, hours=6), low)
    assert reported(back) == ["week"]


@pytest.mark.parametrize(("days", "upvotes"), ((40, 10**6), (1, 3)))
def test_old_or_average_works_make_no_trending_change(days: float, upvotes: int) -> None:
    assert reported(update_signals(work(days, upvotes=upvotes), NOW, UNMEASURED)) == []


def test_the_bar_is_the_strongest_hundredth_of_a_field() -> None:
    assert bar([]) == DEFAULT_BAR
    assert bar([9.0] * 50) == DEFAULT_BAR
    assert bar([n / 100 for n in range(1_000)]) == pytest.approx(9.9, abs=0.05)
    assert bar([0.0] * 500) == 2.0
