"""Cursors of pages: opaque to clients, and valid only for the search that returned them.

A cursor names the papers that were shown. Whatever an import changes meanwhile, the next page begins with the first
paper that is not among them: none comes twice, and none is missed that still is a result.
"""

import binascii
import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable

MAX_RESULTS = 200
"""Results that paging reaches in all: deeper ones are noise, and a filter finds better ones."""
MAX_LENGTH = 1200
"""Characters of the longest cursor."""
_OWNER = 6
_MARK = 4  # bytes of a point id: two of 200 papers share them once in 200,000 searches


class CursorError(ValueError):
    """The cursor is invalid, or belongs to another search. The text says so in one sentence."""


def digest(*search: object) -> bytes:
    """Return a digest of a search; the `repr` of its parts must contain all that changes its results."""
    return hashlib.blake2b(repr(search).encode("utf-8", "surrogatepass"), digest_size=_OWNER).digest()


def mark(point: str) -> str:
    """Return the part of a point id, a UUID, that a cursor stores."""
    return point[: 2 * _MARK]


def encode(shown: Iterable[str], search: bytes) -> str:
    """Build the cursor of the page after the papers with these marks."""
    return urlsafe_b64encode(search + bytes.fromhex("".join(sorted(shown)))).decode().rstrip("=")


def decode(cursor: str, search: bytes) -> frozenset[str]:
    """Read the marks of the papers that were shown.

    Raises:
        CursorError: see there.

    """
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError) as error:
        raise CursorError("The cursor cannot be read: use next_cursor exactly as it was given.") from error
    owner, marks = raw[:_OWNER], raw[_OWNER:].hex()
    size = 2 * _MARK
    shown = frozenset(marks[start : start + size] for start in range(0, len(marks), size))
    if len(owner) < _OWNER or len(marks) % size or not 0 < len(shown) < MAX_RESULTS:
        raise CursorError("The cursor cannot be read: use next_cursor exactly as it was given.")
    if owner != search:
        raise CursorError("The cursor belongs to another search: send it with the parameters of the first page.")
    return shown
