"""Fuses two rankings, by meaning and by words, into one."""

from collections.abc import Mapping, Sequence

Ranking = Sequence[tuple[str, float]]  # point and score, the best first

MEANING = 0.6
"""The weight of meaning; words have the rest. docs/adr/0018 has the measurements."""
TITLE = 0.2
"""The weight of a title's closeness, beside 1 for meaning and words. docs/adr/0077 has the measurements."""
PAIRS = 0.05
"""The weight of pairs of neighbouring words."""
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


def sharpened(order: Ranking, titles: Ranking, pairs: Mapping[str, float]) -> list[tuple[str, float]]:
    """Add to fused scores how close titles or endings are to a query, and the share of its pairs of words in papers.

    A paper without a score for its title counts as a little below the last one that has. The best possible stays 1.
    """
    by_title = _shares(titles)
    below = _UNLISTED * min(by_title.values(), default=0.0)
    looked_at = by_title.keys() | pairs.keys()
    added = {point: TITLE * max(by_title.get(point, below), 0.0) + PAIRS * pairs.get(point, 0.0) for point in looked_at}
    return ordered({point: (score + added.get(point, 0.0)) / (1 + TITLE + PAIRS) for point, score in order})


def reordered(order: Ranking, scores: Mapping[str, float]) -> Ranking:
    """Put the papers that have scores of another scale in their order, in the places that they have together.

    They take over the scores of their new places, so that the scores of a ranking still fall.
    """
    places = [number for number, (point, _) in enumerate(order) if point in scores]
    moved = sorted((order[number] for number in places), key=lambda row: -scores[row[0]])
    result = list(order)
    for number, (point, _) in zip(places, moved, strict=True):
        result[number] = (point, order[number][1])
    return result


def ordered(scores: dict[str, float]) -> list[tuple[str, float]]:
    """Sort by score and, where scores are equal, by point, so that an order does not change by being asked for."""
    rows = sorted((-round(score, 6), point) for point, score in scores.items())
    return [(point, -score) for score, point in rows]


def _shares(ranking: Ranking) -> dict[str, float]:
    best = max((score for _, score in ranking), default=0.0)
    return {point: score / best if best > 0 else score for point, score in ranking}
