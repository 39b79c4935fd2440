"""A small picture, and the bounds of it and of what it is made from. Pure."""

from dataclasses import dataclass
from typing import Final

MAX_BYTES: Final = 5 * 1024 * 1024
"""Bytes of a picture, or of a page that shows one."""
MAX_PIXELS: Final = 40_000_000
SIDE: Final = 352
"""Pixels of the longer side of a small picture at most: twice the width that a card shows."""
MAX_RESULT: Final = 8 * 1024
"""Bytes of a small picture: with the dozen that a browser loads at first, a page stays near 100 KB."""


@dataclass(frozen=True, slots=True)
class SmallPicture:
    """A picture as WebP, with its size in pixels."""

    body: bytes
    width: int
    height: int
