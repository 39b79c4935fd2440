"""Reads one entry of a feed, as the parsing library gives it, into an item. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from services.fetcher.sources.feeds.boilerplate import Told, without_boilerplate
from services.fetcher.sources.fields import fit, http_url, moment, one_line, own_id, several, title_id, venue_of
from shared.papers.author_lists import split_authors
from shared.papers.bounds import (
    MAX_ABSTRACT,
    MAX_ANNOUNCED,
    MAX_AUTHOR,
    MAX_AUTHOR_LINE,
    MAX_AUTHORS,
    MAX_CATEGORIES,
    MAX_CATEGORY,
    MAX_ID,
    MAX_PLACE,
    MAX_TITLE,
    check_id,
    cut,
)
from shared.papers.events import Item
from shared.papers.names import arxiv_id, doi
from shared.papers.orcids import orcid
from shared.papers.paper import Appearance
from shared.papers.withdrawal import MAX_COMMENT, says_withdrawn

T = TypeVar("T")
ERROR: Final = "the source reports an error"
UNREADABLE: Final = (ValueError, TypeError, LookupError, AttributeError)
"""What reading a field raises if the library gives it another shape than its own."""
_NO_TITLE: Final = "no title"
_DOIS: Final = ("arxiv_doi", "prism_doi", "dc_identifier", "citation_doi", "doi", "dcterms_identifier", "prism_url")
_DATES: Final = ("prism_publicationdate", "dc_issued", "dcterms_issued", "citation_publication_date")
_COVER: Final = "prism_coverdate"
_MAX_DAY: Final = 20
_DAY: Final = re.compile(r"\d{4}(?:-\d{2}){0,2}", re.ASCII)
_NONE: Final[tuple[str, ...]] = ()
_NO_IDS: Final[dict[str, str]] = {}
_HEADER: Final = re.compile(
    r"^\s*arXiv:(\S{1,40}?)(?:v(\d{1,3}))?\s{1,9}Announce Type:\s{0,9}([\w-]{1,40})\s*(?:Abstract:\s*)?", re.IGNORECASE
)
Entry = Any
"""A dictionary of feedparser."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a feed is from: the name of its source, whether arXiv may have written it, and whether it is RSS.

    `day` is the date of the feed itself, which is that of arXiv's announcements if these have none.
    """

    source: str
    arxiv: bool = True
    rss: bool = False
    day: str | None = None


def read_entry(entry: Entry, origin: Origin, notes: list[str]) -> Item:
    """Make an item; a field that cannot be read is left out, with a note.

    Only arXiv's own entries have arXiv as their source. Those that link to a page of arXiv are about its paper.

    Raises:
        ValueError: the entry is refused, with the reason.

    """
    title = fit(cut("title", str(entry.get("title", "")), MAX_TITLE, notes)).strip()
    link = http_url(str(entry.get("link") or ""))
    identity = fit(check_id(str(entry.get("id") or ""))).strip() or link or ""
    if not title:
        raise ValueError(_NO_TITLE)
    summary = _read("abstract", lambda: _summary(entry, notes), "", notes)
    if title == "Error" and "/api/errors" in identity:
        message = f"{ERROR}: {one_line(summary)}"
        raise ValueError(message)
    header = _HEADER.match(summary)
    told = Told(summary[header.end() :]) if header else without_boilerplate(summary)
    found = arxiv_id(identity) or (arxiv_id(link) if link else None) or (arxiv_id(header[1]) if header else None)
    own = found is not None and origin.arxiv and _is_arxivs(entry, identity, header)
    announced = _announced(entry, header) or None
    day = published_of(entry, rss=origin.rss) or _day(told.day)
    return Item(
        source="arxiv" if own else origin.source,
        id=f"arXiv:{found[0]}" if found else _own(identity, title, origin.source),
        title=title,
        abstract=told.abstract,
        authors=_read("authors", lambda: _authors(entry, told.authors, notes, arxiv=own), _NONE, notes),
        categories=_read("categories", lambda: _categories(entry), _NONE, notes),
        published=None if announced else day,
        announced_on=(day or origin.day or "")[:10] or None if announced else None,
        updated=_moment(entry, "updated"),
        version=int(header[2]) if header and header[2] else (found[1] if found and own else None),
        url=f"https://arxiv.org/abs/{found[0]}" if found and own else link,
        identifiers=_doi(entry, notes),
        venue=_venue(entry),
        appeared=_read("place", lambda: _appeared(entry), None, notes),
        orcids=_read("ORCID iDs", lambda: _orcids(entry), _NO_IDS, notes),
        announced=announced,
        withdrawn=says_withdrawn(title, told.abstract, _short(entry.get("arxiv_comment") or "", MAX_COMMENT)),
    )


def _is_arxivs(entry: Entry, identity: str, header: re.Match[str] | None) -> bool:
    """Return whether arXiv wrote an entry: its RSS has a header or an id of OAI, both have own elements."""
    return (
        header is not None
        or identity.lower().startswith("oai:arxiv.org:")
        or any(name.startswith("arxiv_") for name in entry)
    )


def _read(field: str, read: Callable[[], T], default: T, notes: list[str]) -> T:
    """Return a field; the default if it cannot be read, since elements may be called as the library calls its own."""
    try:
        return read()
    except UNREADABLE:
        notes.append(f"{field}: cannot be read; left out")
        return default


def _own(identity: str, title: str, source: str) -> str:
    return own_id(identity, source) if identity else title_id(title, source)


def _announced(entry: Entry, header: re.Match[str] | None) -> str:
    return _short(entry.get("arxiv_announce_type") or (header[3] if header else ""), MAX_ANNOUNCED).lower()


def _short(value: object, most: int) -> str:
    return fit(str(value)[:most])


def _categories(entry: Entry) -> tuple[str, ...]:
    terms = [tag.get("term") for tag in entry.get("tags", [])] or str(entry.get("own_tags", "")).split(",")
    return tuple(_short(term, MAX_CATEGORY).strip() for term in terms[:MAX_CATEGORIES] if term)


def _doi(entry: Entry, notes: list[str]) -> dict[str, str]:
    """Read the DOI that a feed gives; one that is too long is left out. The id and the address may be one as well."""
    given = next((text for name in _DOIS if (text := _short(entry.get(name) or "", MAX_ID + 1).strip())), "")
    if len(given) > MAX_ID:
        notes.append(f"doi: longer than {MAX_ID} characters; left out")
        return {}
    return {"doi": given} if given and (doi(given) or arxiv_id(given)) else {}


def _venue(entry: Entry) -> str | None:
    """Read arXiv's journal reference, or the journal that a publisher names (PRISM)."""
    names = (entry.get(name) for name in ("arxiv_journal_reference", "arxiv_journal_ref", "prism_publicationname"))
    return venue_of(next((str(name) for name in names if name), None))


