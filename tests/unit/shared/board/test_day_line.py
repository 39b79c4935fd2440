"""The ledger in words: one honest sentence a day."""

from datetime import date
from typing import cast

import pytest

from shared.board.day_line import Row, day_line

TODAY = date(2026, 3, 4)
AT = "2026-03-04T13:05:00+00:00"


def row(state: str, category: str = "cs.AI", **more: object) -> Row:
    base: dict[str, object] = {
        "source": "arxiv",
        "category": category,
        "day": "2026-03-04",
        "received": 0,
        "expected": None,
        "missing": 0,
    }
    return cast("Row", {**base, "reason": "", "updated": AT, "state": state, **more})


def test_no_rows_make_no_sentence() -> None:
    assert day_line([], TODAY) is None


@pytest.mark.parametrize(
    ("rows", "line"),
    (
        ([row("weekend"), row("weekend", "cs.CL")], "No announcement today: arXiv announces nothing at the weekend."),
        ([row("holiday", note="Thanksgiving")], "No announcement today: arXiv observes a holiday (Thanksgiving)."),
        ([row("holiday")], "No announcement today: arXiv observes a holiday."),
        (
            [row("late", note="no holidays known")],
            "No announcement today so far: still waiting for arxiv, late as of 13:05 UTC (no holidays known).",
        ),
        ([row("complete", received=1_200)], "Announced today: 1,200 entries of arxiv."),
        (
            [row("quiet"), row("quiet", "cs.CL")],
            "No announcement today so far: no entries yet from arxiv, not late as of 13:05 UTC.",
        ),
        ([row("quiet", expected=0)], "No announcement today: no entries for the day from arxiv."),
        ([row("late")], "No announcement today so far: still waiting for arxiv, late as of 13:05 UTC."),
        (
            [row("stale")],
            "No announcement today so far: the previous announcement repeated by arxiv, as of 13:05 UTC.",
        ),
        (
            [row("failing", reason="the source answers 503.")],
            "No announcement today so far: no answer from arxiv as of 13:05 UTC (the source answers 503).",
        ),
        (
            [row("partial", received=90, expected=94, missing=4)],
            "Announced today: 90 of 94 entries of arxiv received.",
        ),
        ([row("partial", expected=4, missing=4)], "Announced today: 0 of 4 entries of arxiv received."),
        (
            [row("partial", received=2_000)],
            "Announced today: 2,000 entries of arxiv, possibly incomplete.",
        ),
    ),
)
def test_a_day_is_one_sentence(rows: list[Row], line: str) -> None:
    assert day_line(rows, TODAY) == line


def test_categories_are_named_where_they_differ() -> None:
    rows = [row("complete", received=5), row("late", "cs.CV"), row("complete", "daily", source="hf", received=7)]
    assert day_line(rows, TODAY) == (
        "Announced today: 12 entries of cs.AI of arxiv and hf; still waiting for cs.CV of arxiv, late as of 13:05 UTC."
    )


def test_many_names_are_counted() -> None:
    rows = [row("late", f"cs.{letter}") for letter in "ABCDE"] + [row("complete", "cs.F", received=1)]
    line = day_line(rows, TODAY)
    assert line
    assert "still waiting for cs.A of arxiv, cs.B of arxiv, cs.C of arxiv and 2 more, late as of" in line


def test_an_older_day_is_named() -> None:
    """INVARIANT: what is known of an earlier day is never told as if it were today's."""
    rows = [row("complete", day="2026-03-02", received=3), row("late", day="2026-02-27")]
    assert day_line(rows, TODAY) == ("No data for today yet; announced on Monday, 2 March 2026: 3 entries of arxiv.")


def test_a_reader_west_of_the_announcement_sees_today() -> None:
    assert day_line([row("complete", received=3)], date(2026, 3, 3)) == "Announced today: 3 entries of arxiv."


def test_the_sentence_has_the_time_of_the_oldest_row() -> None:
    rows = [row("late", updated="2026-03-04T09:00:00+00:00"), row("late", "cs.CL")]
    assert day_line(rows, TODAY) == "No announcement today so far: still waiting for arxiv, late as of 09:00 UTC."
