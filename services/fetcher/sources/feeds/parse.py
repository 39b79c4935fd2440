"""Parses RSS 1 and 2, Atom and JSON Feed within bounds. Pure."""

import io
import re
from codecs import BOM_UTF8
from typing import Any

import feedparser
import orjson
from pydantic import TypeAdapter

from services.fetcher.sources.feeds.parse_json import parse_json_feed
from services.fetcher.sources.feeds.trim import trimmed
from services.fetcher.sources.fields import (
    bare_url,
    fit,
    http_url,
    moment,
    one_line,
    own_id,
    several,
    title_id,
    venue_of,
)
from services.fetcher.sources.port import MAX_ITEMS, Poll, Refusal
from shared.errors import TransientError
from shared.papers.bounds import (
    MAX_ABSTRACT,
    MAX_ANNOUNCED,
    MAX_AUTHOR,
    MAX_AUTHOR_LINE,
    MAX_CATEGORIES,
    MAX_CATEGORY,
    MAX_ID,
    MAX_TITLE,
    check_id,
    cut,
)
from shared.papers.events import Item
from shared.papers.names import arxiv_id

_HEADER = re.compile(
    r"^\s*arXiv:(\S{1,40}?)(?:v(\d{1,3}))?\s{1,9}Announce Type:\s{0,9}([\w-]{1,40})\s*(?:Abstract:\s*)?", re.IGNORECASE
)
_AFFILIATION = re.compile(r"(?<!\s)\s*\([^()]*(?:\([^()]*\)[^()]*)*\)")
# References to lone surrogates, as some programs write emoji: feedparser fails on them, and with them the whole feed.
_HALF = re.compile(
    rb"&#(?:[xX]0*[dD][89a-fA-F][0-9a-fA-F]{2}|0*(?:5529[6-9]|55[3-9]\d\d|56\d{3}|57[0-2]\d\d|573[0-3]\d|5734[0-3]));"
)
_ERROR = "the source reports an error"
_NO_TITLE = "no title"
_MAX_REASON = 300


def parse_feed(body: bytes, source: str, base: str = "", most: int = MAX_ITEMS) -> Poll:
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
        notes: list[str] = []
        try:
            item = _item(entry, source, notes)
        except ValueError as error:
            refusals.append(Refusal(f"entry {number}", one_line(str(error), _MAX_REASON)))
            continue
        items.setdefault(item.id, item)
        refusals += [Refusal(f"entry {number}", note, cleaned=True) for note in notes]
    if not items and refusals and refusals[0].reason.startswith(_ERROR):
        raise TransientError(refusals[0].reason)
    taken = min(len(parsed.entries), most)
    if (total := max(total, len(parsed.entries))) > taken:
        refusals.append(Refusal(f"entry {taken + 1}", f"only the first {taken:,} of {total:,} are taken"))
    ttl, more = _ttl(parsed.feed.get("ttl")), _more(parsed.feed.get("links", []))
    return Poll(list(items.values()), refusals, detail=one_line(title), fresh_for=ttl, more=more)


def parse_request(request: bytes) -> bytes:
    """Parse a feed after a line with the other arguments; return the poll in JSON, or `-` and an error."""
    task, _, body = request.partition(b"\n")
    try:
        poll = parse_feed(body, **orjson.loads(task))
    except TransientError as error:
        return b"-" + str(error).encode("utf-8", "replace")
    return TypeAdapter(Poll).dump_json(poll)


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


