"""Sentences, and the beginning of a text: both end where a sentence ends."""

import pytest

from shared.text.sentence_ends import beginning, sentences, shortened


@pytest.mark.parametrize(
    ("text", "parts"),
    (
        ("One is here. Two is there! Is three? Yes.", ["One is here.", "Two is there!", "Is three?", "Yes."]),
        ("Fold et al. We, e.g. Ada, cf. Fig. 2, on it.", ["Fold et al. We, e.g. Ada, cf. Fig. 2, on it."]),
        ("They say “so.” We do not. 3 of 4 agree.", ["They say “so.”", "We do not.", "3 of 4 agree."]),
        ("It takes 1.5 s with v2.0 of it.", ["It takes 1.5 s with v2.0 of it."]),
        ("By A. B. Crane. See vitamin C. We fold.", ["By A. B. Crane.", "See vitamin C.", "We fold."]),
        ("", []),
    ),
)  # fmt: skip
def test_a_text_is_split_into_sentences(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


@pytest.mark.parametrize(
    ("text", "shown"),
    (
        ("We fold cranes. It works.", "We fold cranes. It works."),
        ("We follow A. B. Roe and J. Doe here. The rest of it is left out.", "We follow A. B. Roe and J. Doe here."),
        ("We  follow\nFold et al. Fig. 3 has more on it.", "We follow Fold et al. Fig. 3 has more…"),
        ("x" * 60, "x" * 39 + "…"),
    ),
)
def test_the_beginning_of_a_text_ends_after_a_sentence_or_a_word(text: str, shown: str) -> None:
    assert beginning(text, 40) == shown


def test_a_text_is_shortened_between_words() -> None:
    assert shortened("Folding paper, cranes", 16) == "Folding paper…"
    assert shortened(" as  it is ", 16) == "as it is"
