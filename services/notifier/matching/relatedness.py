"""The score of a paper for a subscription: its meaning by the cosine, and the words of the sentence that it has. Pure.

    score = (cosine + W · share) / (1 + W)

`share` is the share of the sentence's words that occur in title or abstract, each weighted by its rarity; W is
`WORDS_WEIGHT`. Both parts and the score are at most 1. A subscription without a sentence has its cosine as score.
"""

import math
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Final

from services.notifier.matching.rarity import rarity
from shared.embedding.vectors import terms_by_id, typed_words

DIGITS: Final = 6
"""Decimals of a score. Scores are float32 sums, exact to about seven, and are compared as they are reported."""
WORDS_WEIGHT: Final = 0.5
"""W. From 0.3 to 0.8 the precision of alerts is nearly the same."""
FLOOR: Final = 0.2
"""The cosine below which words count nothing: a paper of another field may share them. It bounds what is compared."""
MANY: Final = 0.5
"""The share of words above which a subscription is found by its words, whatever its cosine."""
MAX_WORDS: Final = 64
"""The words of a sentence that are compared: the rarest."""
MAX_TOLD: Final = 8
"""The words that an explanation lists."""
SCORING: Final = 2
"""The version of the score, which the points of subscriptions state; the first was the cosine alone."""


@lru_cache(maxsize=65_536)
def weights(sentence: str | None) -> Mapping[int, float]:
    """Return the weights of the terms of a sentence, by their ids; their sum is 1. Without a term it is empty."""
    rarities = {term: rarity(term) for term in (terms_by_id(typed_words(sentence)) if sentence else ())}
    kept = sorted(rarities, key=lambda term: (-rarities[term], term))[:MAX_WORDS]
    total = math.fsum(rarities[term] for term in kept)
    return {term: rarities[term] / total for term in kept}


def share(sentence: str | None, terms: Collection[int]) -> float:
    """Return the share of the words of a sentence that a text with these terms has, from 0 to 1."""
    return math.fsum(weight for term, weight in weights(sentence).items() if term in terms)


def score_of(sentence: str | None, terms: Collection[int], cosine: float) -> float:
    """Return the score of a paper with these terms for a subscription with or without a sentence, to `DIGITS`."""
    weight, cosine = weight_of(sentence), round(cosine, DIGITS)
    words = share(sentence, terms) if weight and cosine >= FLOOR else 0.0
    return round((cosine + weight * words) / (1 + weight), DIGITS)


def weight_of(sentence: str | None) -> float:
    """Return the weight of the words beside that of the meaning, which is 1."""
    return WORDS_WEIGHT if weights(sentence) else 0.0


def least_cosine(sentence: str | None, score: float, words: float = 1.0) -> float:
    """Return the cosine that a score needs at least where the share of words is at most `words`."""
    weight = weight_of(sentence)
    alone = score * (1 + weight)
    return min(alone, max(FLOOR, alone - weight * words))


def parts(sentence: str | None, terms: Collection[int], cosine: float) -> str:
    """Return what a score is made of, in words; nothing where it is the cosine alone."""
    compared = weights(sentence)
    if not compared:
        return ""
    if cosine < FLOOR:
        return f" (meaning {cosine:.2f}; words count from {FLOOR:.2f} on)"
    spelled = terms_by_id(typed_words(sentence or ""))
    found = [f"“{spelled[term]}”" for term in compared if term in terms]
    listed = ", ".join(found[:MAX_TOLD]) + (" …" if len(found) > MAX_TOLD else "")
    return f" (meaning {cosine:.2f}, words {share(sentence, terms):.2f}: {listed or 'none'} of {len(compared)})"
