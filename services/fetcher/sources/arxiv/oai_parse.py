"""Parses OAI-PMH answers in arXiv's formats `arXiv` and `arXivRaw`, from the archive or from a saved file. Pure."""

from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree as ET

from services.fetcher.sources.arxiv.arxiv_text import OTHERS, day_or_moment, says_withdrawn, split_authors
from services.fetcher.sources.arxiv.xml_records import XmlError, read_records
from services.fetcher.sources.fields import MAX_ABSTRACT, MAX_AUTHORS, MAX_TITLE, clean, one_line, venue_of
from services.fetcher.sources.port import Poll, Refusal
from shared.errors import PermanentError
from shared.papers.events import Item
from shared.papers.names import canonical_id

_OAI: Final = "{http://www.openarchives.org/OAI/2.0/}"
_ARXIV: Final = "{http://arxiv.org/OAI/arXiv/}"
_RAW: Final = "{http://arxiv.org/OAI/arXivRaw/}"
_HEADER, _METADATA, _NAME = f"{_OAI}header", f"{_OAI}metadata", f"{_OAI}identifier"
_RAW_RECORD, _VERSION, _DATE = f"{_RAW}arXivRaw", f"{_RAW}version", f"{_RAW}date"
_NAMES: Final = ("id", "title", "abstract", "doi", "categories", "comments", "journal-ref")
_ARXIV_NAMES, _RAW_NAMES = (tuple(space + name for name in _NAMES) for space in (_ARXIV, _RAW))
_FORENAMES, _KEYNAME, _SUFFIX = f"{_ARXIV}forenames", f"{_ARXIV}keyname", f"{_ARXIV}suffix"
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
    if fields is not None:
        item = _raw(fields, source) if fields.tag == _RAW_RECORD else _arxiv(fields, source)
    if item is not None:
        page.items.append(item)
        return
    page.refusals.append(Refusal(f"record {len(page.items) + len(page.refusals) + 1}", "no arXiv metadata"))
    header = record.find(_HEADER)
    if header is not None and header.get("status") == "deleted" and (name := clean(header.findtext(_NAME))):
        page.deleted.append(canonical_id(name))


def _arxiv(fields: ET.Element, source: str) -> Item | None:
    texts = {child.tag: child.text for child in fields}
    people = fields.find(f"{_ARXIV}authors")
    names = [_person(author) for author in (() if people is None else people[:MAX_AUTHORS])]
    history = (texts.get(f"{_ARXIV}created"), texts.get(f"{_ARXIV}updated"), None)
    return _item(source, [texts.get(name) for name in _ARXIV_NAMES], tuple(filter(None, names)), history)


def _raw(fields: ET.Element, source: str) -> Item | None:
    texts = {child.tag: child.text for child in fields}
    versions = fields.findall(_VERSION)
    dates = [version.findtext(_DATE) for version in versions] or [None]
    number = (versions[-1].get("version") or "").lstrip("v") if versions else ""
    version = int(number) if number.isdecimal() and number.isascii() and len(number) <= MAX_DIGITS else None
    people = split_authors(texts.get(f"{_RAW}authors") or "")
    return _item(source, [texts.get(name) for name in _RAW_NAMES], people, (dates[0], dates[-1], version))


def _item(
    source: str,
    texts: list[str | None],
    authors: tuple[str, ...],
    history: tuple[str | None, str | None, int | None],
) -> Item | None:
    """Make an item from the texts of `_NAMES`; `history` is its first date, its last date, and its version."""
    arxiv, title, abstract, doi, categories, comments, journal = map(clean, texts)
    title = " ".join(title.split())
    if not arxiv or not title:
        return None
    return Item.model_construct(
        source=source,
        id=canonical_id(f"arXiv:{arxiv}") if "/" in arxiv else f"arXiv:{arxiv}",
        title=title[:MAX_TITLE],
        abstract=abstract[:MAX_ABSTRACT],
        authors=authors,
        categories=tuple(categories.split()),
        published=day_or_moment(history[0]),
        updated=day_or_moment(history[1]),
        version=history[2],
        url=f"https://arxiv.org/abs/{arxiv}",
        identifiers={"doi": doi.partition(" ")[0]} if doi else {},
        venue=venue_of(journal),
        withdrawn=says_withdrawn(comments, abstract),
        **OTHERS,
    )


def _person(author: ET.Element) -> str:
    parts = {part.tag: part.text for part in author}
    name = f"{parts.get(_FORENAMES) or ''} {parts.get(_KEYNAME) or ''} {parts.get(_SUFFIX) or ''}"
    return " ".join(clean(name).split())
