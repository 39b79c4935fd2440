"""The score of a paper for a subscription: its meaning by the cosine, and which of the wanted words it has. Pure.

    score = cosine + W · (share - usual)

`share` is the share of the wanted words that occur in title or abstract, each with its weight, from 0 to 1. `usual` is
what it is for papers at the threshold, so that a threshold means what it does for the cosine alone. The words are those
of the sentence, weighted by their rarity, and the heaviest of the liked papers. Where there is none, the score is the
cosine. Scores above `KNEE` are compressed so that the highest is 1.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from services.notifier.matching.rarity import rarity
from services.notifier.subscription.model import Criteria
from services.notifier.subscription.sensitivity import MIN_ABSTRACT_LENGTH
from shared.embedding.vectors import bm25_paper, terms_by_id, typed_words, words

DIGITS: Final = 6
"""Decimals of a score. Scores are float32 sums, exact to about seven, and are compared as they are reported."""
WORDS_WEIGHT: Final = 0.5
"""W. From 0.3 to 0.8 the precision of alerts is nearly the same; docs/adr/0071 has the measurements."""
USUAL_OF_SENTENCE: Final = 0.25
USUAL_OF_ABSTRACT: Final = 0.15
USUAL_OF_LIKED: Final = 0.05
"""The share of words that papers at the threshold have: of 5,000 papers of arXiv about as many pass as by the cosine
alone, 30.6 instead of 28.5 at 0.45 (80 sentences), 3.5 instead of 2.9 at 0.65 (54 halves of abstracts), and 35 instead
of 32 at 0.6 (40 liked papers)."""
FLOOR: Final = 0.2
"""The cosine below which words count nothing: a paper of another field may share them. It bounds what is compared."""
KNEE: Final = 0.7
"""Where the compression of scores begins: above all default thresholds."""
MANY: Final = 0.5
"""The share of words above which a subscription is found by its words, whatever its cosine."""
MOST_OF_SENTENCE: Final = 64
"""The words of a sentence that are compared: the rarest."""
MOST_OF_LIKED: Final = 20
"""The words of the liked papers that are compared: the heaviest. With 64 the precision is lower."""
MAX_TOLD: Final = 8
"""The words that an explanation lists."""
MARGIN: Final = 1e-5
"""The error of float32 sums at the threshold. Within it, the reported score decides."""
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """The words that a subscription looks for: the weights of their terms, with a sum of 1, and their usual share."""

    terms: Mapping[int, float]
    usual: float


def wanted(criteria: Criteria, words: Words | None) -> Wanted:
    """Return what a subscription looks for. One of an earlier version has no words; they are those of its sentence."""
    found = wanted_words(criteria.query) if words is None else words
    return _wanted(tuple(found.items()), _usual(criteria))


def _usual(criteria: Criteria) -> float:
    parts = [USUAL_OF_LIKED] if criteria.like else []
    if criteria.query:
        parts.append(USUAL_OF_ABSTRACT if len(criteria.query) >= MIN_ABSTRACT_LENGTH else USUAL_OF_SENTENCE)
    return sum(parts) / max(len(parts), 1)


@lru_cache(maxsize=65_536)
def _wanted(words: tuple[tuple[str, float], ...], usual: float) -> Wanted:
    total = math.fsum(weight for _, weight in words)
    found = {term: weight / total for word, weight in words for term in terms_by_id([word])}
    return Wanted(found, usual if found else 0.0)


def share(asked: Wanted, present: Collection[int]) -> float:
    """Return the share of the wanted words that a text with the terms `present` has, from 0 to 1."""
    return math.fsum(weight for term, weight in asked.terms.items() if term in present)


def score_of(asked: Wanted, present: Collection[int], cosine: float) -> float:
    """Return the score of a paper that has the terms `present`, to `DIGITS`."""
    cosine = round(cosine, DIGITS)
    found = share(asked, present) if asked.terms and cosine >= FLOOR else 0.0
    score = cosine + WORDS_WEIGHT * (found - asked.usual)
    return round(score if score <= KNEE else KNEE + (score - KNEE) * _slope(asked), DIGITS)


def _slope(asked: Wanted) -> float:
    """Return by how much scores above the knee are compressed: a cosine of 1 with every word has the score 1."""
    highest = 1 + WORDS_WEIGHT * (1 - asked.usual) if asked.terms else 1.0
    return (1 - KNEE) / (highest - KNEE)


def least_cosine(asked: Wanted, score: float, most: float = 1.0) -> float:
    """Return the cosine that a score needs at least where the share of words is at most `most`."""
    loose = score if score <= KNEE else KNEE + (score - KNEE) / _slope(asked)
    alone = loose + WORDS_WEIGHT * asked.usual
    return min(alone, max(FLOOR, alone - WORDS_WEIGHT * most)) if asked.terms else score


def told(asked: Wanted, words: Words, present: Collection[int], cosine: float) -> str:
    """Return what a score is made of, in words; nothing where it is the cosine alone."""
    if not asked.terms:
        return ""
    if round(cosine, DIGITS) < FLOOR:
        return f" (meaning {cosine:.2f}; words count from {FLOOR:.2f} on)"
    found = [f"“{word}”" for word in words if not set(terms_by_id([word])).isdisjoint(present)]
    listed = ", ".join(found[:MAX_TOLD]) + (" …" if len(found) > MAX_TOLD else "")
    part = share(asked, present)
    return f" (meaning {cosine:.2f}, words {part:.2f}: {listed or 'none'} of {len(words)}; usual is {asked.usual:.2f})"
