"""Parses OAI-PMH answers in arXiv's formats `arXiv` and `arXivRaw`, from the archive or from a saved file. Pure."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple
from xml.etree import ElementTree as ET

from services.fetcher.sources.arxiv.arxiv_text import OTHERS, day_or_moment, own_doi, people_in
from services.fetcher.sources.arxiv.xml_records import XmlError, read_records
from services.fetcher.sources.fields import clean, one_line, several, venue_of
from services.fetcher.sources.port import Poll, Refusal
from shared.errors import PermanentError
from shared.papers.bounds import (
    MAX_ABSTRACT,
    MAX_AUTHOR,
    MAX_AUTHOR_LINE,
    MAX_CATEGORIES,
    MAX_CATEGORY,
    MAX_ID,
    MAX_TITLE,
    MAX_VENUE,
)
from shared.papers.events import Item
from shared.papers.names import canonical_id
from shared.papers.titles import cut
from shared.papers.withdrawal import MAX_COMMENT, says_withdrawn

_OAI: Final = "{http://www.openarchives.org/OAI/2.0/}"
_ARXIV: Final = "{http://arxiv.org/OAI/arXiv/}"
_RAW: Final = "{http://arxiv.org/OAI/arXivRaw/}"
_HEADER, _METADATA, _NAME = f"{_OAI}header", f"{_OAI}metadata", f"{_OAI}identifier"
_RAW_RECORD, _VERSION, _DATE = f"{_RAW}arXivRaw", f"{_RAW}version", f"{_RAW}date"
MAX_ARXIV_ID: Final = 40
"""Characters of an arXiv id, with a margin."""
_NAMES: Final = {
    "id": MAX_ARXIV_ID + 1,
    "title": MAX_TITLE,
    "abstract": MAX_ABSTRACT,
    "doi": MAX_ID,
    "categories": MAX_CATEGORIES * MAX_CATEGORY,
    "comments": MAX_COMMENT,
    "journal-ref": MAX_VENUE,
}
"""The elements that are read, and how many characters of each."""
_DOI: Final = list(_NAMES).index("doi")
_ARXIV_NAMES, _RAW_NAMES = (tuple(space + name for name in _NAMES) for space in (_ARXIV, _RAW))
_FORENAMES, _KEYNAME, _SUFFIX = f"{_ARXIV}forenames", f"{_ARXIV}keyname", f"{_ARXIV}suffix"
_SOURCE_TYPE: Final = f"{_RAW}source_type"
_IGNORED: Final = "I"
"""The flag of a version that has no files, as it withdraws the paper (https://info.arxiv.org/help/oa/index.html)."""
MAX_TOKEN: Final = 4_000
MAX_DIGITS: Final = 3
"""Digits of a version."""


@dataclass(slots=True)
class Page:
    """One answer. `deleted` are ids of deleted records without metadata; `error` is the error code of the protocol."""

    items: list[Item] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    token: str | None = None
    error: str | None = None
    explanation: str = ""
    records: int = 0


class _History(NamedTuple):
    """The first date and the last one, the version, and whether that one has no files."""

    first: str | None
    last: str | None
    version: int | None = None
    withdrawn: bool = False


def parse_oai(body: bytes, source: str = "arxiv") -> Poll:
    """Parse the records of a saved answer; deleted records without metadata are refused.

    Raises:
        PermanentError: it is not XML, or the answer is an error.

    """
    page = read_page(body, source)
    if page.error:
        message = f"the archive reports the error {page.error}: {page.explanation}"
        raise PermanentError(message)
    return Poll(page.items, page.refusals)


def read_page(body: bytes, source: str = "arxiv") -> Page:
    """Parse an answer of ListRecords or GetRecord, which may be an error; raises PermanentError if it is not XML."""
    page = Page()
    try:
        root = read_records(body, f"{_OAI}record", lambda record: _take(record, source, page))
    except XmlError as error:
        message = f"not XML: {error}"
        raise PermanentError(message) from error
    if root.tag != f"{_OAI}OAI-PMH":
        message = "not an OAI-PMH document"
        raise PermanentError(message)
    tokens = (part.findtext(f"{_OAI}resumptionToken", "").strip() for part in root)
    page.token = next(filter(None, tokens), "")[:MAX_TOKEN] or None
    for fault in root.findall(f"{_OAI}error"):
        page.error, page.explanation = fault.get("code") or "an error", one_line(fault.text or "")
    return page


def _take(record: ET.Element, source: str, page: Page) -> None:
    metadata = record.find(_METADATA)
    fields = metadata[0] if metadata is not None and len(metadata) else None
    item = None
    notes: list[str] = []
    if fields is not None:
        item = (_raw if fields.tag == _RAW_RECORD else _arxiv)(fields, source, notes)
    page.records += 1
    where = f"record {page.records}"
    page.refusals += [Refusal(where, note, cleaned=True) for note in notes]
    if item is not None:
        page.items.append(item)
        return
    page.refusals.append(Refusal(where, "no arXiv metadata"))
    header = record.find(_HEADER)
    if header is not None and header.get("status") == "deleted" and (name := clean(header.findtext(_NAME))):
        page.deleted.append(canonical_id(name))


def _arxiv(fields: ET.Element, source: str, notes: list[str]) -> Item | None:
    texts = {child.tag: child.text for child in fields}
    people = fields.find(f"{_ARXIV}authors")
    names = several("authors", [_person(author) for author in (() if people is None else people)], notes)
    history = _History(texts.get(f"{_ARXIV}created"), texts.get(f"{_ARXIV}updated"))
    return _item(source, [texts.get(name) for name in _ARXIV_NAMES], names, history, notes)


def _raw(fields: ET.Element, source: str, notes: list[str]) -> Item | None:
    texts = {child.tag: child.text for child in fields}
    versions = fields.findall(_VERSION)
    dates = [version.findtext(_DATE) for version in versions] or [None]
    number = (versions[-1].get("version") or "").lstrip("v") if versions else ""
    version = int(number) if number.isdecimal() and number.isascii() and len(number) <= MAX_DIGITS else None
    kind = (versions[-1].findtext(_SOURCE_TYPE) or "").strip() if versions else ""
    history = _History(dates[0], dates[-1], version, withdrawn=_IGNORED in kind)
    people = people_in(cut("authors", texts.get(f"{_RAW}authors") or "", MAX_AUTHOR_LINE, notes))
    return _item(source, [texts.get(name) for name in _RAW_NAMES], people, history, notes)


def _item(
    source: str,
    texts: list[str | None],
    authors: tuple[str, ...],
    history: _History,
    notes: list[str],
) -> Item | None:
    """Make an item from the texts of `_NAMES` and its history."""
    arxiv, title, abstract, _, categories, comments, journal = (
        clean(cut(name, text or "", most, notes)) for (name, most), text in zip(_NAMES.items(), texts, strict=True)
    )
    title = " ".join(title.split())
    if not arxiv or not title or len(arxiv) > MAX_ARXIV_ID:
        return None
    return Item.model_construct(
        source=source,
        id=canonical_id(f"arXiv:{arxiv}") if "/" in arxiv else f"arXiv:{arxiv}",
        title=title,
        abstract=abstract,
        authors=authors,
        categories=tuple(categories.split()[:MAX_CATEGORIES]),
        published=day_or_moment(history.first),
        updated=day_or_moment(history.last),
        version=history.version,
        url=f"https://arxiv.org/abs/{arxiv}",
        identifiers=own_doi(texts[_DOI], notes),
        venue=venue_of(journal),
        withdrawn=history.withdrawn or says_withdrawn(title, abstract, comments),
        **OTHERS,
    )


def _person(author: ET.Element) -> str:
    parts = {part.tag: (part.text or "")[: MAX_AUTHOR + 1] for part in author}
    return " ".join(filter(None, map(parts.get, (_FORENAMES, _KEYNAME, _SUFFIX))))
