"""Highlights of a result: its title and the sentence of its abstract that matches best, with the words marked.

Offsets count Unicode code points of the plain text, so that a reader escapes the text as any other and nothing in it
is ever HTML.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from py_rust_stemmers import SnowballStemmer  # type: ignore[import-untyped]  # the package carries no types

from shared.embedding.stopwords import STOPWORDS
from shared.embedding.vectors import spans, typed_words

MAX_SENTENCE = 320
"""Characters of a sentence that are shown."""
_WORD = re.compile(r"[a-z0-9]+")
_SIGNS = re.compile(r"[+#&_^]|\.net", re.IGNORECASE)
"""With these signs a word is more than its letters."""
_BREAK = re.compile(r"[.!?]\s+(?=[\w\"'($\\])")
# Where the stemmer puts other letters in the place of a word's own (probability → probabl, lying → lie, skies → sky),
# or may have added one (studies → studi, hoping → hope): from there on a stem says nothing about its words.
_CHANGED = re.compile(r"(?<=b)l$|(?<=^[dlt])ie$|(?<=^sk)y$|(?<=..)[ei]$")
_MAX_TERMS = 32
_stem = lru_cache(maxsize=50_000)(SnowballStemmer("english").stem_word)
Highlight = dict[str, Any]
Mark = tuple[int, int, str]  # start, end, stem


class Highlighter:
    """Finds the words of one query in papers."""

    def __init__(self, query: str) -> None:
        """Keep the words that a search counts: no stopwords, and each stem once."""
        words = [word for word in typed_words(query) if word not in STOPWORDS]
        self._stems = dict.fromkeys(_stem(word) for word in words[:_MAX_TERMS])
        self._beginnings = {_CHANGED.sub("", stem) for stem in self._stems}

    def highlights(self, title: str, abstract: str) -> list[Highlight]:
        """Return at most one highlight per field: `{field, text, marks: [[start, end], …]}`."""
        found: list[Highlight] = []
        if marks := self._marks(title):
            found.append(_highlight("title", title, (0, len(title)), marks))
        if marks := self._marks(abstract):
            found.append(_highlight("abstract", abstract, _best_sentence(abstract, marks), marks))
        return found

    def _marks(self, text: str) -> list[Mark]:
        if not text.isascii() or _SIGNS.search(text):
            return [(start, end, stem) for word, start, end in spans(text) if (stem := _stem(word)) in self._stems]
        lowered = text.lower()
        # A search for letters: one expression of all beginnings takes four times as long.
        starts = {start for letters in self._beginnings for start in _places(letters, lowered)}
        words = (_WORD.match(lowered, start) for start in sorted(starts) if not _inside_word(lowered, start))
        marks = ((*word.span(), _stem(word[0])) for word in words if word)
        return [mark for mark in marks if mark[2] in self._stems]


def _places(letters: str, text: str) -> Iterator[int]:
    start = text.find(letters)
    while start >= 0:
        yield start
        start = text.find(letters, start + 1)


def _inside_word(text: str, start: int) -> bool:
    return start > 0 and text[start - 1].isalnum()


def _highlight(field: str, text: str, shown: tuple[int, int], marks: Sequence[Mark]) -> Highlight:
    start, end = shown
    inside: list[list[int]] = []
    for begin, last, _ in marks:
        if start <= begin and last <= end:
            if inside and begin - start < inside[-1][1]:  # neighbouring characters, which words of the East are made of
                inside[-1][1] = last - start
            else:
                inside.append([begin - start, last - start])
    return {"field": field, "text": text[start:end], "marks": inside}


def _best_sentence(text: str, marks: Sequence[Mark]) -> tuple[int, int]:
    """Find the first sentence with the most distinct words of the query; a very long one is cut around them."""
    breaks = [match.span() for match in _BREAK.finditer(text)]
    starts = [0, *(end for _, end in breaks)]
    inside: dict[int, set[str]] = defaultdict(set)
    for begin, _, stem in marks:
        inside[bisect_right(starts, begin) - 1].add(stem)
    best = max(inside, key=lambda sentence: (len(inside[sentence]), -sentence))
    start, end = starts[best], breaks[best][0] + 1 if best < len(breaks) else len(text)
    if end - start <= MAX_SENTENCE:
        return start, end
    first, last = next((begin, after) for begin, after, _ in marks if begin >= start)
    # Where there is no space for long, in the middle of what stands for a word.
    start = max(start, first - MAX_SENTENCE // 2, text.rfind(" ", start, max(start, first - MAX_SENTENCE // 4)) + 1)
    if end <= start + MAX_SENTENCE:
        return start, end
    return start, max(text.rfind(" ", start, start + MAX_SENTENCE), last)
