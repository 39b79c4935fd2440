"""Parses RSS 1 and 2, Atom and JSON Feed within bounds, and follows the pages of a feed. Pure."""

import hashlib
import io
import re
from codecs import BOM_UTF8
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import feedparser

from services.fetcher.sources.feeds.parse_json import parse_json_feed
from services.fetcher.sources.fields import (
    MAX_ABSTRACT,
    MAX_AUTHORS,
    MAX_TITLE,
    bare_url,
    fit,
    http_url,
    moment,
    one_line,
    own_id,
    venue_of,
)
from services.fetcher.sources.port import BACKFILLED, Poll, Refusal
from shared.errors import TransientError
from shared.papers.events import Item
from shared.papers.names import arxiv_id

_HEADER = re.compile(r"^\s*arXiv:(\S+?)(?:v(\d+))?\s+Announce Type:\s*([\w-]+)\s*(?:Abstract:\s*)?", re.IGNORECASE)
_AFFILIATION = re.compile(r"(?<!\s)\s*\([^()]*(?:\([^()]*\)[^()]*)*\)")
# References to lone surrogates, as some programs write emoji: feedparser fails on them, and with them the whole feed.
_HALF = re.compile(
    rb"&#(?:[xX]0*[dD][89a-fA-F][0-9a-fA-F]{2}|0*(?:5529[6-9]|55[3-9]\d\d|56\d{3}|57[0-2]\d\d|573[0-3]\d|5734[0-3]));"
)
_ERROR = "the source reports an error"
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
MAX_PAGES: Final = 10
"""Pages of one poll."""
MAX_TIME_S: Final = 300.0
"""No page is requested after this time: a poll that takes too long is cancelled, and what it has read is lost."""
MAX_MARKS: Final = 200
"""Items of the first page that are remembered, to recognize them on a later page."""


def parse_feed(body: bytes, source: str, base: str = "", most: int = 20_000) -> Poll:
    """Parse a feed into items; invalid entries are refused one by one.

    Raises:
        TransientError: it is not a feed (a challenge or error page), or the feed reports an error.

    """
    if body[:1_000].removeprefix(BOM_UTF8).lstrip().startswith(b"{"):
        return parse_json_feed(body, source, most)
    body, total = trimmed(body, most)
    parsed = _parsed(body, base)
    if not parsed.entries and not parsed.get("version"):
        message = "the answer is not a feed but something else, such as a challenge page"
        raise TransientError(message)
    title = str(parsed.feed.get("title", ""))
    if title.lower().startswith("feed error"):
        message = f"the feed reports an error: {one_line(str(parsed.feed.get('subtitle') or title))}"
        raise TransientError(message)
    items: dict[str, Item] = {}
    refusals = []
    for number, entry in enumerate(parsed.entries[:most], 1):
        item, reason = _item(entry, source)
        if item is None:
            refusals.append(Refusal(f"entry {number}", reason))
        elif item.id not in items:
            items[item.id] = item
    if not items and refusals and refusals[0].reason.startswith(_ERROR):
        raise TransientError(refusals[0].reason)
    taken = min(len(parsed.entries), most)
    if (total := max(total, len(parsed.entries))) > taken:
        refusals.append(Refusal(f"entry {taken + 1}", f"only the first {taken:,} of {total:,} are taken"))
    ttl, more = _ttl(parsed.feed.get("ttl")), _more(parsed.feed.get("links", []))
    return Poll(list(items.values()), refusals, detail=one_line(title), fresh_for=ttl, more=more)


def _more(links: Any) -> str | None:  # noqa: ANN401  # feedparser's list
    """Return the link to the next page (RFC 5005): `next` of a paged feed, `prev-archive` of an archived one."""
    found = {str(link.get("rel")): str(link.get("href") or "") for link in reversed(links)}
    return found.get("next") or found.get("prev-archive") or None


def _ttl(minutes: object) -> float | None:
    """Parse RSS's `<ttl>`, the minutes that a feed stays valid; return seconds, at most a day."""
    text = str(minutes or "").strip()
    return min(int(text) * 60.0, 86_400.0) if text.isdecimal() and len(text) < 9 else None  # noqa: PLR2004  # digits


