"""Keywords by RAKE: phrases between stopwords, scored by how long the phrases are that their words stand in.

Source: Rose, Engel, Cramer, Cowley: Automatic keyword extraction from individual documents, 2010 (degree/frequency).
Why not a library: docs/adr/0005.
"""

import re
from collections import Counter

from shared.stopwords import STOPWORDS

_PIECE = re.compile(r"[^.,;:!?()\[\]{}\"“”/|\n]+")
_WORD = re.compile(r"[^\W\d_][\w+-]*")
# Words of every abstract: they say nothing about this one.
_COMMON = frozenset(
    "paper propose proposed proposes present presents show shows shown results result method methods approach approaches "
    "model models using use used based novel new study work works experiments experimental demonstrate demonstrates "
    "achieve achieves existing state art performance via however task tasks introduce introduces including different "
    "significantly improve improves high low many several two three first second provide provides without problem "
    "problems data set given also make makes well recent find able effective better best key prior often large".split()
)
MAX_WORDS = 3


def keywords(title: str, abstract: str, most: int = 8) -> tuple[str, ...]:
    """Give at most `most` phrases of one to three words, best first; a phrase of the title counts twice."""
    phrases = _phrases(title) * 2 + _phrases(abstract)
    frequency: Counter[str] = Counter()
    degree: Counter[str] = Counter()
    for phrase in phrases:
        for word in phrase:
            frequency[word] += 1
            degree[word] += len(phrase)
    counts = Counter(phrases)
    scores = {p: sum(degree[w] / frequency[w] for w in p) * (1 + counts[p]) / 2 for p in counts}
    ranked = sorted(scores, key=lambda phrase: (-scores[phrase], phrase))
    chosen: list[str] = []
    for phrase in ranked:
        text = " ".join(phrase)
        if not any(text in other or other in text for other in chosen):
            chosen.append(text)
        if len(chosen) == most:
            break
    return tuple(chosen)


def _phrases(text: str) -> list[tuple[str, ...]]:
    found = []
    for piece in _PIECE.findall(text):
        phrase: list[str] = []
        for word in [*_WORD.findall(piece), ""]:
            low = word.lower()
            if len(low) > 1 and low not in STOPWORDS and low not in _COMMON:
                phrase.append(low)
                continue
            if 0 < len(phrase) <= MAX_WORDS:
                found.append(tuple(phrase))
            phrase = []
    return found
