"""Whether a paper was withdrawn, by its title, abstract and comment."""

import tomllib
from pathlib import Path

import pytest

from shared.papers.titles import without_mark
from shared.papers.withdrawal import says_withdrawn

TABLE = tomllib.loads(Path(__file__).with_name("withdrawal_sentences.toml").read_text("utf-8"))
PLACES = {"comments": "comment", "abstracts": "abstract", "titles": "title"}


@pytest.mark.parametrize(("side", "withdrawn"), [("withdrawn", True), ("not_withdrawn", False)])
def test_statements_of_a_withdrawal_are_told_from_other_sentences(side: str, *, withdrawn: bool) -> None:
    sentences = [(PLACES[kind], text) for kind, texts in TABLE[side].items() for text in texts]
    wrong = [text for place, text in sentences if says_withdrawn(**{place: text}) != withdrawn]
    assert len(sentences) > 70
    assert wrong == []


def test_a_comment_that_says_nothing_of_it_leaves_a_paper_as_it_is() -> None:
    assert not says_withdrawn()
    assert not says_withdrawn("Kites", "We fly kites.", "3 pages")


def test_a_notice_says_it_of_another_paper() -> None:
    assert not says_withdrawn("Retraction note: Deep folding", "The Editors have retracted this article.")
    assert says_withdrawn("Deep folding", "The Editors have retracted this article.")


@pytest.mark.parametrize(
    ("title", "rest"),
    [
        ("RETRACTED: Deep folding", "Deep folding"),
        ("[Withdrawn] Deep folding", "Deep folding"),
        ("RETRACTED Deep folding", "Deep folding"),
        ("Deep folding (Retracted article. See p. 3)", "Deep folding"),
        ("Retracted limbs", "Retracted limbs"),
        ("RETRACTED:", "RETRACTED:"),
    ],
)
def test_the_mark_of_a_withdrawn_paper_is_no_part_of_its_title(title: str, rest: str) -> None:
    assert without_mark(title) == rest
