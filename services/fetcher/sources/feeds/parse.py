"""Parses RSS 1 and 2, Atom and JSON Feed within bounds. Pure."""

from urllib.parse import urlsplit

import orjson
from pydantic import TypeAdapter

from services.fetcher.sources.feeds.distinct import distinct
from services.fetcher.sources.feeds.entry import ERROR, Origin, read_entry
from services.fetcher.sources.feeds.entry_dates import UNREADABLE
from services.fetcher.sources.feeds.library import Document, read_document
from services.fetcher.sources.feeds.parse_json import parse_json_feed
from services.fetcher.sources.feeds.trim import Trimmed, trimmed
from services.fetcher.sources.fields import one_line
from services.fetcher.sources.port import MAX_ITEMS, PARTIAL, Poll, Refusal
from services.fetcher.sources.xml_text import BLANK, as_utf8
from shared.errors import TransientError
from shared.papers.events import Item

_MAX_REASON = 300


def parse_feed(body: bytes, source: str, base: str = "", most: int = MAX_ITEMS) -> Poll:
    """Parse a feed into items; invalid entries are refused one by one, and half an entry at its end is left out.

    An entry is arXiv's own if it has its form and is from its hosts, or from a file or a driver (no `base`).

    Raises:
        TransientError: it is not a feed (a challenge or error page), or the feed reports an error.

    """
    body = as_utf8(body)
    if body[:1_000].lstrip(BLANK).startswith(b"{"):
        return parse_json_feed(body, source, most)
    trim = trimmed(body, most)
    document = read_document(trim.body, base)
    if not document.known:
        message = "the answer is not a feed but something else, such as a challenge page"
        raise TransientError(message)
    title = document.texts.get("title", "")
    if title.lower().startswith("feed error"):
        message = f"the feed reports an error: {one_line(document.texts.get('subtitle') or title)}"
        raise TransientError(message)
    origin = Origin(source, not base or _is_arxiv(base), document.rss, document.day)
    items, refusals = _items(document, origin, most)
    if not items and refusals and refusals[0].reason.startswith(ERROR):
        raise TransientError(refusals[0].reason)
    refusals += _limits(document, trim, most)
    return Poll(
        items,
        refusals,
        detail=one_line(title),
        state=PARTIAL if trim.cut else "ok",
        fresh_for=_ttl(document.texts.get("ttl")),
        more=document.more,
    )


def parse_request(request: bytes) -> bytes:
    """Parse a feed after a line with the other arguments; return the poll in JSON, or `-` and an error."""
    task, _, body = request.partition(b"\n")
    try:
        poll = parse_feed(body, **orjson.loads(task))
    except TransientError as error:
        return b"-" + str(error).encode("utf-8", "replace")
    return TypeAdapter(Poll).dump_json(poll)


def _is_arxiv(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    return host == "arxiv.org" or host.endswith(".arxiv.org")


def _items(document: Document, origin: Origin, most: int) -> tuple[list[Item], list[Refusal]]:
    items: list[Item] = []
    refusals = list(document.refusals)
    for number, entry in document.entries[:most]:
        notes: list[str] = []
        try:
            items.append(read_entry(entry, origin, notes))
        except UNREADABLE as error:
            refusals.append(Refusal(f"entry {number}", one_line(str(error), _MAX_REASON)))
            continue
        refusals += [Refusal(f"entry {number}", note, cleaned=True) for note in notes]
    kept, repeated = distinct(items)
    return kept, refusals + repeated


def _limits(document: Document, trim: Trimmed, most: int) -> list[Refusal]:
    """Return what was not taken since the feed was cut, by its server or by us."""
    found = max((number for number, _ in document.entries), default=0)
    taken, total = min(found, most), max(trim.total, found)
    if trim.cut:
        return [Refusal(f"entry {max(trim.total, taken)}", trim.cut)]
    return [Refusal(f"entry {taken + 1}", f"only the first {taken:,} of {total:,} are taken")] if total > taken else []


def _ttl(minutes: str | None) -> float | None:
    """Parse RSS's `<ttl>`, the minutes that a feed stays valid; return seconds, at most a day."""
    text = (minutes or "").strip()
    return min(int(text) * 60.0, 86_400.0) if text.isdecimal() and len(text) < 9 else None  # noqa: PLR2004  # digits
