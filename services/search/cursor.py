"""Where a page ended: opaque to clients, good only for the search that gave it."""

import binascii
import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode

import orjson

MOST = 200
"""Results that paging reaches in all: deeper ones are noise, and a filter finds better."""


class CursorError(ValueError):
    """The cursor was not made here, or for another search. The text says so in one sentence."""


def digest(*search: object) -> str:
    """Give a short name of a search; `repr` of its parts must tell all that changes its results."""
    return hashlib.blake2b(repr(search).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def encode(offset: int, search: str) -> str:
    """Make the cursor of the page that begins after `offset` results."""
    return urlsafe_b64encode(orjson.dumps([offset, search])).decode().rstrip("=")


def decode(cursor: str, search: str) -> int:
    """Read how many results come before the page.

    Raises:
        CursorError: see there.

    """
    try:
        offset, owner = orjson.loads(urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, TypeError) as error:
        raise CursorError("The cursor cannot be read: use next_cursor exactly as it was given.") from error
    if owner != search:
        raise CursorError("The cursor belongs to another search: send it with the parameters of the first page.")
    if type(offset) is not int or not 0 < offset < MOST:
        raise CursorError("The cursor points nowhere: use next_cursor exactly as it was given.")
    return offset
