"""What alerts and feeds say of a paper: its gist, its people, its counters."""

import pytest

from shared.papers.lead import counters, gist_line, lead, people, shown_name

TLDR = {"text": "Robots fold.", "source": "semantic-scholar"}
ABSTRACT = {"abstract": "We fold cranes. We follow J. Doe in this."}


@pytest.mark.parametrize(
    ("paper", "said"),
    (
        (ABSTRACT | {"gist": "Folds cranes.", "tldr": TLDR}, "TLDR by Semantic Scholar: Robots fold."),
        (ABSTRACT | {"gist": "Folds \n cranes."}, "Folds cranes."),
        (ABSTRACT | {"gist": None}, "We fold cranes."),
        ({}, ""),
    ),
)
def test_a_paper_says_its_summary_or_its_gist_or_the_first_sentences_of_its_abstract(
    paper: dict[str, object], said: str
) -> None:
    assert lead(paper, 30) == said
    assert gist_line(paper) == ("" if said == "We fold cranes." else said)


@pytest.mark.parametrize(
    ("name", "shown"),
    (
        ("Jane Doe,", "Jane Doe"), ("J. Doe ;", "J. Doe"), ("Jane Doe.", "Jane Doe"), ("Jane Doe Jr.", "Jane Doe Jr."),
        ("Doe, J.", "Doe, J."), ("*Ada†", "Ada"), (" · ", ""), ("John  Q. ", "John Q."),
        ("Jane Doe, Ph.D.", "Jane Doe, Ph.D."),
    ),
)  # fmt: skip
def test_a_name_loses_the_punctuation_around_it(name: str, shown: str) -> None:
    assert shown_name(name) == shown


def test_people_are_a_list_in_words() -> None:
    assert people([], 3) == ""
    assert people(["A,"], 3) == "A"
    assert people(["A", ",", "B"], 3) == "A and B"
    assert people(["A", "B", "C"], 3) == "A, B and C"
    assert people([f"A{n}" for n in range(12)], 5) == "A0, A1, A2, A3, A4 and 7 more"


def test_counters_above_zero_are_said_with_their_nouns() -> None:
    signals = {"upvotes": 1_234, "citations": 1, "stars": None, "comments": 0}
    assert counters({"signals": signals}) == "1,234 upvotes, 1 citation"
    assert counters({}) == ""
