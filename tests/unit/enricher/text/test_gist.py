"""The gist: the sentence that says what a paper does."""

import pytest

from services.enricher.text.summary import MAX_GIST, gist, sentences

TITLE = "Folding paper cranes with a robot arm"
BEFORE = "Paper cranes have been folded by hand for centuries. However, robots find it hard to do so."


@pytest.mark.parametrize(
    ("abstract", "sentence"),
    (
        (f"{BEFORE} We propose an arm that folds them from videos. It works in nine of ten trials.",
         "We propose an arm that folds them from videos."),
        (f"{BEFORE} In this paper, an arm that folds paper cranes is presented. We show that it works well.",
         "In this paper, an arm that folds paper cranes is presented."),
        (f"{BEFORE} This study examines how arms fold things.", "This study examines how arms fold things."),
        ("We use videos of many people at work. We introduce a robot arm that folds cranes of paper.",
         "We introduce a robot arm that folds cranes of paper."),
        ("We introduce a robot arm that folds cranes. We also introduce paper cranes for a robot arm to be folded.",
         "We introduce a robot arm that folds cranes."),
        ("We release code at https://github.com/ada/cranes today. Our arm folds cranes in two minutes.",
         "Our arm folds cranes in two minutes."),
        ("Herring gulls migrate in autumn each year. Folding paper cranes with one robot arm takes a minute.",
         "Folding paper cranes with one robot arm takes a minute."),
        ("Cranes fold their wings by day and by night. Nothing else is known of them so far.",
         "Cranes fold their wings by day and by night."),
    ),
)  # fmt: skip
def test_the_gist_is_the_sentence_that_describes_the_paper_best(abstract: str, sentence: str) -> None:
    assert gist(TITLE, abstract) == sentence
    assert sentence in abstract


@pytest.mark.parametrize(
    "abstract", ("", "Cranes.", "We fold them.", "We propose " + "very " * MAX_GIST + "long cranes.")
)
def test_an_abstract_without_a_fit_sentence_has_no_gist(abstract: str) -> None:
    assert gist(TITLE, abstract) is None


@pytest.mark.parametrize(
    ("text", "parts"),
    (
        ("One is here. Two is there! Is three? Yes.", ["One is here.", "Two is there!", "Is three?", "Yes."]),
        ("Fold et al. We, e.g. Ada, cf. Fig. 2, on it.", ["Fold et al. We, e.g. Ada, cf. Fig. 2, on it."]),
        ("They say “so.” We do not. 3 of 4 agree.", ["They say “so.”", "We do not.", "3 of 4 agree."]),
        ("It takes 1.5 s with v2.0 of it.", ["It takes 1.5 s with v2.0 of it."]),
        ("", []),
    ),
)  # fmt: skip
def test_a_text_is_split_into_sentences(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts
