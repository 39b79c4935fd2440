"""The gist: the claim of the sentence that says what a paper does."""

import pytest

from services.enricher.text.gist import MAX_GIST, gist

TITLE = "Folding paper cranes with a robot arm"
BEFORE = "Paper cranes have been folded by hand for centuries. However, robots find it hard to do so."


@pytest.mark.parametrize(
    ("abstract", "claim"),
    (
        (f"{BEFORE} We propose an arm that folds them from videos. It works in nine of ten trials.",
         "An arm that folds them from videos."),
        (f"{BEFORE} In this paper, an arm that folds paper cranes is presented. We show that it works well.",
         "An arm that folds paper cranes is presented."),
        (f"{BEFORE} This study examines how arms fold things.", "Examines how arms fold things."),
        ("We use videos of many people at work. We introduce a robot arm that folds cranes of paper.",
         "A robot arm that folds cranes of paper."),
        ("We introduce a robot arm that folds cranes. We also introduce paper cranes for a robot arm to be folded.",
         "A robot arm that folds cranes."),
        ("We release code at https://github.com/ada/cranes today. Our arm folds cranes in two minutes.",
         "Our arm folds cranes in two minutes."),
        ("Herring gulls migrate in autumn each year. Folding paper cranes with one robot arm takes a minute.",
         "Folding paper cranes with one robot arm takes a minute."),
        ("Cranes fold their wings by day and by night. Nothing else is known of them so far.",
         "Cranes fold their wings by day and by night."),
        ("We use videos of many people. We find that arms with two fingers tear the paper.",
         "Arms with two fingers tear the paper."),
    ),
)  # fmt: skip
def test_the_gist_is_the_claim_that_describes_the_paper_best(abstract: str, claim: str) -> None:
    assert gist(TITLE, abstract) == claim


def test_the_name_before_the_colon_of_a_title_marks_the_sentence() -> None:
    abstract = "Cranes are folded by hand in many countries. CraneNet, a small network, folds them in a minute each."
    assert gist("CraneNet: Folding Cranes", abstract) == "CraneNet, a small network, folds them in a minute each."


def test_a_sentence_about_what_was_said_before_is_not_the_gist() -> None:
    abstract = "Robot arms fold paper cranes from videos. We show that these tear the paper of one crane in ten."
    assert gist(TITLE, abstract) == "Robot arms fold paper cranes from videos."


@pytest.mark.parametrize(
    "abstract", ("", "Cranes.", "We fold them.", "We propose " + "very " * MAX_GIST + "long cranes.")
)
def test_an_abstract_without_a_fit_sentence_has_no_gist(abstract: str) -> None:
    assert gist(TITLE, abstract) is None
