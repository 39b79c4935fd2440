"""The bounds of what sources say, and the time that ids and texts at the bounds take."""

import time
import unicodedata
from collections.abc import Callable

import pytest

from shared.papers.bounds import MAX_ID
from shared.papers.names import arxiv_id, canonical_id, check_id, doi, openreview_id, without_closing
from shared.papers.titles import MAX_MARKS, cut, fold, normalized

LONG = 60_000
FEW_S = 0.5
"""Seconds of the processor; without bounds each of these took many seconds."""
IDS = {
    "parentheses": "10.1000/" + ")" * LONG,
    "closed parentheses": "10.1000/" + ").," * LONG,
    "forum": "https://openreview.net/forum?" + "&id=a" * LONG + "!",
    "preprint": "10.1101/123456.full" + "?" * LONG + "\n!",
    "arxiv": "arxiv:" + " " * LONG + "!",
}


@pytest.mark.parametrize("kind", IDS)
def test_a_long_id_is_no_known_id_and_takes_no_time(kind: str) -> None:
    started = time.thread_time()
    assert (arxiv_id(IDS[kind]), doi(IDS[kind]), openreview_id(IDS[kind])) == (None, None, None)
    assert canonical_id(IDS[kind]) == IDS[kind].strip()
    assert time.thread_time() - started < FEW_S


@pytest.mark.parametrize(
    ("read", "start"),
    (
        (arxiv_id, "https://arxiv.org/abs/2401.00001?"),
        (doi, "10.1000/"),
        (openreview_id, "https://openreview.net/forum?id=aBc&"),
    ),
)
def test_an_id_at_the_bound_is_read(read: Callable[[str], object], start: str) -> None:
    at_bound = start + "x" * (MAX_ID - len(start))
    assert read(at_bound) is not None
    assert read(at_bound + "x") is None


def test_an_id_over_the_bound_is_refused_not_cut() -> None:
    assert check_id("x" * MAX_ID) == "x" * MAX_ID
    with pytest.raises(ValueError, match=r"^the id has 513 characters; 512 is the most$"):
        check_id("x" * (MAX_ID + 1))


def test_a_text_over_the_bound_is_cut_with_a_note() -> None:
    notes: list[str] = []
    assert cut("title", "abc", 3, notes) == "abc"
    assert notes == []
    assert cut("title", "abcd", 3, notes) == "abc"
    assert notes == ["title: cut to 3 characters"]


@pytest.mark.parametrize("marks", ("\u0301\u0316", "\u0f73"))
def test_combining_marks_in_a_row_take_linear_time(marks: str) -> None:
    """Every mark of one class goes before every mark of another: sorting 80,000 takes 7 seconds."""
    started = time.thread_time()
    assert len(normalized("NFC", "a" + marks * 40_000 + "b")) <= 2 + 2 * MAX_MARKS
    assert len(fold("e" + marks * 40_000)) == 1
    assert time.thread_time() - started < FEW_S


def test_ordinary_marks_stay() -> None:
    text = "e\u0301 " * 100 + "Z\u0335\u0322\u0301"
    assert normalized("NFC", text) == unicodedata.normalize("NFC", text)
    assert normalized("NFC", "plain") == "plain"


@pytest.mark.parametrize(
    ("text", "bare"),
    (
        ("https://x.example/a).", "https://x.example/a"),
        ("https://x.example/a_(b)", "https://x.example/a_(b)"),
        ("https://x.example/a_(b))", "https://x.example/a_(b)"),
        ("https://x.example/a,).,)", "https://x.example/a"),
    ),
)
def test_what_stands_around_an_address_is_dropped(text: str, bare: str) -> None:
    assert without_closing(text, ".,;") == bare
