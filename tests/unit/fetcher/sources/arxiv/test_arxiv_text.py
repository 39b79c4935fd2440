"""arXiv's ways with people, dates, withdrawals and sets."""

import pytest

from services.fetcher.sources.arxiv.arxiv_text import belongs, day_or_moment, oai_set, people_in
from services.fetcher.sources.fields import clean


@pytest.mark.parametrize(
    ("line", "names"),
    (
        ("Ada Origami", ("Ada Origami",)),
        ("Ada Origami and Bo Fold", ("Ada Origami", "Bo Fold")),
        ("A. Origami, B. Fold, and C. Crease", ("A. Origami", "B. Fold", "C. Crease")),
        ("A. Origami (1), B. Fold (1,2) ((1) Paper Institute, Kyoto, (2) Crane Lab)", ("A. Origami", "B. Fold")),
        ("The Crane Collaboration: A. Origami, B. Fold", ("The Crane Collaboration", "A. Origami", "B. Fold")),
        ("Ada Origami, Jr., Bo Fold III", ("Ada Origami Jr.", "Bo Fold III")),
        ("Anders\n  And,\n B. Fold", ("Anders And", "B. Fold")),
        ("Sand and Land", ("Sand", "Land")),
        ("A. (((((((Origami", ("A. (((((((Origami",)),
        (" , ,", ()),
        ("", ()),
    ),
)
def test_authors_in_one_line_are_split(line: str, names: tuple[str, ...]) -> None:
    assert people_in(line) == names


@pytest.mark.parametrize(
    ("text", "expected"),
    (
        ("2026-03-04", "2026-03-04"),
        ("2026-03-04T05:06:07Z", "2026-03-04T05:06:07Z"),
        ("2026-03-04T05:06:07-05:00", "2026-03-04T10:06:07Z"),
        ("Wed, 4 Mar 2026 05:06:07 GMT", "2026-03-04T05:06:07Z"),
        ("2026-13-04T05:06:07Z", None),
        ("2026-02-30T05:06:07Z", None),
        ("0000-00-00", None),
        ("soon", None),
        ("Wed, 99 Foo", None),
        ("", None),
        (None, None),
    ),
)
def test_dates_are_parsed(text: str | None, expected: str | None) -> None:
    assert day_or_moment(text) == expected


@pytest.mark.parametrize(
    ("category", "name"),
    (
        ("cs.AI", "cs:cs:AI"),
        ("cs", "cs"),
        ("q-bio.GN", "q-bio:q-bio:GN"),
        ("hep-th", "physics:hep-th"),
        ("astro-ph.CO", "physics:astro-ph:CO"),
        ("physics.optics", "physics:physics:optics"),
    ),
)
def test_categories_map_to_sets(category: str, name: str) -> None:
    assert oai_set(category) == name


def test_an_archive_has_its_categories_and_no_others() -> None:
    assert belongs(("cs.AI", "stat.ML"), "stat.ML")
    assert belongs(("cs.AI",), "cs")
    assert not belongs(("cs.AI",), "c")
    assert not belongs(("math-ph",), "math")


def test_characters_that_storage_refuses_are_removed() -> None:
    assert clean(" a\x7fb ") == "ab"
    assert clean(None) == ""
