"""The words of a text: the one analysis of phrases, lexical search, subscriptions and highlights. Pure.

Letters compare as in `letters`. Indices belong to their symbol, so that `MoS_2`, `MoS₂` and `MoS2` are one word; names
of languages such as `C++`, `C#` and `.NET` and pairs such as `R&D` are words; Chinese, Japanese and Korean texts, which
do not separate words as queries do, are pairs of neighbouring characters. A change here needs a higher `ANALYSIS`.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from shared.text.letters import fold_letters, fold_with_places

ANALYSIS: Final = 1
"""The version of the analysis of texts and names, which the index states on each point."""
Span = tuple[str, int, int]
"""A word and its place in the text: first character, and the one after the last."""
_EASTERN: Final = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_PLAIN: Final = re.compile(r"[^\W_]+")
_SIGNS: Final = re.compile(r"[+#&_^]|\.net")
_SIGNED: Final = re.compile(
    r"[a-z]{1,8}\+\+(?!\+)|[a-z]#(?!\w)|\.net(?!\w)|[a-z]{1,2}&[a-z]{1,2}(?!\w)"
    r"|[^\W_]++(?:\$?[_^]\{?[^\W_]++\}?\$?[^\W_]*+)*+"
)
_INDEX: Final = re.compile(r"[_^{}$]")
_RUNS: Final = re.compile(f"[{_EASTERN}]+|[^{_EASTERN}]+")
_MARKUP: Final = re.compile(r"\\[a-z]{1,12}(?![a-z])|</?su[bp]>", re.IGNORECASE)


def words(text: str) -> list[str]:
    """Return the words of a text in their order."""
    folded = fold_letters(text)
    if not _SIGNS.search(folded):
        found = _PLAIN.findall(folded)
    else:
        found = [_INDEX.sub("", word) for word in _SIGNED.findall(folded)]
    return found if folded.isascii() else [part for word in found for part in _parts(word)]


@lru_cache(maxsize=65_536)
def typed_words(text: str) -> tuple[str, ...]:
    r"""Return the words of a query or a phrase, which may have markup: `CO<sub>2</sub>`, `\ce{CO2}`."""
    return tuple(words(_MARKUP.sub("", text) if "\\" in text or "<" in text else text))


def spans(text: str) -> Iterator[Span]:
    """Yield the words of a text with their places."""
    folded, places = fold_with_places(text)
    for match in _SIGNED.finditer(folded):
        word, first = _INDEX.sub("", match[0]), match.start()
        for part, start, end in _placed(word, first, first + len(match[0])):
            yield part, places[start], places[end - 1] + 1


def _placed(word: str, start: int, end: int) -> Iterator[Span]:
    parts = _parts(word)
    if parts == [word]:
        yield word, start, end
        return
    at = 0
    for part in parts:
        at = word.index(part, at)
        yield part, start + at, start + at + len(part)


def _parts(word: str) -> list[str]:
    """Return a word, or the pairs of characters where it has no words of its own."""
    if word.isascii():
        return [word]
    return [part for run in _RUNS.findall(word) for part in _pairs(run)]


def _pairs(run: str) -> list[str]:
    if len(run) < 3 or not re.match(f"[{_EASTERN}]", run):  # noqa: PLR2004  # one pair, or one character
        return [run]
    return [run[at : at + 2] for at in range(len(run) - 1)]
