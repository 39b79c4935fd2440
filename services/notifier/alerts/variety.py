"""The order of a digest in which neighbours differ, and what is told under another paper of its series. Pure.

The likeness of two papers is the cosine of the BM25 weights of their words, without rarity: among the few papers of a
digest, the words of two that are the same would count as frequent ones. No vector is needed, which a kept match does
not have.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from shared.embedding.vectors import bm25_paper
from shared.papers.person_names import known_keys

VARIETY: Final = 0.1
"""What an alert loses that is the same as one above it: maximal marginal relevance (Carbonell and Goldstein, 1998)."""
SAME: Final = 0.8
"""The likeness from which two papers are nearly the same text."""
SERIES: Final = 0.5
"""The likeness from which two papers of one group are one series: most of their authors are the same."""
MAX_FOLDED: Final = 5
"""The most alerts that are told under another one; further ones stay by themselves."""
FEWEST_WORDS: Final = 12
"""Different words of a text that can be compared: a title alone does not tell "Part I" from "Part II"."""
MAX_AUTHORS: Final = 100
"""Authors of a paper that are compared."""

Document = dict[str, Any]


@dataclass(slots=True)
class Told:
    """An alert of a digest with those that are told under it."""

    alert: Document
    folded: list[Document] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Text:
    """What is compared of a paper: its weighed words, of length 1, and the keys of its authors."""

    words: dict[int, float]
    authors: list[frozenset[str]]


def varied(alerts: Sequence[Document]) -> list[Told]:
    """Order alerts, the best first, so that neighbours differ; fold those that are nearly the same or of one series.

    An alert is folded into the first of those above it that it belongs to, and that tells of the same change: what is
    folded is named only, and a withdrawal has to be told.
    """
    texts = [_text(alert["paper"]) for alert in alerts]
    told: list[tuple[int, Told]] = []
    for place, alert in enumerate(alerts):
        same = ((texts[first], one) for first, one in told if one.alert["type"] == alert["type"])
        whole = next((one for first, one in same if _belongs(first, texts[place], one)), None)
        if whole:
            whole.folded.append(alert)
        else:
            told.append((place, Told(alert)))
    return _arranged(told, texts)


def _belongs(first: _Text, other: _Text, told: Told) -> bool:
    if len(told.folded) >= MAX_FOLDED:
        return False
    like = _likeness(first, other)
    return like >= SAME or (like >= SERIES and _one_group(first, other))


def _arranged(left: list[tuple[int, Told]], texts: Sequence[_Text]) -> list[Told]:
    repeated = [0.0] * len(texts)
    chosen: list[Told] = []
    left = list(left)
    while left:
        best = max(left, key=lambda row: (_score(row[1].alert) - VARIETY * repeated[row[0]], -row[0]))
        left.remove(best)
        chosen.append(best[1])
        for place, _ in left:
            repeated[place] = max(repeated[place], _likeness(texts[best[0]], texts[place]))
    return chosen


def _score(alert: Document) -> float:
    return float(alert["match"]["score"])


def _text(paper: Document) -> _Text:
    vector = bm25_paper(f"{paper['title']}\n{paper['abstract']}")
    authors = [frozenset(known_keys(author["name"])) for author in paper["authors"][:MAX_AUTHORS]]
    if len(vector.indices) < FEWEST_WORDS:
        return _Text({}, authors)
    length = math.hypot(*vector.values)
    words = zip(vector.indices, vector.values, strict=True)
    return _Text({term: weight / length for term, weight in words}, authors)


def _likeness(one: _Text, other: _Text) -> float:
    return sum(weight * other.words.get(term, 0.0) for term, weight in one.words.items())


def _one_group(one: _Text, other: _Text) -> bool:
    """Return whether at least half of the authors of the smaller list are in the other."""
    fewer, more = sorted((one.authors, other.authors), key=len)
    keys = frozenset().union(*more)
    return bool(fewer) and 2 * sum(not keys.isdisjoint(author) for author in fewer) >= len(fewer)
