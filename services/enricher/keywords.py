"""Keywords by RAKE: phrases between stopwords, scored by how long the phrases are that their words stand in.

Source: Rose, Engel, Cramer, Cowley: Automatic keyword extraction from individual documents, 2010 (degree/frequency).
Why not a library: docs/adr/0005.
"""

import re
from collections import Counter

from shared.stopwords import STOPWORDS

# A word, or a mark that ends a phrase as a stopword does.
_TOKEN = re.compile(r"(?<!\w)[^\W\d_][\w+-]*|[.,;:!?()\[\]{}\"“”/|\n]")
# Words of every abstract: they say nothing about this one.
_COMMON = (
    "paper propose proposed proposes present presents show shows shown results result method methods approach "
    "approaches model models using use used based novel new study work works experiments experimental demonstrate "
    "demonstrates achieve achieves existing state art performance via however task tasks introduce introduces "
    "including different significantly improve improves high low many several two three first second provide provides "
    "without problem problems data set given also make makes well recent find able effective better best key prior "
    "often large"
)
_ENDS = STOPWORDS | frozenset(_COMMON.split())
MAX_WORDS = 3


def keywords(title: str, abstract: str, most: int = 8) -> tuple[str, ...]:
    """Give at most `most` phrases of one to three words, best first; a phrase of the title counts twice."""
    phrases = _phrases(title) * 2 + _phrases(abstract)
    counts = Counter(phrases)
    frequency: dict[str, int] = {}
    degree: dict[str, int] = {}
    for phrase, count in counts.items():
        for word in phrase:
            frequency[word] = frequency.get(word, 0) + count
            degree[word] = degree.get(word, 0) + count * len(phrase)
    scores = {p: sum(degree[w] / frequency[w] for w in p) * (1 + count) / 2 for p, count in counts.items()}
    chosen: list[str] = []
    for phrase in sorted(scores, key=lambda phrase: (-scores[phrase], phrase)):
        text = " ".join(phrase)
        if not any(text in other or other in text for other in chosen):
            chosen.append(text)
        if len(chosen) == most:
            break
    return tuple(chosen)


def _phrases(text: str) -> list[tuple[str, ...]]:
    found = []
    phrase: list[str] = []
    for word in [*_TOKEN.findall(text.lower()), "."]:
        if len(word) > 1 and word not in _ENDS:
            phrase.append(word)
        elif phrase:
            if len(phrase) <= MAX_WORDS:
                found.append(tuple(phrase))
            phrase = []
    return found
