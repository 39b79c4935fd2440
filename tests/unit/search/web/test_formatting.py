from datetime import UTC, datetime

import pytest

from services.search.web.formatting import MAX_GIST, abstract_html, ago, count, day, gist, number, title_html

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def test_marked_text_is_escaped_around_and_inside_the_marks() -> None:
    shown = title_html({"title": "<b>a & b</b>"}, [[3, 4], [5, 8]])
    assert shown == "&lt;b&gt;<mark>a</mark> <mark>&amp; b</mark>&lt;/b&gt;"


PAPER = {
    "title": "y²",
    "title_tex": "$y^2$",
    "abstract": "We fold. Of y² we say <i>.",
    "abstract_tex": "We fold. Of $y^2$ we say <i>.",
}
SQUARE = "<math><msup><mi>y</mi><mn>2</mn></msup></math>"


def test_formulas_are_mathml() -> None:
    assert title_html(PAPER) == SQUARE
    assert abstract_html(PAPER) == f"We fold. Of {SQUARE} we say &lt;i&gt;."


def test_a_part_of_an_abstract_shows_its_formulas_and_marks() -> None:
    assert abstract_html(PAPER, "Of y² we", [[6, 8]]) == f"Of {SQUARE} <mark>we</mark>"
    assert abstract_html(PAPER, "Of y² …") == f"Of {SQUARE} …"
    assert abstract_html(PAPER, "another y² …") == "another y² …"


def test_a_wide_formula_is_read_so_that_it_wraps() -> None:
    wide = "y" + "+y" * 30
    assert title_html({"title": wide, "title_tex": f"${wide}$"}) == wide


@pytest.mark.parametrize(
    ("abstract", "expected"),
    (
        ("First it folds. Then not.", "First it folds."),
        ("We use e.g. Folding. It works.", "We use e.g. Folding."),
        ("No end", "No end"),
        ("", ""),
    ),
)
def test_without_a_gist_the_first_sentence_is_used(abstract: str, expected: str) -> None:
    assert gist({"abstract": abstract, "gist": None}) == expected


def test_a_gist_is_used_and_a_long_one_is_cut_between_words() -> None:
    assert gist({"abstract": "One. Two.", "gist": "Two."}) == "Two."
    cut = gist({"abstract": "word, " * 100})
    assert len(cut) <= MAX_GIST + 2
    assert cut.endswith("word …")


@pytest.mark.parametrize(
    ("value", "expected"),
    ((0, "0"), (987, "987"), (1234, "1,234"), (12_345, "12.3k"), (20_000, "20k"), (4.5e6, "4.5M")),
)
def test_numbers_are_abbreviated(value: float, expected: str) -> None:
    assert number(value) == expected


def test_counts_agree_with_their_nouns() -> None:
    assert [count(n, "paper") for n in (0, 1, 1234)] == ["0 papers", "1 paper", "1,234 papers"]
    assert count(2, "entry", "entries") == "2 entries"


@pytest.mark.parametrize(
    ("moment", "expected"),
    (
        ("2026-03-04T12:00:02Z", "now"),
        ("2026-03-04T11:59:30Z", "30 s ago"),
        ("2026-03-04T11:00:00", "1 h ago"),
        ("2026-03-04T12:05:00+00:00", "in 5 min"),
        ("2026-03-01", "3 d ago"),
        ("", ""),
        (None, ""),
    ),
)
def test_moments_are_relative_to_now(moment: str | None, expected: str) -> None:
    assert ago(moment, NOW) == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    (
        ("2026-03-04T12:00:00Z", "4 Mar 2026"),
        (NOW.date(), "4 Mar 2026"),
        ("2026-03", "Mar 2026"),
        ("2026", "2026"),
        (None, ""),
    ),
)
def test_days_are_formatted(moment: str | None, expected: str) -> None:
    assert day(moment) == expected
