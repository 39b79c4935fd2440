"""Trims the body of a feed before it is parsed: long texts, excess entries, and documents that are no feed. Pure."""

import re
from typing import Final

from shared.errors import TransientError

MAX_RUN: Final = 250_000
"""Bytes of one text or one tag; an abstract may have fewer characters."""
MAX_BYTES: Final = 8 * 1024 * 1024
"""Bytes of a feed: entries that start later are left out."""
MAX_OTHER: Final = 1024 * 1024
"""Bytes of a document without entries, or of one in UTF-16, which is not searched for entries."""
MAX_DEPTH: Final = 2_000
MAX_STRAY: Final = 50_000
_SHALLOW: Final = 5_000
"""Documents with fewer tags are not checked."""
_MAX_ENTRIES: Final = 200_000
_ENTRY: Final = re.compile(rb"<(?:[\w-]+:)?(?:item|entry)[\s/>]")
_MAX_BLANK: Final = 1_000
# No bounded repetition here: on a long text it would be tried again at every byte.
_RUN: Final = re.compile(rb"[^<>]+")
_BROKEN_END: Final = re.compile(rb"(?:&[^;\s]{0,12}|[\xc0-\xff][\x80-\xbf]{0,3})$")
_TAG: Final = re.compile(rb"<(/?)[A-Za-z][^<>]*?(/?)>")
_VOID: Final = re.compile(rb"<(?:br|hr|img|p|li|link|meta|input)\b", re.IGNORECASE)


def trimmed(body: bytes, most: int) -> tuple[bytes, int]:
    """Cut texts that are too long and drop excess entries; return the rest, and the number of entries there were.

    Raises:
        TransientError: it is not a feed: large without an entry, nested too deep, or not markup.

    """
    if b"\0" in body[:200]:
        if len(body) > MAX_OTHER:
            message = f"the feed is in UTF-16 and larger than {MAX_OTHER:,} bytes"
            raise TransientError(message)
        return body, 0
    body = _shortened(body)
    _check_tags(body)  # first: searching a document of angle brackets for entries takes long
    starts = _starts(body)
    if not starts and len(body) > MAX_OTHER:
        message = "the answer is not a feed: it is large and has no entry"
        raise TransientError(message)
    taken = sum(start < MAX_BYTES for start in starts[:most])
    if taken < len(starts):
        body = body[: starts[taken]] + _closing(body[: starts[0]])
    return body, len(starts)


def _starts(body: bytes) -> list[int]:
    starts = []
    for found in _ENTRY.finditer(body):
        starts.append(found.start())
        if len(starts) == _MAX_ENTRIES:
            break
    return starts


def _closing(head: bytes) -> bytes:
    """Return the tags that close what is open before the first entry."""
    root = next((tag for tag in (b"rdf:RDF", b"feed") if b"<" + tag in head), None)
    return b"</" + root + b">" if root else b"</channel></rss>"


def _shortened(body: bytes) -> bytes:
    """Cut long texts; short ones are not copied one by one, since there may be millions of them."""
    parts, last = [], 0
    for found in _RUN.finditer(body):
        start, end = found.span()
        if end - start > _MAX_BLANK and len(short := _short(found[0])) < end - start:
            parts += [body[last:start], short]
            last = end
    return b"".join([*parts, body[last:]]) if parts else body


def _short(run: bytes) -> bytes:
    """Cut a text without splitting a character or a reference, and keep the end of a CDATA section.

    Thousands of blanks become one: feedparser searches for declarations at each of them.
    """
    if run.isspace():
        return b"\n"
    if len(run) <= MAX_RUN:
        return run
    head, end = run[: MAX_RUN - 16], run[MAX_RUN - 16 : MAX_RUN]
    return head + _BROKEN_END.sub(b"", end) + (b"]]" if run.endswith(b"]]") else b"")


def _check_tags(body: bytes) -> None:
    """Refuse documents that are nested too deep, or have many stray angle brackets: both take long to parse."""
    if body.count(b"<") < _SHALLOW:
        return
    if body.count(b"<<") + body.count(b"< ") > MAX_STRAY:
        message = f"the answer is not a feed: more than {MAX_STRAY:,} of its angle brackets open nothing"
        raise TransientError(message)
    depth = 0
    for tag in _TAG.finditer(body):
        if tag[1]:
            depth = max(depth - 1, 0)
        elif not tag[2] and not _VOID.match(tag[0]):
            depth += 1
            if depth > MAX_DEPTH:
                message = f"the answer is not a feed: its elements are nested more than {MAX_DEPTH:,} deep"
                raise TransientError(message)
