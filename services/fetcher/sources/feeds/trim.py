"""Trims the body of a feed before it is parsed: long texts, excess entries, and documents that are no feed. Pure."""

import re
from dataclasses import dataclass
from itertools import islice
from typing import Final

from shared.errors import TransientError

MAX_RUN: Final = 250_000
"""Bytes of one text or one tag; an abstract may have fewer characters."""
MAX_BYTES: Final = 8 * 1024 * 1024
"""Bytes of a feed: entries that start later are left out."""
MAX_OTHER: Final = 1024 * 1024
"""Bytes of a document without entries."""
MAX_DEPTH: Final = 2_000
MAX_STRAY: Final = 50_000
_SHALLOW: Final = 5_000
"""Documents with fewer tags are not checked."""
_MAX_ENTRIES: Final = 200_000
_ENTRY: Final = re.compile(rb"<(?:[\w-]+:)?(?:item|entry)[\s/>]")
_END: Final = re.compile(rb"</(?:[\w-]+:)?(?:item|entry)\s*>")
_ROOT: Final = re.compile(rb"<(/?)((?:[\w-]+:)?(?:rss|RDF|feed))[\s>]", re.IGNORECASE)
_MAX_TAIL: Final = 10_000
"""Bytes at the end of a feed in which its root is closed; comments may follow."""
_MAX_BLANK: Final = 1_000
# No bounded repetition here: on a long text it would be tried again at every byte.
_RUN: Final = re.compile(rb"[^<>]+")
_BROKEN_END: Final = re.compile(rb"(?:&[^;\s]{0,12}|[\xc0-\xff][\x80-\xbf]{0,3})$")
_TAG: Final = re.compile(rb"<(/?)[A-Za-z][^<>]*?(/?)>")
_VOID: Final = re.compile(rb"<(?:br|hr|img|p|li|link|meta|input)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Trimmed:
    """The part of a feed that is read. `total` entries were there; `cut` says how the feed was cut on its way here."""

    body: bytes
    total: int
    cut: str = ""


def trimmed(body: bytes, most: int) -> Trimmed:
    """Cut texts that are too long, and drop excess entries and half an entry at the end.

    Raises:
        TransientError: it is not a feed: large without an entry, nested too deep, or not markup.

    """
    body = _shortened(body)
    _check_tags(body)  # first: searching a document of angle brackets for entries takes long
    starts = entry_starts(body)
    if not starts and len(body) > MAX_OTHER:
        message = "the answer is not a feed: it is large and has no entry"
        raise TransientError(message)
    taken = sum(start < MAX_BYTES for start in starts[:most])
    if taken < len(starts):
        return Trimmed(body[: starts[taken]] + closing(body[: starts[0]]), len(starts))
    return _without_half(body, starts)


def _without_half(body: bytes, starts: list[int]) -> Trimmed:
    """Drop the last entry of a feed if neither it nor the feed is closed."""
    if not starts or not _ROOT.search(body, 0, starts[0]) or any(tag[1] for tag in _ROOT.finditer(body[-_MAX_TAIL:])):
        return Trimmed(body, len(starts))
    if _END.search(body, starts[-1]):
        return Trimmed(body, len(starts), "the feed was cut after it")
    head = body[: starts[-1]] + closing(body[: starts[0]])
    return Trimmed(head, len(starts), "the feed was cut in it; half an entry is left out")


def entry_starts(body: bytes) -> list[int]:
    """Return where entries start, at most 200,000 of them."""
    return [found.start() for found in islice(_ENTRY.finditer(body), _MAX_ENTRIES)]


def closing(head: bytes) -> bytes:
    """Return the tags that close what is open before the first entry."""
    root = _ROOT.search(head)
    name = root[2] if root else b"rss"
    return (b"</channel>" if name.lower() == b"rss" else b"") + b"</" + name + b">"


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