def _parsed(body: bytes, base: str) -> Any:  # noqa: ANN401  # feedparser's dictionary
    try:
        return feedparser.parse(
            io.BytesIO(_HALF.sub(b"", body)),
            # Relative links are resolved with this address, and become public.
            response_headers={"content-location": bare_url(base)} if base else {},
            # The enricher cleans markup, in one place for all sources; here it would take as long as parsing.
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:
        message = f"the feed cannot be read: {type(error).__name__}: {one_line(str(error))}"
        raise TransientError(message) from error


def _item(entry: Any, source: str) -> tuple[Item | None, str]:  # noqa: ANN401  # feedparser's dictionary
    title = fit(str(entry.get("title", ""))).strip()[:MAX_TITLE]
    link = http_url(str(entry.get("link") or ""))
    identity = fit(str(entry.get("id") or link or "")).strip()
    if not title:
        return None, "no title"
    if title == "Error" and "/api/errors" in identity:
        return None, f"{_ERROR}: {one_line(_summary(entry))}"
    summary = _summary(entry)
    header = _HEADER.match(summary)
    found = arxiv_id(identity) or (arxiv_id(link) if link else None) or (arxiv_id(header[1]) if header else None)
    version = int(header[2]) if header and header[2] else (found[1] if found else None)
    return Item(
        source="arxiv" if found else source,
        id=f"arXiv:{found[0]}" if found else own_id(identity or title, source),
        title=title,
        abstract=(summary[header.end() :] if header else summary)[:MAX_ABSTRACT],
        authors=_authors(entry, arxiv=found is not None),
        categories=tuple(fit(str(tag.get("term")))[:200] for tag in entry.get("tags", [])[:100] if tag.get("term")),
        published=None if header else _moment(entry, "published"),
        updated=_moment(entry, "updated"),
        version=version,
        url=f"https://arxiv.org/abs/{found[0]}" if found else link,
        identifiers={"doi": doi} if (doi := fit(str(entry.get("arxiv_doi", ""))).strip()) else {},
        venue=_venue(entry),
        announced=fit(str(entry.get("arxiv_announce_type") or (header[3] if header else ""))).lower()[:40] or None,
    ), ""


def _venue(entry: Any) -> str | None:  # noqa: ANN401  # feedparser's dictionary
    """Read arXiv's journal reference, or the journal that a publisher names (PRISM)."""
    names = (entry.get(name) for name in ("arxiv_journal_reference", "arxiv_journal_ref", "prism_publicationname"))
    return venue_of(next((str(name) for name in names if name), None))


def _summary(entry: Any) -> str:  # noqa: ANN401  # feedparser's dictionary
    content = entry.get("content") or []
    longest = max((str(part.get("value", "")) for part in content), key=len, default="")
    return fit(str(entry.get("summary") or longest)).strip()


def _authors(entry: Any, *, arxiv: bool) -> tuple[str, ...]:  # noqa: ANN401  # feedparser's dictionary
    names = [str(author.get("name", "")) for author in entry.get("authors", []) if author.get("name")]
    if not names and entry.get("author"):
        names = [str(entry["author"])]
    if arxiv and len(names) == 1:
        names = _AFFILIATION.sub("", names[0]).split(",")
    return tuple(name for name in (fit(name).strip()[:500] for name in names[:MAX_AUTHORS]) if name)


def _moment(entry: Any, field: str) -> str | None:  # noqa: ANN401  # feedparser's dictionary
    name = f"{field}_parsed"
    parsed = entry[name] if name in entry else None  # noqa: SIM401  # `get` would fall back to another date
    if not parsed:
        return None
    try:
        return moment("{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}Z".format(*parsed[:6]))
    except ValueError:
        return None


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


def page_marks(items: Iterable[Item]) -> list[str]:
    """Return short marks of the first items of a page."""
    ids = [item.id for item in items][:MAX_MARKS]
    return [hashlib.blake2b(own.encode(), digest_size=6).hexdigest() for own in ids]


class Pages:
    """The pages of one poll, newest first; of two items with one id the first is taken."""

    def __init__(self, first: Poll, address: str, known: AbstractSet[str], most: int, *, begun: bool) -> None:
        """`known` are the marks of the first page at the last poll; `most` items are taken from all pages.

        At the first poll of a source (not `begun`) later pages are the past: searchable, without alerts.
        """
        self._first = first
        self._last = first
        self._address = address
        self._known = known
        self._most = most
        self._begun = begun
        self._asked = {address}
        self._items = {item.id: item for item in first.items}
        self._refusals = list(first.refusals)
        self.count = 1

    def next(self) -> str | None:
        """Return the address of the next page; None at the end, at known items, and if there are enough.

        A page is read on the host of the first page only, and never twice.
        """
        if (
            not self._last.more
            or len(self._items) >= self._most
            or not self._known.isdisjoint(page_marks(self._last.items))
        ):
            return None
        try:
            address = http_url(urljoin(self._address, self._last.more))
            near = address and _host(address) == _host(self._address)
        except ValueError:  # half an IPv6 address
            return None
        return address if near and address not in self._asked else None

    def add(self, page: Poll, asked: str, address: str) -> None:
        """Add the next page, requested at one address and, after redirects, read at another."""
        self.count += 1
        self._last, self._address = page, address
        self._asked |= {asked, address}
        for item in page.items:
            if len(self._items) < self._most:
                past = {} if self._begun else {"announced": BACKFILLED}
                self._items.setdefault(item.id, item.model_copy(update=past))
        where = f"page {self.count}"
        self._refusals += [Refusal(f"{where}, {note.where}", note.reason, note.cleaned) for note in page.refusals]

    def cut(self, reason: str) -> None:
        """Record why the next page is not read, unless this is the first poll of a feed and enough pages were read."""
        if self._known or self.count < MAX_PAGES:
            self._refusals.append(Refusal(f"page {self.count + 1}", reason))

    def poll(self) -> Poll:
        """Return what all pages brought."""
        return replace(self._first, items=list(self._items.values()), refusals=self._refusals, more=None)


def _host(address: str) -> str | None:
    return urlsplit(address).hostname
