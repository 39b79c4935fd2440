"""Why a paper was found: its title and the sentence of its abstract that answers best, with the words marked.

Offsets count Unicode code points of the plain text, so that a reader escapes the text as any other and nothing in it
is ever HTML.
"""

import re
from functools import lru_cache
from typing import Any

from py_rust_stemmers import SnowballStemmer  # type: ignore[import-untyped]  # the package carries no types

from shared.stopwords import STOPWORDS

LONGEST = 320
"""Characters of a sentence that are shown."""
_WORD = re.compile(r"\w+")
_END = re.compile(r"(?<=[.!?])\s+(?=[\w\"'($\\])")
_MOST_TERMS = 32
_stem = lru_cache(maxsize=50_000)(SnowballStemmer("english").stem_word)
Highlight = dict[str, Any]
Marks = list[tuple[int, int]]


class Highlighter:
    """Finds the words of one query in papers."""

    def __init__(self, query: str) -> None:
        """Take the words that a search counts: no stopwords, and each stem once."""
        words = [word for word in _WORD.findall(query.lower()) if word not in STOPWORDS]
        self._stems = dict.fromkeys(_stem(word) for word in words[:_MOST_TERMS])
        # A stem is the beginning of its words but for a last "i" or "e" (study, studies → studi; hoping → hope).
        begins = "|".join(sorted({re.escape(_beginning(stem)) for stem in self._stems}, key=len, reverse=True))
        self._candidate = re.compile(rf"\b(?:{begins})\w*", re.IGNORECASE) if begins else None

    def highlights(self, title: str, abstract: str) -> list[Highlight]:
        """Give at most one highlight a field: `{field, text, marks: [[start, end], …]}`."""
        found: list[Highlight] = []
        if marks := self._marks(title):
            found.append({"field": "title", "text": title, "marks": [[start, end] for start, end, _ in marks]})
        if marks := self._marks(abstract):
            start, end = _best_sentence(abstract, marks)
            text = abstract[start:end]
            inside = [[a - start, b - start] for a, b, _ in marks if start <= a and b <= end]
            found.append({"field": "abstract", "text": text, "marks": inside})
        return found

    def _marks(self, text: str) -> list[tuple[int, int, str]]:
        if self._candidate is None:
            return []
        words = ((m.start(), m.end(), _stem(m[0].lower())) for m in self._candidate.finditer(text))
        return [(start, end, stem) for start, end, stem in words if stem in self._stems]


def _beginning(stem: str) -> str:
    return stem[:-1] if len(stem) > 2 and stem[-1] in "ei" else stem  # noqa: PLR2004  # a shorter one begins too much


def _best_sentence(text: str, marks: list[tuple[int, int, str]]) -> tuple[int, int]:
    """Find the first sentence with the most distinct words of the query; a very long one is cut around them."""
    ends = [match.start() for match in _END.finditer(text)]
    starts = [0, *(match.end() for match in _END.finditer(text))]
    best, most = (0, len(text)), 0
    for start, end in zip(starts, [*ends, len(text)], strict=True):
        distinct = len({stem for a, b, stem in marks if start <= a and b <= end})
        if distinct > most:
            best, most = (start, end), distinct
    start, end = best
    if end - start <= LONGEST:
        return best
    first = next(a for a, b, _ in marks if start <= a and b <= end)
    start = max(start, text.rfind(" ", 0, max(start, first - LONGEST // 4)) + 1)
    end = min(end, start + LONGEST)
    return start, max(text.rfind(" ", start, end), first + 1) if end < len(text) else end
