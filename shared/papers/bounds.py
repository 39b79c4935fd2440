"""The bounds of what sources say about a paper, in one table: every field is within them before it is read. Pure."""

import unicodedata
from itertools import groupby
from typing import Final, Literal

NONCHARACTERS: Final = "\ufdd0-\ufdef" + "".join(
    chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)
)
"""Code points that are never characters, for a class of a pattern: strict readers of UTF-8 refuse a file with one."""
MAX_TITLE: Final = 2_000
"""Characters, as in every bound of a text."""
MAX_ABSTRACT: Final = 50_000
MAX_AUTHORS: Final = 5_000
"""Authors of one paper: the largest collaborations name some 5,000 people."""
MAX_AUTHOR: Final = 300
MAX_AUTHOR_LINE: Final = 150_000
"""All authors in one text."""
MAX_CATEGORIES: Final = 100
MAX_CATEGORY: Final = 200
MAX_ID: Final = 512
MAX_IDS: Final = 20
"""Further ids of one paper."""
MAX_KIND: Final = 64
"""The kind of a further id, and the name of a source."""
MAX_URL: Final = 2_000
MAX_CODE: Final = 100
"""Repositories of one paper."""
MAX_VENUE: Final = 500
MAX_PLACE: Final = 60
"""A volume, a number, or pages."""
MAX_ANNOUNCED: Final = 40
MAX_MOMENT: Final = 100
MAX_VERSION: Final = 10_000
MAX_COUNT: Final = 2**53
"""The highest counter: readers of JSON lose digits beyond it."""
MAX_MARKS: Final = 30
"""Combining marks in a row, as in Unicode's stream-safe text format (UAX 15): to order them takes quadratic time."""
_PAIRS: Final = "\u0f73\u0f75\u0f81"
"""Characters that are no combining marks but become two of them."""


def cut(field: str, text: str, most: int, notes: list[str]) -> str:
    """Return a text of at most `most` characters; add a note to `notes` if it was longer."""
    if len(text) <= most:
        return text
    notes.append(f"{field}: cut to {most:,} characters")
    return text[:most]


def check_id(text: str) -> str:
    """Return an id. A longer one is refused, not cut: a part of it could be the id of something else.

    Raises:
        ValueError: it is too long.

    """
    if len(text) > MAX_ID:
        message = f"the id has {len(text):,} characters; {MAX_ID} is the most"
        raise ValueError(message)
    return text


def normalized(form: Literal["NFC", "NFKD"], text: str) -> str:
    """Return a text in a normalization form of Unicode; of many combining marks in a row the first are kept."""
    if text.isascii():
        return text
    marks = sum(map(bool, map(unicodedata.combining, text))) + sum(map(text.count, _PAIRS))
    if marks > MAX_MARKS:
        runs = ((is_mark, "".join(run)) for is_mark, run in groupby(text, _is_mark))
        text = "".join(run[:MAX_MARKS] if is_mark else run for is_mark, run in runs)
    return unicodedata.normalize(form, text)


def _is_mark(character: str) -> bool:
    return unicodedata.combining(character) > 0 or character in _PAIRS
