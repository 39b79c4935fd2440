"""The score of a paper for a subscription: its meaning by the cosine, and which of the wanted words it has. Pure.

    score = (cosine + W · share) / (1 + W)

`share` is the share of the wanted words that occur in title or abstract, each with its weight; W is `WORDS_WEIGHT`.
Both parts and the score are at most 1. The words are those of the sentence, weighted by their rarity, and the heaviest
of the liked papers. Where there is none, the score is the cosine.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Final

from services.notifier.matching.rarity import rarity
from shared.embedding.vectors import bm25_paper, terms_by_id, typed_words, words

DIGITS: Final = 6
"""Decimals of a score. Scores are float32 sums, exact to about seven, and are compared as they are reported."""
WORDS_WEIGHT: Final = 0.5
"""W. From 0.3 to 0.8 the precision of alerts is nearly the same; docs/adr/0071 has the measurements."""
FLOOR: Final = 0.2
"""The cosine below which words count nothing: a paper of another field may share them. It bounds what is compared."""
MANY: Final = 0.5
"""The share of words above which a subscription is found by its words, whatever its cosine."""
MOST_OF_SENTENCE: Final = 64
"""The words of a sentence that are compared: the rarest."""
MOST_OF_LIKED: Final = 20
"""The words of the liked papers that are compared: the heaviest. With 64 the precision is lower."""
MAX_TOLD: Final = 8
"""The words that an explanation lists."""
SCORING: Final = 2
"""The version of the score, which the points of subscriptions state; the first was the cosine alone."""
Words = Mapping[str, float]
"""Wanted words and their weights, whose sum is 1."""


def wanted_words(sentence: str | None, liked: Sequence[str] = ()) -> dict[str, float]:
    """Return the words of a sentence and of the texts of liked papers, half and half where there are both."""
    parts = [dict(part) for part in (_of_sentence(sentence), _of_texts(liked)) if part]
    weighed: dict[int, float] = {}
    spelled: dict[int, str] = {}
    for part in parts:
        for word, weight in part.items():
            (term,) = terms_by_id([word])
            weighed[term] = weighed.get(term, 0.0) + weight / len(parts)
            spelled.setdefault(term, word)
    kept = sorted(weighed, key=lambda term: -weighed[term])
    return {spelled[term]: weighed[term] for term in kept}


@lru_cache(maxsize=65_536)
def _of_sentence(sentence: str | None) -> Words:
    found = terms_by_id(typed_words(sentence)) if sentence else {}
    return _heaviest({term: rarity(term) for term in found}, found, MOST_OF_SENTENCE)


def _of_texts(texts: Sequence[str]) -> Words:
    total: dict[int, float] = {}
    spelled: dict[int, str] = {}
    for text in texts:
        own = terms_by_id(words(text))
        weighed = bm25_paper(text)
        pairs = zip(weighed.indices, weighed.values, strict=True)
        total |= {term: total.get(term, 0.0) + weight * rarity(term) for term, weight in pairs if term in own}
        spelled = own | spelled
    return _heaviest(total, spelled, MOST_OF_LIKED)


def _heaviest(weighed: Mapping[int, float], spelled: Mapping[int, str], most: int) -> Words:
    kept = sorted(weighed, key=lambda term: (-weighed[term], term))[:most]
    total = math.fsum(weighed[term] for term in kept)
    return {spelled[term]: weighed[term] / total for term in kept}


def terms(wanted: Words | None, sentence: str | None) -> Mapping[int, float]:
    """Return the weights of wanted words by the ids of their terms, with a sum of 1.

    Subscriptions of an earlier version have no wanted words; theirs are those of the sentence.
    """
    return _terms(tuple((wanted_words(sentence) if wanted is None else wanted).items()))


@lru_cache(maxsize=65_536)
def _terms(wanted: tuple[tuple[str, float], ...]) -> Mapping[int, float]:
    total = math.fsum(weight for _, weight in wanted)
    return {term: weight / total for word, weight in wanted for term in terms_by_id([word])}


def share(wanted: Mapping[int, float], present: Collection[int]) -> float:
    """Return the share of wanted terms that a text has, from 0 to 1."""
    return math.fsum(weight for term, weight in wanted.items() if term in present)


def score_of(wanted: Mapping[int, float], present: Collection[int], cosine: float) -> float:
    """Return the score of a paper that has the terms `present`, to `DIGITS`."""
    weight, cosine = _weight(wanted), round(cosine, DIGITS)
    found = share(wanted, present) if weight and cosine >= FLOOR else 0.0
    return round((cosine + weight * found) / (1 + weight), DIGITS)


def _weight(wanted: Mapping[int, float]) -> float:
    return WORDS_WEIGHT if wanted else 0.0


def least_cosine(wanted: Mapping[int, float], score: float, most: float = 1.0) -> float:
    """Return the cosine that a score needs at least where the share of words is at most `most`."""
    weight = _weight(wanted)
    alone = score * (1 + weight)
    return min(alone, max(FLOOR, alone - weight * most))


def told(wanted: Words, present: Collection[int], cosine: float) -> str:
    """Return what a score is made of, in words; nothing where it is the cosine alone."""
    if not wanted:
        return ""
    if round(cosine, DIGITS) < FLOOR:
        return f" (meaning {cosine:.2f}; words count from {FLOOR:.2f} on)"
    found = [f"“{word}”" for word in wanted if not set(terms_by_id([word])).isdisjoint(present)]
    listed = ", ".join(found[:MAX_TOLD]) + (" …" if len(found) > MAX_TOLD else "")
    part = share(terms(wanted, None), present)
    return f" (meaning {cosine:.2f}, words {part:.2f}: {listed or 'none'} of {len(wanted)})"
