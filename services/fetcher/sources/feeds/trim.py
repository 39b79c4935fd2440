"""A feed cut down to what may be parsed, since parsing takes many times the size of some documents: pure."""

import re
from typing import Final

from shared.errors import TransientError

MAX_RUN: Final = 250_000
"""Bytes of one text or one tag; an abstract may have fewer characters."""
MAX_BYTES: Final = 8 * 1024 * 1024
"""Of a feed: entries that begin later are left out."""
MAX_OTHER: Final = 1024 * 1024
"""Bytes of a document without entries, or of one whose bytes are not to be looked into (UTF-16)."""
MAX_DEPTH: Final = 2_000
MAX_STRAY: Final = 50_000
_SHALLOW: Final = 5_000
"""With so few tags nothing is deep enough to matter."""
_MAX_ENTRIES: Final = 200_000
_ENTRY: Final = re.compile(rb"<(?:[\w-]+:)?(?:item|entry)[\s/>]")
_MAX_BLANK: Final = 1_000
# No counted repetition here: over a long text it would be tried anew at every byte.
_RUN: Final = re.compile(rb"[^<>]+")
_BROKEN_END: Final = re.compile(rb"(?:&[^;\s]{0,12}|[\xc0-\xff][\x80-\xbf]{0,3})$")
_TAG: Final = re.compile(rb"<(/?)[A-Za-z][^<>]*?(/?)>")
_VOID: Final = re.compile(rb"<(?:br|hr|img|p|li|link|meta|input)\b", re.IGNORECASE)


def trimmed(body: bytes, most: int) -> tuple[bytes, int]:
    """Leave out entries that are too many and texts that are too long; give the rest, and how many entries there were.

    Raises:
        TransientError: this is no feed: huge without an entry, nested without end, or no markup at all.

    """
    if b"\0" in body[:200]:
        if len(body) > MAX_OTHER:
            message = f"the feed is in UTF-16 and larger than {MAX_OTHER:,} bytes"
            raise TransientError(message)
        return body, 0
    body = _shortened(body)
    _check_tags(body)  # first: what is made of angle brackets takes long to look through for entries
    starts = _starts(body)
    if not starts and len(body) > MAX_OTHER:
        message = "the answer is no feed: it is large, and has no entry"
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
    """Close what stands before the first entry."""
    root = next((tag for tag in (b"rdf:RDF", b"feed") if b"<" + tag in head), None)
    return b"</" + root + b">" if root else b"</channel></rss>"


def _shortened(body: bytes) -> bytes:
    """Cut long texts; only those are ever copied alone, since there may be millions of short ones."""
    parts, last = [], 0
    for found in _RUN.finditer(body):
        start, end = found.span()
        if end - start > _MAX_BLANK and len(short := _short(found[0])) < end - start:
            parts += [body[last:start], short]
            last = end
    return b"".join([*parts, body[last:]]) if parts else body


def _short(run: bytes) -> bytes:
    """Cut a text so that neither a character nor a reference is left in half, and a CDATA section still ends.

    Blanks in their thousands are one: feedparser looks for its declarations at each of them anew.
    """
    if run.isspace():
        return b"\n"
    if len(run) <= MAX_RUN:
        return run
    head, end = run[: MAX_RUN - 16], run[MAX_RUN - 16 : MAX_RUN]
    return head + _BROKEN_END.sub(b"", end) + (b"]]" if run.endswith(b"]]") else b"")


def _check_tags(body: bytes) -> None:
    """Refuse what is nested without end, or made of angle brackets that open nothing: both take long to read."""
    if body.count(b"<") < _SHALLOW:
        return
    if body.count(b"<<") + body.count(b"< ") > MAX_STRAY:
        message = f"the answer is no feed: more than {MAX_STRAY:,} of its angle brackets open nothing"
        raise TransientError(message)
    depth = 0
    for tag in _TAG.finditer(body):
        if tag[1]:
            depth = max(depth - 1, 0)
        elif not tag[2] and not _VOID.match(tag[0]):
            depth += 1
            if depth > MAX_DEPTH:
                message = f"the answer is no feed: its elements are nested more than {MAX_DEPTH:,} deep"
                raise TransientError(message)