def _item(entry: Any, source: str, notes: list[str]) -> Item:  # noqa: ANN401  # feedparser's dictionary
    """Make an item. Raises ValueError with the reason to refuse the entry."""
    title = fit(cut("title", str(entry.get("title", "")), MAX_TITLE, notes)).strip()
    link = http_url(str(entry.get("link") or ""))
    identity = fit(check_id(str(entry.get("id") or ""))).strip() or link or ""
    if not title:
        raise ValueError(_NO_TITLE)
    summary = _summary(entry, notes)
    if title == "Error" and "/api/errors" in identity:
        message = f"{_ERROR}: {one_line(summary)}"
        raise ValueError(message)
    header = _HEADER.match(summary)
    found = arxiv_id(identity) or (arxiv_id(link) if link else None) or (arxiv_id(header[1]) if header else None)
    return Item(
        source="arxiv" if found else source,
        id=f"arXiv:{found[0]}" if found else _own(identity, title, source),
        title=title,
        abstract=summary[header.end() :] if header else summary,
        authors=_authors(entry, notes, arxiv=found is not None),
        categories=_categories(entry),
        published=None if header else _moment(entry, "published"),
        updated=_moment(entry, "updated"),
        version=int(header[2]) if header and header[2] else (found[1] if found else None),
        url=f"https://arxiv.org/abs/{found[0]}" if found else link,
        identifiers=_doi(entry, notes),
        venue=_venue(entry),
        announced=_announced(entry, header) or None,
    )


def _own(identity: str, title: str, source: str) -> str:
    return own_id(identity, source) if identity else title_id(title, source)


def _announced(entry: Any, header: re.Match[str] | None) -> str:  # noqa: ANN401  # feedparser's dictionary
    return _short(entry.get("arxiv_announce_type") or (header[3] if header else ""), MAX_ANNOUNCED).lower()


def _short(value: object, most: int) -> str:
    return fit(str(value)[:most])


def _categories(entry: Any) -> tuple[str, ...]:  # noqa: ANN401  # feedparser's dictionary
    tags = entry.get("tags", [])[:MAX_CATEGORIES]
    return tuple(_short(tag["term"], MAX_CATEGORY) for tag in tags if tag.get("term"))


def _doi(entry: Any, notes: list[str]) -> dict[str, str]:  # noqa: ANN401  # feedparser's dictionary
    """Read the DOI of arXiv's feeds; one that is too long is left out."""
    doi = _short(entry.get("arxiv_doi", ""), MAX_ID + 1).strip()
    if len(doi) > MAX_ID:
        notes.append(f"doi: longer than {MAX_ID} characters; left out")
        return {}
    return {"doi": doi} if doi else {}


def _venue(entry: Any) -> str | None:  # noqa: ANN401  # feedparser's dictionary
    """Read arXiv's journal reference, or the journal that a publisher names (PRISM)."""
    names = (entry.get(name) for name in ("arxiv_journal_reference", "arxiv_journal_ref", "prism_publicationname"))
    return venue_of(next((str(name) for name in names if name), None))


def _summary(entry: Any, notes: list[str]) -> str:  # noqa: ANN401  # feedparser's dictionary
    content = entry.get("content") or []
    longest = max((str(part.get("value", "")) for part in content), key=len, default="")
    return fit(cut("abstract", str(entry.get("summary") or longest), MAX_ABSTRACT, notes)).strip()


def _authors(entry: Any, notes: list[str], *, arxiv: bool) -> tuple[str, ...]:  # noqa: ANN401  # feedparser's dictionary
    """Read the authors; a single text may name all of them, which the enricher splits."""
    names = [str(author.get("name", "")) for author in entry.get("authors", []) if author.get("name")]
    if not names and entry.get("author"):
        names = [str(entry["author"])]
    if len(names) == 1:
        line = cut("authors", names[0], MAX_AUTHOR_LINE, notes)
        names = _AFFILIATION.sub("", line).split(",") if arxiv else [line]
    return several("authors", names, notes, longest=MAX_AUTHOR_LINE if len(names) == 1 else MAX_AUTHOR)


def _moment(entry: Any, field: str) -> str | None:  # noqa: ANN401  # feedparser's dictionary
    name = f"{field}_parsed"
    parsed = entry[name] if name in entry else None  # noqa: SIM401  # `get` would fall back to another date
    if not parsed:
        return None
    try:
        return moment("{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}Z".format(*parsed[:6]))
    except ValueError:
        return None
