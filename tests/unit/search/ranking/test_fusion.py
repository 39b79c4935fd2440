import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.ranking.fusion import MEANING, PAIRS, TITLE, fuse, reordered, sharpened

rankings = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0.01, 50), max_size=8).map(
    lambda scores: sorted(scores.items(), key=lambda row: -row[1])
)


def test_a_score_is_the_weighted_share_of_the_best() -> None:
    fused = dict(fuse([("a", 0.8), ("b", 0.4)], [("b", 12.0), ("a", 6.0)]))
    assert fused["a"] == pytest.approx(MEANING + (1 - MEANING) / 2)
    assert fused["b"] == pytest.approx(MEANING / 2 + 1 - MEANING)


def test_a_paper_missing_from_one_ranking_counts_little_there() -> None:
    fused = dict(fuse([("a", 0.8), ("b", 0.4)], [("c", 12.0)]))
    assert fused["c"] == pytest.approx(MEANING * 0.9 * 0.5 + 1 - MEANING)
    assert fused["b"] == pytest.approx(MEANING * 0.5)


def test_one_ranking_alone_keeps_its_order() -> None:
    assert fuse([("a", 0.8), ("b", 0.4)], []) == [("a", 1.0), ("b", 0.5)]
    assert fuse([], [("b", 4.0), ("a", 1.0)]) == [("b", 1.0), ("a", 0.25)]
    assert fuse([("a", -0.1), ("b", -0.2)], []) == [("a", -0.1), ("b", -0.2)]
    assert fuse([], []) == []


@given(rankings, rankings)
def test_every_paper_is_listed_once_and_the_best_first(
    dense: list[tuple[str, float]], sparse: list[tuple[str, float]]
) -> None:
    fused = fuse(dense, sparse)
    assert sorted(point for point, _ in fused) == sorted({point for point, _ in [*dense, *sparse]})
    assert fused == sorted(fused, key=lambda row: (-row[1], row[0]))
    assert all(0 <= score <= 1 for _, score in fused)


def test_titles_and_pairs_of_words_add_to_a_score() -> None:
    order = [("a", 0.9), ("b", 0.8), ("c", 0.5)]
    whole = 1 + TITLE + PAIRS
    sharper = dict(sharpened(order, [("b", 0.6), ("a", 0.3)], {"b": 1.0}))
    assert sharper == {
        "a": pytest.approx((0.9 + TITLE / 2) / whole, abs=1e-6),
        "b": pytest.approx((0.8 + TITLE + PAIRS) / whole, abs=1e-6),
        "c": pytest.approx((0.5 + TITLE * 0.9 / 2) / whole, abs=1e-6),
    }


def test_a_title_without_a_vector_counts_as_a_little_below_the_last() -> None:
    sharper = dict(sharpened([("a", 0.9), ("b", 0.8)], [("a", 0.4)], {"b": 0.5}))
    assert sharper["b"] == pytest.approx((0.8 + TITLE * 0.9 + PAIRS / 2) / (1 + TITLE + PAIRS), abs=1e-6)
    assert dict(sharpened([("a", 0.6)], (), {}))["a"] == pytest.approx(0.6 / (1 + TITLE + PAIRS), abs=1e-6)


def test_scores_do_not_drop_where_the_second_look_ends() -> None:
    """A paper that was not compared is behind the last one that was by no more than before it, and a little."""
    order = [("a", 0.9), ("b", 0.8), ("c", 0.8)]
    (_, best), (_, last), (_, first_beyond) = sharpened(order, [("a", 0.6), ("b", 0.6)], {})
    assert best > last > first_beyond > last - TITLE * 0.11


@given(rankings, rankings, st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0.01, 1)))
def test_a_second_look_loses_and_adds_no_paper(
    first: list[tuple[str, float]], titles: list[tuple[str, float]], pairs: dict[str, float]
) -> None:
    fused = fuse(first, [])
    sharper = sharpened(fused, titles, pairs)
    assert sorted(point for point, _ in sharper) == sorted(point for point, _ in fused)
    assert all(0 <= score <= 1 for _, score in sharper)


def test_papers_that_were_read_again_change_places_and_take_over_scores() -> None:
    order = [("a", 0.9), ("b", 0.8), ("c", 0.7), ("d", 0.6)]
    assert reordered(order, {"a": -4.0, "c": 9.0, "b": 1.5}) == [("c", 0.9), ("b", 0.8), ("a", 0.7), ("d", 0.6)]
    assert reordered(order, {"d": 2.0, "b": 1.0}) == [("a", 0.9), ("d", 0.8), ("c", 0.7), ("b", 0.6)]
    assert reordered(order, {}) == order
