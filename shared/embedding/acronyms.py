"""The acronyms that a text explains, such as "graph neural network (GNN)". Pure.

A paper explains an acronym once and uses it often, so that each of both forms counts as often as they occur together.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

MOST: Final = 20
"""Acronyms of a text that are read, the first ones."""
_IN_BRACKETS: Final = re.compile(r"\(([A-Z][A-Za-z0-9-]{1,9})\)")
_WORD: Final = re.compile(r"[^\W_]+")
_CAPITALS: Final = 2
_LOOKED_BACK: Final = 300
"""Characters before the brackets that may hold the long form."""


def acronyms(text: str) -> dict[str, tuple[str, ...]]:
    """Return the words of the long form of each acronym that a text explains, as they are written, without a plural s.

    The words before the brackets begin with its letters, one each; Schwartz and Hearst, A Simple Algorithm for
    Identifying Abbreviation Definitions, 2003, in its strictest form.
    """
    return dict(islice(_explained(text), MOST))


def _explained(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for match in _IN_BRACKETS.finditer(text):
        short = match[1].removesuffix("s")
        letters = [letter for letter in short if letter.isalnum()]
        if sum(letter.isupper() for letter in letters) < _CAPITALS:
            continue
        before = _WORD.findall(text[max(0, match.start() - _LOOKED_BACK) : match.start()])[-len(letters) :]
        if [word[0].lower() for word in before] == [letter.lower() for letter in letters]:
            yield short, tuple(before)
