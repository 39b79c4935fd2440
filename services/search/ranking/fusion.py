"""Fuses two rankings, by meaning and by words, into one."""

from collections.abc import Sequence

Ranking = Sequence[tuple[str, float]]  # point and score, the best first

MEANING = 0.6
"""The weight of meaning; words have the rest. docs/adr/0018 has the measurements."""
_UNLISTED = 0.9


def fuse(dense: Ranking, sparse: Ranking) -> list[tuple[str, float]]:
    """Add up each paper's share of the best score in both rankings; 1 is the best in both. Ties go by point.

    Bruch, Gai and Ingber, An Analysis of Fusion Functions for Hybrid Retrieval, 2023: scores with their natural zero
    carry more than ranks do. A paper too far down to be listed by meaning counts as a little below the last one that
    is, and one that is not listed by words as having none of them.
    """
    by_meaning, by_words = _shares(dense), _shares(sparse)
    if not by_meaning or not by_words:
        return ordered(by_meaning or by_words)
    below = _UNLISTED * min(by_meaning.values())
    return ordered(
        {
            point: MEANING * by_meaning.get(point, below) + (1 - MEANING) * by_words.get(point, 0.0)
            for point in by_meaning | by_words
        }
    )


def ordered(scores: dict[str, float]) -> list[tuple[str, float]]:
    """Sort by score and, where scores are equal, by point, so that an order does not change by being asked for."""
    rows = sorted((-round(score, 6), point) for point, score in scores.items())
    return [(point, -score) for score, point in rows]


def _shares(ranking: Ranking) -> dict[str, float]:
    best = max((score for _, score in ranking), default=0.0)
    return {point: score / best if best > 0 else score for point, score in ranking}
