"""Letters as they compare: without case, accents, strokes, ligatures or width. Pure.

The folding works character by character, so that a place in the folded text has one place in the text.
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

_STROKES: Final = str.maketrans({
    "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ŋ": "n",
    "æ": "ae", "œ": "oe", "þ": "th",
})  # fmt: skip
"""Letters that Unicode does not decompose; after case folding."""
_MARKS: Final = ((0x0300, 0x036F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF))
"""The blocks of combining marks of European scripts and of mathematics. Those of kana make other letters."""

_ALPHABETS: Final = ("SCRIPT", "FRAKTUR", "DOUBLE-STRUCK", "BLACK-LETTER")
_OWN: Final = "ℏℓℵℶℷℸ"
"""Letters with a meaning of their own that Unicode decomposes to a letter of a font."""


class _Folded(dict[int, str]):
    """A translation table, filled on demand."""

    def __missing__(self, code: int) -> str:
        self[code] = _fold(chr(code))
        return self[code]


_FOLDED: Final = _Folded()


def fold_letters(text: str) -> str:
    """Return a text in lower case, with plain letters and digits in the place of their variants.

    The length may differ: `ß` becomes two letters, and a soft hyphen or a combining accent none.
    """
    return text.lower() if text.isascii() else text.translate(_FOLDED)


def fold_with_places(text: str) -> tuple[str, Sequence[int]]:
    """Return a folded text, and for each of its characters the place of the character that it stands for."""
    if text.isascii():
        return text.lower(), range(len(text))
    folded = [_FOLDED[ord(character)] for character in text]
    return "".join(folded), [place for place, letters in enumerate(folded) for _ in letters]


@lru_cache(maxsize=65_536)
def plain_font(text: str) -> str:
    """Return a name without the mathematical alphabets that only change its look: bold, italic, sans-serif, monospace.

    A single script, Gothic or double-struck letter stays, as ℝ and 𝒪 mean something else than R and O.
    """
    if text.isascii():
        return text
    return "".join(letter if len(text) == 1 and _is_meant(letter) else _plain_letter(letter) for letter in text)


def _is_meant(letter: str) -> bool:
    name = unicodedata.name(letter, "")
    return any(alphabet in name for alphabet in _ALPHABETS)


def _plain_letter(letter: str) -> str:
    is_styled = unicodedata.decomposition(letter).startswith("<font>") and letter not in _OWN
    return unicodedata.normalize("NFKC", letter) if is_styled else letter


def _fold(character: str) -> str:
    if unicodedata.category(character) == "Cf":  # invisible: soft hyphens, joiners, directions
        return ""
    parts = (part for part in unicodedata.normalize("NFKD", character) if not _is_mark(ord(part)))
    return unicodedata.normalize("NFC", "".join(parts)).casefold().translate(_STROKES)


def _is_mark(code: int) -> bool:
    return any(first <= code <= last for first, last in _MARKS)
