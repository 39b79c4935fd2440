"""Parses answers of arXiv's API, which are Atom; made for bulk, several times as fast as the parser of feeds. Pure."""

from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree as ET

from services.fetcher.sources.arxiv.arxiv_text import OTHERS, day_or_moment, own_doi
from services.fetcher.sources.arxiv.xml_records import XmlError, read_records
from services.fetcher.sources.fields import clean, one_line, several, venue_of
from services.fetcher.sources.port import Refusal
from shared.errors import PermanentError, TransientError
from shared.papers.bounds import MAX_ABSTRACT, MAX_CATEGORIES, MAX_CATEGORY, MAX_ID, MAX_TITLE
from shared.papers.events import Item
from shared.papers.names import arxiv_id
from shared.papers.titles import cut
from shared.papers.withdrawal import MAX_COMMENT, says_withdrawn

_ATOM: Final = "{http://www.w3.org/2005/Atom}"
_ARXIV: Final = "{http://arxiv.org/schemas/atom}"
_TOTAL: Final = "{http://a9.com/-/spec/opensearch/1.1/}totalResults"
_ID, _TITLE, _SUMMARY = f"{_ATOM}id", f"{_ATOM}title", f"{_ATOM}summary"
_PUBLISHED, _UPDATED = f"{_ATOM}published", f"{_ATOM}updated"
_COMMENT, _DOI, _JOURNAL = f"{_ARXIV}comment", f"{_ARXIV}doi", f"{_ARXIV}journal_ref"
_AUTHOR, _NAME, _CATEGORY, _PRIMARY = f"{_ATOM}author", f"{_ATOM}name", f"{_ATOM}category", f"{_ARXIV}primary_category"
MAX_DIGITS: Final = 9
"""Digits of the number of results."""


@dataclass(slots=True)
class Slice:
    """One answer: a slice of the results. `total` is the number of results; `entries` the number in this answer."""

    items: list[Item] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    total: int = 0
    entries: int = 0


def read_slice(body: bytes) -> Slice:
    """Read an answer of the API.

    Raises:
        TransientError: it is not a whole Atom feed, but an error page or a truncated answer.
        PermanentError: the API reports what is wrong with the query.

    """
    found = Slice()
    try:
        root = read_records(body, f"{_ATOM}entry", lambda entry: _take(entry, found))
    except XmlError as error:
        message = f"the API's answer is not Atom: {error}"
        raise TransientError(message) from error
    if root.tag != f"{_ATOM}feed":
        message = "the API's answer is not Atom but something else"
        raise TransientError(message)
    total = (root.findtext(_TOTAL) or "").strip()
    found.total = int(total) if total.isascii() and total.isdecimal() and len(total) <= MAX_DIGITS else 0
    return found


def _take(entry: ET.Element, found: Slice) -> None:
    found.entries += 1
    texts, people, categories = _parts(entry)
    notes: list[str] = []
    title = " ".join(clean(cut("title", texts.get(_TITLE) or "", MAX_TITLE, notes)).split())
    address = clean((texts.get(_ID) or "")[: MAX_ID + 1])
    if title == "Error" and "/api/errors" in address:
        message = f"the API reports an error: {one_line(texts.get(_SUMMARY) or address)}"
        raise PermanentError(message)
    known = arxiv_id(address)
    if known is None or not title:
        reason = "no arXiv id" if known is None else "no title"
        found.refusals.append(Refusal(f"entry {found.entries}", reason))
        return
    abstract = clean(cut("abstract", texts.get(_SUMMARY) or "", MAX_ABSTRACT, notes))
    item = Item.model_construct(
        source="arxiv",
        id=f"arXiv:{known[0]}",
        title=title,
        abstract=abstract,
        authors=several("authors", [name for name in people if name], notes),
        categories=tuple([term for term in dict.fromkeys(categories[:MAX_CATEGORIES]) if term]),
        published=day_or_moment(texts.get(_PUBLISHED)),
        updated=day_or_moment(texts.get(_UPDATED)),
        version=known[1],
        url=f"https://arxiv.org/abs/{known[0]}",
        identifiers=own_doi(texts.get(_DOI), notes),
        venue=venue_of(texts.get(_JOURNAL)),
        withdrawn=says_withdrawn(title, abstract, (texts.get(_COMMENT) or "")[:MAX_COMMENT]),
        **OTHERS,
    )
    found.items.append(item)
    found.refusals += [Refusal(f"entry {found.entries}", note, cleaned=True) for note in notes]


def _parts(entry: ET.Element) -> tuple[dict[str, str | None], list[str | None], list[str]]:
    """Return the texts of an entry by tag, its authors, and its categories with the primary one first."""
    texts: dict[str, str | None] = {}
    people: list[str | None] = []
    categories: list[str] = []
    for child in entry:
        tag = child.tag
        if tag == _AUTHOR:
            people.append(child[0].text if len(child) and child[0].tag == _NAME else child.findtext(_NAME))
        elif tag == _CATEGORY:
            categories.append(clean((child.get("term") or "")[:MAX_CATEGORY]))
        elif tag == _PRIMARY:
            categories.insert(0, clean((child.get("term") or "")[:MAX_CATEGORY]))
        else:
            texts[tag] = child.text
    return texts, people, categories
