"""Reads one entry of a feed, as the parsing library gives it, into an item. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from services.fetcher.sources.feeds.boilerplate import Told, plain_title, without_boilerplate
from services.fetcher.sources.feeds.entry_dates import UNREADABLE, Entry, day_of, moment_of, published_of
from services.fetcher.sources.fields import fit, http_url, one_line, own_id, several, title_id, venue_of
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
)
from shared.papers.events import Item
from shared.papers.names import arxiv_id, check_id, doi
from shared.papers.orcids import orcid
from shared.papers.paper import Appearance
from shared.papers.titles import cut
from shared.papers.withdrawal import MAX_COMMENT, says_withdrawn

T = TypeVar("T")
ERROR: Final = "the source reports an error"
_NO_TITLE: Final = "no title"
_DOIS: Final = ("arxiv_doi", "prism_doi", "dc_identifier", "citation_doi", "doi", "dcterms_identifier", "prism_url")
_NONE: Final[tuple[str, ...]] = ()
_NO_IDS: Final[dict[str, str]] = {}
_HEADER: Final = re.compile(
    r"^\s*arXiv:(\S{1,40}?)(?:v(\d{1,3}))?\s{1,9}Announce Type:\s{0,9}([\w-]{1,40})\s*(?:Abstract:\s*)?", re.IGNORECASE
)


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

    Only arXiv's own entries have arXiv as their source. Those that link to a page of arXiv are about its paper,
    and do not withdraw it.

    Raises:
        ValueError: the entry is refused, with the reason.

    """
    title, writers = plain_title(fit(cut("title", str(entry.get("title", "")), MAX_TITLE, notes)).strip())
    link = http_url(str(entry.get("link") or ""))
    identity = fit(check_id(str(entry.get("id") or ""))).strip() or link or ""
    if not title:
        raise ValueError(_NO_TITLE)
    summary = _read("abstract", lambda: _summary(entry, notes), "", notes)
    _refuse_error(title, identity, summary)
    header = _HEADER.match(summary)
    told = Told(summary[header.end() :]) if header else _told(entry, summary, notes)
    found = arxiv_id(identity) or (arxiv_id(link) if link else None) or (arxiv_id(header[1]) if header else None)
    own = found is not None and origin.arxiv and _is_arxivs(entry, identity, header)
    announced = _announced(entry, header) or None
    day = published_of(entry, rss=origin.rss) or day_of(told.day)
    stated = _doi(entry, notes)
    return Item(
        source="arxiv" if own else origin.source,
        id=f"arXiv:{found[0]}" if found else _own(identity, title, origin.source, stated),
        title=title,
        abstract=told.abstract,
        authors=_read("authors", lambda: _authors(entry, told.authors or writers, notes, arxiv=own), _NONE, notes),
        categories=_read("categories", lambda: _categories(entry), _NONE, notes),
        published=None if announced else day,
        announced_on=(day or origin.day or "")[:10] or None if announced else None,
        updated=moment_of(entry, "updated"),
        version=int(header[2]) if header and header[2] else (found[1] if found and own else None),
        url=f"https://arxiv.org/abs/{found[0]}" if found and own else link,
        identifiers=stated,
        venue=_venue(entry),
        appeared=_read("place", lambda: _appeared(entry), None, notes),
        orcids=_read("ORCID iDs", lambda: _orcids(entry), _NO_IDS, notes),
        announced=announced,
        withdrawn=(own or not found)
        and says_withdrawn(title, told.abstract, _short(entry.get("arxiv_comment") or "", MAX_COMMENT)),
    )


def _refuse_error(title: str, identity: str, summary: str) -> None:
    """Refuse the entry in which arXiv's API reports an error."""
    if title == "Error" and "/api/errors" in identity:
        message = f"{ERROR}: {one_line(summary)}"
        raise ValueError(message)


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


def _own(identity: str, title: str, source: str, stated: dict[str, str]) -> str:
    """Return the id of an entry; a DOI that follows from an address is not the one that the feed states."""
    own = own_id(identity, source) if identity else title_id(title, source)
    name = doi(stated.get("doi", "")) if own.startswith("doi:") else None
    return f"doi:{name}" if name else own


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
    return fit(cut("abstract", str(entry.get("summary") or _content(entry)), MAX_ABSTRACT, notes)).strip()


def _content(entry: Entry) -> str:
    parts: list[dict[str, Any]] = entry.get("content") or []
    return max((str(part.get("value", "")) for part in parts), key=len, default="")


def _told(entry: Entry, summary: str, notes: list[str]) -> Told:
    """Return the abstract: that of the content where the summary is boilerplate, or a part of what PubMed writes."""
    told = without_boilerplate(summary)
    content = _read("content", lambda: fit(_content(entry)[:MAX_ABSTRACT]).strip(), "", notes) if summary else ""
    if not content:
        return told
    whole = without_boilerplate(content)
    part = not told.abstract or (whole.abstract != content and told.abstract in whole.abstract)
    return Told(whole.abstract, told.authors or whole.authors, told.day or whole.day) if part else told


def _authors(entry: Entry, told: str, notes: list[str], *, arxiv: bool) -> tuple[str, ...]:
    """Read the authors; a single text may name all of them, which the enricher splits, such as `told` elsewhere."""
    names = [str(author.get("name", "")) for author in entry.get("authors", []) if author.get("name")]
    given = entry.get("author") or entry.get("own_authors") or told
    if not names and given:
        names = [str(given)]
    if len(names) == 1 and told.startswith(names[0]):  # PLOS has only the first author in an element
        names = [told]
    if len(names) == 1:
        line = cut("authors", names[0], MAX_AUTHOR_LINE, notes)
        names = list(split_authors(line, given_first=True)) if arxiv else [line]
    return several(
        "authors", list(dict.fromkeys(names)), notes, longest=MAX_AUTHOR_LINE if len(names) == 1 else MAX_AUTHOR
    )
