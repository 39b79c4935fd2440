"""The words that an interest looks for, with their weights. Pure."""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from services.notifier.matching.rarity import rarity
from shared.embedding.vectors import bm25_paper, terms_by_id, typed_words, words

MOST_OF_SENTENCE: Final = 64
"""The words of a sentence that are compared: the rarest."""
MOST_OF_LIKED: Final = 20
"""The words of the liked papers that are compared: the heaviest. With 64 the precision is lower."""
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
