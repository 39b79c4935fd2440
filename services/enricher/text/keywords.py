"""Keywords by RAKE: phrases between stopwords, scored by the length of the phrases that their words occur in.

Source: Rose, Engel, Cramer, Cowley: Automatic keyword extraction from individual documents, 2010 (degree/frequency).
Why not a library: docs/adr/0005.
"""

import re
from collections import Counter
from functools import lru_cache
from typing import Final

from shared.embedding.stopwords import STOPWORDS

# Punctuation that ends a phrase, as a stopword does. A regular expression takes three times as long to find it.
_MARKS: Final = '.,;:!?()[]{}"“”/|\n'
_STOP: Final = "."
_ADDRESS = re.compile(r"(?:https?://|www\.|git(?:hub|lab)\.com/)\S+")
# Words that occur in most abstracts.
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


def keywords(title: str, abstract: str, max_count: int = 8) -> tuple[str, ...]:
    """Return at most `max_count` phrases of one to three words, best first; a phrase of the title counts twice."""
    phrases = _phrases(title) * 2 + _phrases(abstract)
    frequency = Counter([word for phrase in phrases for word in phrase])
    degree = Counter([word for phrase in phrases for word in phrase * len(phrase)])
    weight = {word: degree[word] / count for word, count in frequency.items()}
    counts = Counter(phrases).items()
    scores = [(-sum([weight[word] for word in phrase]) * (1 + count) / 2, phrase) for phrase, count in counts]
    chosen: list[str] = []
    for _, phrase in sorted(scores):
        text = " ".join(phrase)
        if not any(text in other or other in text for other in chosen):
            chosen.append(text)
        if len(chosen) == max_count:
            break
    return tuple(chosen)


def _phrases(text: str) -> list[tuple[str, ...]]:
    found = []
    phrase: list[str] = []
    for word in _words(text.lower()):
        part = _is_part(word)
        if part:
            phrase.append(word)
        elif phrase and part is not None:
            if len(phrase) <= MAX_WORDS:
                found.append(tuple(phrase))
            phrase = []
    return found


def _words(text: str) -> list[str]:
    if "://" in text or "www." in text or ".com/" in text:
        text = _ADDRESS.sub(_STOP, text)
    for mark in _MARKS:
        if mark in text:
            text = text.replace(mark, f" {_STOP} ")
    return [*text.replace("'", " ").replace("’", " ").split(), _STOP]


@lru_cache(maxsize=16_384)
def _is_part(word: str) -> bool | None:
    """Return whether a word is part of a phrase (True), ends it (False), or is a number and does neither (None)."""
    if word in _ENDS or len(word) == 1:
        return None if word.isdigit() else False
    if not word[0].isalpha():
        return None if word[0].isdigit() else False
    return word.isalnum() or word.replace("-", "").replace("+", "").isalnum()
