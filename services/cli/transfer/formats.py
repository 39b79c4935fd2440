"""The files that subscriptions are imported from: our own export, BibTeX and OPML. Pure."""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from xml.etree import ElementTree as ET

import orjson
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware
from bibtexparser.model import DuplicateBlockKeyBlock, Entry

from shared.errors import ConfigurationError
from shared.papers.feeds import OPML_TITLE
from shared.papers.names import arxiv_id, canonical_id, doi

_IDS: Final = ("eprint", "doi", "url", "arxivid", "note", "journal", "howpublished")
"""Fields that may hold an id, the most reliable first."""
_WORD: Final = re.compile(r"[^\s{}]+")
# It logs what it also returns, and we report what it returns.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Reference:
    """An entry of a bibliography: its place, its title, and the ids in it."""

    where: str
    title: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed of an OPML list. `ours` says that an instance of Paperwire wrote the list."""

    title: str
    url: str
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that could not be imported: its place and the reason."""

    where: str
    reason: str


def kind_of(raw: bytes) -> str:
    """Return the format of a file: `json`, `opml` or `bibtex`.

    Raises:
        ConfigurationError: it is none of these.

    """
    begin = raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:4_096]
    if begin[:1] in (b"{", b"["):
        return "json"
    if begin[:1] == b"<" and b"<opml" in begin.lower():
        return "opml"
    if b"@" in begin:
        return "bibtex"
    raise ConfigurationError("The file is neither an export of subscriptions, nor OPML, nor BibTeX.")


def read_export(raw: bytes) -> list[dict[str, Any]]:
    """Read subscriptions as `subscriptions export` writes them, or a bare list of them."""
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ConfigurationError(f"The file is not valid JSON: {error}.") from error
    rows = found.get("subscriptions") if isinstance(found, dict) else found
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ConfigurationError("The file holds no list of subscriptions.")
    return rows


def read_opml(raw: bytes) -> list[Feed]:
    """Read the feeds of an OPML list, nested or not. expat bounds the expansion of entities."""
    try:
        root = ET.fromstring(raw)  # noqa: S314  # see above
    except ET.ParseError as error:
        raise ConfigurationError(f"The file is not valid OPML: {error}.") from error
    ours = root.findtext("head/title") == OPML_TITLE
    outlines = (outline.attrib for outline in root.iter("outline"))
    rows = (
        (one.get("title") or one.get("text") or one["xmlUrl"], one["xmlUrl"]) for one in outlines if "xmlUrl" in one
    )
    return [Feed(title, url.strip(), ours) for title, url in rows]


def read_bibtex(raw: bytes) -> tuple[list[Reference], list[Refused]]:
    """Read a bibliography; return its entries, and what could not be read."""
    references: list[Reference] = []
    refused: list[Refused] = []
    _read(raw.decode("utf-8-sig", "replace"), 1, references, refused)
    return references, refused


def _read(text: str, line: int, references: list[Reference], refused: list[Refused]) -> None:
    """Read the text from a line on. An entry with a duplicate key is read separately, since it is a paper too."""
    library = parse_string(text, append_middleware=[LatexDecodingMiddleware()])
    references += (_reference(entry, line) for entry in library.entries)
    for block in library.failed_blocks:
        place = line + (block.start_line or 0)
        if isinstance(block, DuplicateBlockKeyBlock):
            _read(block.raw or "", place, references, refused)
        else:
            refused.append(Refused(f"line {place}", f"cannot be read: {getattr(block, 'error', 'unknown')}"))


def _reference(entry: Entry, line: int) -> Reference:
    fields = {field.key.lower(): str(field.value) for field in entry.fields}
    ids = dict.fromkeys(name for key in _IDS for name in _ids(fields.get(key, "")))
    title = " ".join(fields.get("title", "").replace("{", "").replace("}", "").split())
    return Reference(f"line {line + (entry.start_line or 0)} ({entry.key})", title, tuple(ids))


def _ids(text: str) -> Iterable[str]:
    """Find the arXiv ids and DOIs in a text."""
    for word in _WORD.findall(text):
        name = word.strip(".,;()[]")
        if arxiv_id(name) or doi(name):
            yield canonical_id(name)
