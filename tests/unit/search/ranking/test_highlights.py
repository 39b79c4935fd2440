import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.ranking.highlights import MAX_SENTENCE, Highlighter


def words(highlight: dict[str, object]) -> list[str]:
    text = str(highlight["text"])
    return [text[start:end] for start, end in highlight["marks"]]  # type: ignore[attr-defined]


def test_the_sentence_with_the_most_words_is_shown() -> None:
    abstract = "Attention is costly. Our sparse attention reads long documents. Sparse is nice."
    (found,) = Highlighter("sparse attention for documents").highlights("Reading", abstract)
    assert found["text"] == "Our sparse attention reads long documents."
    assert words(found) == ["sparse", "attention", "documents"]


def test_words_are_compared_by_stem() -> None:
    title = "Studies of hoping, hope and hoped: a STUDY, not studious"
    (found,) = Highlighter("study hope").highlights(title, "")
    assert words(found) == ["Studies", "hoping", "hope", "hoped", "STUDY"]


@pytest.mark.parametrize(
    "word", ["capabilities", "probability", "feasibility", "stability", "mobility", "lying", "tying", "dying", "skies"]
)
def test_words_are_marked_whose_stem_is_not_their_beginning(word: str) -> None:
    (found,) = Highlighter(word).highlights(f"Of {word} and paper", "")
    assert words(found) == [word]


def test_a_capital_i_with_a_dot_hides_no_other_word() -> None:
    (found,) = Highlighter("İstanbul graph").highlights("Graphs of İstanbul", "")
    assert words(found) == ["Graphs", "İstanbul"]


def test_stopwords_and_beginnings_of_words_are_not_marked() -> None:
    assert Highlighter("the art of").highlights("The artist of the party", "") == []


def test_a_text_without_the_words_has_no_highlight() -> None:
    assert Highlighter("quantum").highlights("Cranes", "A robot folds.") == []
    assert Highlighter("").highlights("Cranes", "A robot folds.") == []
    assert Highlighter("!? …").highlights("Cranes", "A robot folds.") == []


def test_a_sentence_that_does_not_end_is_cut_around_its_words() -> None:
    abstract = "word " * 200 + "needle " + "word " * 200
    (found,) = Highlighter("needle").highlights("", abstract)
    assert words(found) == ["needle"]
    assert len(found["text"]) <= MAX_SENTENCE


def test_a_word_is_shown_where_no_space_is_near() -> None:
    for abstract in ("…" * 900 + "needle", "a " + "…" * 900 + "needle" + "…" * 900, "…" * 316 + "needle " + "b " * 90):
        (found,) = Highlighter("needle").highlights("", abstract)
        assert words(found) == ["needle"]
        assert len(found["text"]) <= MAX_SENTENCE


@given(st.text(), st.text(), st.text())
def test_highlights_lie_within_their_text(query: str, title: str, abstract: str) -> None:
    for highlight in Highlighter(f"{query} {title[:9]} {abstract[:9]}").highlights(title, abstract):
        assert str(highlight["text"]) in (title if highlight["field"] == "title" else abstract)
        ends = [edge for mark in highlight["marks"] for edge in mark]
        assert ends == sorted(ends)
        assert all(0 <= edge <= len(highlight["text"]) for edge in ends)


def test_a_query_of_a_thousand_characters_is_fast() -> None:
    highlighter = Highlighter("a1 " * 330)
    started = time.thread_time()
    highlighter.highlights("a1" * 5_000, "a1 b. " * 50_000)
    assert time.thread_time() - started < 2
