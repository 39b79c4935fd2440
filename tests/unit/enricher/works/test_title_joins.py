"""Joins by title and first author alone: what they join, and what they never do."""

from itertools import permutations

import pytest

from shared.papers.events import Item
from tests.support import item
from tests.unit.enricher.works.local_enricher import LocalEnricher

TITLE = "A census of tin boats on small lakes"
JOURNAL, OTHER_JOURNAL, PREPRINT = "doi:10.99990/boat.1", "doi:10.99991/lake.2", "doi:10.1101/2026.01.05.900001"
ARXIV = "arXiv:2601.00001"


def seen(name: str, *authors: str, title: str = TITLE) -> Item:
    return item(source="file", id=name, title=title, authors=authors)


def works(*items: Item) -> int:
    enricher = LocalEnricher()
    enricher.see(*items, *items)
    return len(enricher.works)


def test_two_journals_are_two_works_and_a_preprint_joins_one_of_them() -> None:
    people = ("Ada Sample", "Ben Probe")
    for names in permutations((JOURNAL, OTHER_JOURNAL)):
        assert works(*(seen(name, *people) for name in names)) == 2
    for names in permutations((JOURNAL, PREPRINT)):
        assert works(*(seen(name, *people) for name in names)) == 1
    for names in permutations((JOURNAL, ARXIV)):
        assert works(*(seen(name, *people) for name in names)) == 1
    for names in permutations((JOURNAL, PREPRINT, OTHER_JOURNAL)):
        assert works(*(seen(name, *people) for name in names)) == 2


def test_a_preprint_that_joined_a_journal_joins_no_second_one() -> None:
    enricher = LocalEnricher()
    enricher.see(seen(ARXIV, "Ada Sample"), seen(JOURNAL, "Ada Sample"), seen(OTHER_JOURNAL, "Ada Sample"))
    assert enricher.named([JOURNAL, OTHER_JOURNAL]) == {JOURNAL: ARXIV, OTHER_JOURNAL: OTHER_JOURNAL}
    enricher.see(seen(OTHER_JOURNAL, "Ada Sample"))
    assert len(enricher.works) == 2


@pytest.mark.parametrize(
    "title",
    [
        "Issue Information",
        "Guest Editorial: Special Issue on Tin Boats",
        "Turbulence",
        "Vorwort",
        "编者按",
        "編集後記",
        "Рецензии",
    ],
)
def test_a_rubric_and_a_title_of_one_word_join_nothing(title: str) -> None:
    assert works(*(seen(f"p:{number}", "Ada Sample", title=title) for number in range(3))) == 3
    assert works(*(seen(f"p:{number}", title=title) for number in range(3))) == 3


@pytest.mark.parametrize("title", ["图像分割综述", "画像分割の研究", "영상 분할 연구"])
def test_a_short_eastern_title_joins_where_the_authors_agree(title: str) -> None:
    assert works(seen("p:1", "王 伟", title=title), seen("p:2", "王伟", title=title)) == 1
    assert works(seen("p:1", "王伟", title=title), seen("p:2", "李娜", title=title)) == 2
    assert works(seen("p:1", title=title), seen("p:2", title=title)) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Łukasz Sample", "Lukasz Sample"),
        ("Kim Møller", "K. Moller"),
        ("Zhang Wei", "Wei Zhang"),
        ("Ada Sample Jr.", "Sample, Ada"),
        ("Ada Sample, Jr.", "A. Sample"),
        ("Jan van der Berg", "Berg, J. van der"),
        ("van der Berg, Jan", "J. van der Berg"),
        ("Ada Q. Sample", "Sample, A."),
        ("Jean-Pierre Lepont", "J.-P. Lepont"),
        ("Jürgen Muster", "Juergen Muster"),
        ("Seán O'Neill", "S. O’Neill"),
        ("王伟", "伟 王"),
        ("The Kite Collaboration", "Kite Collaboration"),
    ],
)
def test_spellings_of_one_author_join(one: str, other: str) -> None:
    assert works(seen("p:1", one, "Zoe Last"), seen("p:2", other, "Zoe Last")) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wei Wang", "Wen Wang"),
        ("Ada Sample", "Ben Sample"),
        ("Ada Sample", "Ada Probe"),
        ("Ada Q. Sample", "Ada R. Sample"),
    ],
)
def test_two_authors_do_not_join(one: str, other: str) -> None:
    assert works(seen("p:1", one), seen("p:2", other)) == 2


@pytest.mark.parametrize(
    "title", ["Ice of H₂O on small moons", "Ice of H$_2$O on small moons", "Ice of H<sub>2</sub>O on small moons"]
)
def test_indices_do_not_prevent_a_join(title: str) -> None:
    plain = seen("p:1", "Ada Sample", title="Ice of H2O on small moons")
    assert works(plain, seen("p:2", "Ada Sample", title=title)) == 1


def test_a_retracted_paper_is_the_paper_and_a_notice_is_none() -> None:
    assert works(seen("p:1", "Ada Sample"), seen("p:2", "Ada Sample", title=f"RETRACTED: {TITLE}")) == 1
    assert works(seen(JOURNAL, "Ada Sample"), seen(OTHER_JOURNAL, "Ada Sample", title=f"Retraction note: {TITLE}")) == 2
    assert works(seen("p:1", "Ada Sample"), seen("p:2", "Ada Sample", title=f"Expression of concern: {TITLE}")) == 2
