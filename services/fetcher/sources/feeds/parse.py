"""Parses RSS 1 and 2, Atom and JSON Feed with feedparser, including arXiv's extensions. Pure."""

import io
import re
from codecs import BOM_UTF8
from typing import Any

import feedparser

from services.fetcher.sources.feeds.parse_json import parse_json_feed
from services.fetcher.sources.feeds.trim import trimmed
from services.fetcher.sources.fields import (
    MAX_ABSTRACT,
    MAX_AUTHORS,
    MAX_TITLE,
    bare_url,
    fit,
    http_url,
    moment,
    one_line,
    venue_of,
)
from services.fetcher.sources.json_records import own_id
from services.fetcher.sources.port import Poll, Refusal
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
