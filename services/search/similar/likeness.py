"""How like a paper is to others: by its text as a whole, by its words and by its title. Pure.

The score is `whole + TERMS · terms + TITLE · title`, divided by the sum of the weights, so that a paper is 1 to itself.
`whole` and `title` are cosines. `terms` is the BM25 score of the paper for all words of those that ask, weighed as in
their own text, divided by what they score themselves; as idf counts once, Qdrant computes it as a query. docs/adr/0073
has the measurements, and those of the exact cosine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.search.ranking.fusion import Ranking, ordered
from shared.embedding.vectors import SparseVector

TERMS: Final = 0.7
"""The weight of the words."""
TITLE: Final = 0.3
"""The weight of the titles."""
FLOOR: Final = 0.6
"""The share of the best score below which a paper is not like enough for another order than that.

On public test sets it keeps 108 to 184 of 200 papers, and 76 to 95% of the relevant ones among them.
"""
MAX_TERMS: Final = 200
"""Words of those that ask: the heaviest."""
_LEAST: Final = 1e-6
Dense = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of candidates by each part; `own` is what those that ask score by words, on average.

    `title` is None where those that ask have no title that is compared.
    """

    whole: Mapping[str, float]
    terms: Mapping[str, float]
    own: float
    title: Mapping[str, float] | None


def together(scores: Scores) -> Ranking:
    """Return the sum of each candidate in `whole`, the most like first.

    A candidate without one of the words has 0 by words. One whose title has no vector yet counts by the whole instead.
    """
    words = by_words(scores.terms, scores.own)
    by_terms = TERMS if scores.own > _LEAST else 0.0
    by_title = 0.0 if scores.title is None else TITLE
    titles = scores.title or {}
    total = 1 + by_terms + by_title
    rows: dict[str, float] = {}
    for point, whole in scores.whole.items():
        rows[point] = (whole + by_terms * words.get(point, 0.0) + by_title * titles.get(point, whole)) / total
    return ordered(rows)


def close_enough(order: Ranking) -> dict[str, float]:
    """Return the scores of the papers that are like enough for another order; the best one always is."""
    best = order[0][1] if order else 0.0
    return {point: score for point, score in order if score >= min(best, FLOOR * best)}


def by_words(terms: Mapping[str, float], own: float) -> dict[str, float]:
    """Return the likeness of papers by their words, at most 1; none if those that ask have no words."""
    return {point: min(score / own, 1.0) for point, score in terms.items()} if own > _LEAST else {}


def target(near: Sequence[Dense], away: Sequence[Dense]) -> Dense | None:
    """Return the mean of some vectors, shape (size,), moved away from the mean of others; None without one to be near.

    It is the average vector of Qdrant's recommendations: twice the one mean less the other.
    """
    if not near:
        return None
    mean = np.mean(near, axis=0)
    return np.asarray(2 * mean - np.mean(away, axis=0) if away else mean, np.float32)


def wanted_terms(near: Sequence[SparseVector], away: Sequence[SparseVector]) -> SparseVector:
    """Return the same for words, without those that weigh nothing then."""
    weights: dict[int, float] = {}
    for vectors, sign in ((near, 2.0 if away else 1.0), (away, -1.0)):
        for vector in vectors:
            for term, value in zip(vector.indices, vector.values, strict=True):
                weights[term] = weights.get(term, 0.0) + sign * value / len(vectors)
    heaviest = sorted((-weight, term) for term, weight in weights.items() if weight > 0)[:MAX_TERMS]
    return SparseVector([term for _, term in heaviest], [-weight for weight, _ in heaviest])