def _appeared(entry: Entry) -> Appearance | None:
    """Read where in a journal a paper appeared, as publishers say it (PRISM)."""
    first, last = (_place(entry, f"prism_{name}page") for name in ("starting", "ending"))
    pages = "-".join(filter(None, (first, last))) or _place(entry, "prism_pagerange")
    found = Appearance(volume=_place(entry, "prism_volume"), number=_place(entry, "prism_number"), pages=pages)
    return None if found == Appearance() else found


def _place(entry: Entry, field: str) -> str | None:
    return " ".join(_short(entry.get(field) or "", MAX_PLACE).split()) or None


def _orcids(entry: Entry) -> dict[str, str]:
    """Read the ORCID iDs that Atom has as the address of an author."""
    given = ((str(one.get("name", "")), str(one.get("href") or "")) for one in entry.get("authors", [])[:MAX_AUTHORS])
    return {" ".join(fit(name).split()): own for name, address in given if (own := orcid(address))}


def _summary(entry: Entry, notes: list[str]) -> str:
    content = entry.get("content") or []
    longest = max((str(part.get("value", "")) for part in content), key=len, default="")
    return fit(cut("abstract", str(entry.get("summary") or longest), MAX_ABSTRACT, notes)).strip()


def _authors(entry: Entry, told: str, notes: list[str], *, arxiv: bool) -> tuple[str, ...]:
    """Read the authors; a single text may name all of them, which the enricher splits, such as `told` elsewhere."""
    names = [str(author.get("name", "")) for author in entry.get("authors", []) if author.get("name")]
    given = entry.get("author") or entry.get("own_authors") or told
    if not names and given:
        names = [str(given)]
    if len(names) == 1:
        line = cut("authors", names[0], MAX_AUTHOR_LINE, notes)
        names = list(split_authors(line, given_first=True)) if arxiv else [line]
    return several(
        "authors", list(dict.fromkeys(names)), notes, longest=MAX_AUTHOR_LINE if len(names) == 1 else MAX_AUTHOR
    )


def published_of(entry: Entry, *, rss: bool) -> str | None:
    """Read the date of an entry, or of a feed; RSS has no date of a change, so that `dc:date` is one too.

    What is called the date of publication goes before that of the entry, and that before the cover's. A date that says
    more of the same time, such as the day in a month, is the one.
    """
    named = [_day(str(entry.get(name) or "")) for name in _DATES]
    given = [*named, _moment(entry, "published"), _day(str(entry.get(_COVER) or ""))]
    dates = [each for each in (*given, _moment(entry, "updated") if rss else None) if each]
    return max((each for each in dates if each.startswith(dates[0])), key=len, default=None)


def _day(text: str) -> str | None:
    try:
        return moment(text) if text else None
    except ValueError:
        return None


def _moment(entry: Entry, field: str) -> str | None:
    """Read a date; a year, a month or a day stays one, which the library takes for the midnight of its first day."""
    name = f"{field}_parsed"
    try:
        if field in entry and _DAY.fullmatch(given := str(entry[field])[:_MAX_DAY].strip()):
            return moment(given)
        parsed = entry[name] if name in entry else None  # noqa: SIM401  # `get` would fall back to another date
        return moment("{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}Z".format(*parsed[:6])) if parsed else None
    except UNREADABLE:
        return None
