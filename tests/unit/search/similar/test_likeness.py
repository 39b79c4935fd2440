"""The sum of likenesses, and what a list of papers asks for."""

import numpy as np
import pytest

from services.search.similar.likeness import (
    MAX_TERMS,
    TERMS,
    TITLE,
    Scores,
    by_words,
    close_enough,
    target,
    together,
    wanted_terms,
)
from shared.embedding.vectors import SparseVector

ALL = 1 + TERMS + TITLE


def test_the_parts_are_weighed_and_a_paper_is_one_to_itself() -> None:
    scores = Scores({"self": 1.0, "x": 0.5}, {"self": 20.0, "x": 5.0}, 20.0, {"self": 1.0, "x": 0.4})
    assert together(scores) == [("self", 1.0), ("x", pytest.approx((0.5 + TERMS * 0.25 + TITLE * 0.4) / ALL, abs=1e-6))]


def test_words_and_titles_change_the_order_of_the_whole() -> None:
    whole = {"a": 0.60, "b": 0.59, "c": 0.58}
    assert [point for point, _ in together(Scores(whole, {"c": 9.0}, 10.0, {"b": 0.9}))] == ["c", "b", "a"]


def test_a_title_without_a_vector_counts_by_the_whole() -> None:
    found = dict(together(Scores({"old": 0.6, "new": 0.6}, {}, 10.0, {"new": 0.5})))
    assert found == {"old": pytest.approx((0.6 + TITLE * 0.6) / ALL), "new": pytest.approx((0.6 + TITLE * 0.5) / ALL)}


def test_without_words_and_title_the_whole_is_left() -> None:
    assert together(Scores({"a": 0.4, "b": 0.6}, {"a": 3.0}, 0.0, None)) == [("b", 0.6), ("a", 0.4)]


def test_no_paper_is_more_like_by_words_than_those_that_ask() -> None:
    assert by_words({"a": 30.0, "b": 5.0}, 10.0) == {"a": 1.0, "b": 0.5}


def test_a_target_is_the_mean_and_away_from_what_is_refused() -> None:
    one, other, no = (np.asarray(row, np.float32) for row in ([1, 0], [0, 1], [0, 0.5]))
    assert target([], [no]) is None
    assert np.array_equal(target([one, other], []), [0.5, 0.5])  # type: ignore[arg-type]
    assert np.array_equal(target([one, other], [no]), [1.0, 0.5])  # type: ignore[arg-type]


def test_words_of_refused_papers_are_left_out_and_the_heaviest_come_first() -> None:
    near = [SparseVector([1, 2], [1.0, 2.0]), SparseVector([2, 3], [1.0, 1.0])]
    assert wanted_terms(near, []) == SparseVector([2, 1, 3], [1.5, 0.5, 0.5])
    assert wanted_terms(near, [SparseVector([1, 2], [1.5, 1.0])]) == SparseVector([2, 3], [2.0, 1.0])
    assert wanted_terms([], []) == SparseVector([], [])
    many = SparseVector(list(range(MAX_TERMS + 1)), [1.0] * (MAX_TERMS + 1))
    assert len(wanted_terms([many], []).indices) == MAX_TERMS


def test_the_most_like_is_close_enough_whatever_its_score() -> None:
    """Two papers of no common subject have a cosine below 0."""
    assert close_enough([("a", 0.5), ("b", 0.3), ("c", 0.29)]) == {"a": 0.5, "b": 0.3}
    assert close_enough([("a", -0.1), ("b", -0.2)]) == {"a": -0.1}
    assert close_enough([]) == {}
