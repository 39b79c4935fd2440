"""Keywords by RAKE, on texts small enough to calculate by hand."""

from services.enricher.text.summary import MAX_WORDS, keywords


def test_longer_phrases_win_and_the_title_counts_twice() -> None:
    # Title twice: (paper is common) crane folding ×2; abstract: robot arm, crane folding, videos.
    # degree/frequency: crane 2, folding 2, robot 2, arm 2, videos 1; counts: 3, 1, 1.
    # Scores: crane folding 4 × (1+3)/2 = 8, robot arm 4, videos 1.
    assert keywords("Crane folding", "A robot arm does crane folding from videos.") == (
        "crane folding",
        "robot arm",
        "videos",
    )


def test_stopwords_and_common_words_separate_phrases() -> None:
    assert keywords("", "We propose a novel method for the origami of paper.") == ("origami",)


def test_punctuation_separates_phrases() -> None:
    assert set(keywords("", "wet folding, dry folding; kirigami/modular")) == {
        "wet folding",
        "dry folding",
        "kirigami",
        "modular",
    }


def test_the_parts_of_an_address_are_no_keywords() -> None:
    text = "Crane folding (code at https://github.com/cranes/folder), wet folding: www.cranes.example, github.com/a/b."
    assert set(keywords("", text)) == {"crane folding", "code", "wet folding"}


def test_phrases_of_more_than_three_words_are_left_out() -> None:
    assert keywords("", "very heavy duty crane paper") == ("heavy duty crane",)
    assert keywords("", "one heavy steel duty crane") == ()
    assert MAX_WORDS == 3


def test_numbers_and_single_letters_are_no_keywords() -> None:
    assert keywords("On the 1st x 2024", "5 and 3d.") == ()


def test_the_number_of_keywords_is_bounded() -> None:
    text = ". ".join(f"crane{letter}" for letter in "abcdefghijkl")
    assert len(keywords("", text)) == 8
    assert keywords("", text, max_count=2) == ("cranea", "craneb")


def test_an_empty_text_has_no_keywords() -> None:
    assert keywords("", "") == ()
    assert keywords("中文", "…") == ("中文",)
