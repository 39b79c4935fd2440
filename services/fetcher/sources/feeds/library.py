"""Calls the library that parses feeds, such that no element of a feed can make it fail whole. Pure."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import feedparser

from services.fetcher.sources.feeds.entry_dates import UNREADABLE, Entry, published_of
from services.fetcher.sources.feeds.trim import closing, entry_starts
from services.fetcher.sources.fields import bare_url, one_line
from services.fetcher.sources.port import Refusal
from shared.errors import TransientError

# References to lone surrogates, as some programs write emoji: feedparser fails on them.
_HALF: Final = re.compile(
    rb"&#(?:[xX]0*[dD][89a-fA-F][0-9a-fA-F]{2}|0*(?:5529[6-9]|55[3-9]\d\d|56\d{3}|57[0-2]\d\d|573[0-3]\d|5734[0-3]));"
)
# Elements that are called as the library calls lists and dictionaries of its own, into which it would write their text.
_COLLIDING: Final = re.compile(
    rb"(</?)(authors|contributors|links|tags|enclosures|[a-z]+_(?:detail|parsed)|newlocation|where"
    rb"|media_[a-z]+|psc_chapters)(?=[\s/>])",
    re.IGNORECASE,
)
# Of several elements the library keeps the last one; PubMed has its own number in one, and the DOI in another.
_NO_DOI: Final = re.compile(
    rb"<dc:identifier>(?![^<>]{0,200}10\.\d)(?!<!\[CDATA\[[^<>]{0,200}10\.\d)(?:<!\[CDATA\[)?[^<>]{0,300}(?:\]\]>)?</dc:identifier>"
)
_ROOT: Final = re.compile(rb"<(?:[\w-]+:)?(?:rss|RDF|feed)\b[^<>]*>", re.IGNORECASE)
_TEXTS: Final = ("title", "subtitle", "ttl")


@dataclass(frozen=True, slots=True)
class Document:
    """What a feed holds. `entries` are its entries with their numbers, `texts` what its head says."""

    entries: list[tuple[int, Entry]]
    refusals: list[Refusal] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    more: str | None = None
    rss: bool = False
    known: bool = True
    """Whether its format was recognized, or an entry was found."""
    day: str | None = None
    """When it was published, or built."""


def read_document(body: bytes, base: str) -> Document:
    """Read a feed; where the library fails, read each entry alone, and refuse those at which it fails."""
    body = _COLLIDING.sub(rb"\1own_\2", _NO_DOI.sub(b"", _HALF.sub(b"", body)))
    try:
        parsed = _parse(body, base)
        entries, head = list(enumerate(parsed.entries, 1)), parsed.feed
        texts = {name: str(head.get(name) or "") for name in _TEXTS}
        version = str(parsed.get("version") or "")
        rss = version.startswith("rss")
        return Document(entries, [], texts, _more(head), rss, bool(entries or version), published_of(head, rss=True))
    except Exception as error:
        if not entry_starts(body):
            message = f"the feed cannot be read: {_told(error)}"
            raise TransientError(message) from error
    return _one_by_one(body, base)


def _one_by_one(body: bytes, base: str) -> Document:
    entries: list[tuple[int, Entry]] = []
    refusals: list[Refusal] = []
    for number, alone in enumerate(_alone(body), 1):
        try:
            entries += [(number, entry) for entry in _parse(alone, base).entries[:1]]
        except Exception as error:  # noqa: BLE001  # whatever the library raises, it is this entry's
            refusals.append(Refusal(f"entry {number}", f"cannot be read: {_told(error)}"))
    return Document(entries, refusals)


def _alone(body: bytes) -> Iterator[bytes]:
    """Yield each entry as a feed of its own, below the root of the feed and without the rest of its head."""
    starts = entry_starts(body)
    root = _ROOT.search(body, 0, starts[0])
    head = body[: root.end()] if root else b"<rss>"
    for start, end in pairwise((*starts, len(body))):
        yield head + body[start:end] + closing(head)


def _parse(body: bytes, base: str) -> Any:  # noqa: ANN401  # feedparser's dictionary
    return feedparser.parse(
        io.BytesIO(body),
        # Relative links are resolved with this address, and become public.
        response_headers={"content-location": bare_url(base)} if base else {},
        # The enricher cleans markup, in one place for all sources; here it would take as long as parsing.
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _more(head: Entry) -> str | None:
    """Return the link to the next page (RFC 5005): `next` of a paged feed, `prev-archive` of an archived one."""
    try:
        found = {str(link.get("rel")): str(link.get("href") or "") for link in reversed(head.get("links", []))}
    except UNREADABLE:
        return None
    return found.get("next") or found.get("prev-archive") or None


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {one_line(str(error))}"
