"""Bibliographies in BibTeX. bibtexparser finds the entries; strings are joined here, as it does not do it. Pure."""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from bibtexparser.entrypoint import parse_string
from bibtexparser.library import Library
from bibtexparser.model import DuplicateBlockKeyBlock, DuplicateFieldKeyBlock, Entry, ImplicitComment

from services.cli.transfer.formats import Refused, decoded
from services.enricher.text.clean import clean_text
from services.fetcher.sources.fields import one_line
from shared.papers.bounds import MAX_TITLE
from shared.papers.names import arxiv_id, canonical_id, doi

_IDS: Final = ("eprint", "doi", "url", "arxivid", "note", "journal", "howpublished")
"""Fields that may hold an id, the most reliable first."""
_READ: Final = frozenset({*_IDS, "title", "crossref"})
_WORD: Final = re.compile(r"[^\s{}]+")
_BRACE: Final = re.compile(r"(?<!\\)[{}]")
_MARKS: Final = re.compile(r'(?<!\\)[{}"#]')
_BEGUN: Final = re.compile(r"^[ \t]*(@[A-Za-z]{1,30})\b", re.MULTILINE)
# Mendeley writes {\_} in DOIs, Zotero {\textless} and {\textgreater}.
_ESCAPED: Final = re.compile(r"\{\\([_%&#$~])\}|\\([_%&#$~])")
_ANGLE: Final = re.compile(r"\{\\text(less|greater)\}|\\text(less|greater)(?:\{\}| )?|\$([<>])\$")
MAX_VALUE: Final = 2 * MAX_TITLE
"""Characters of a value: strings that hold strings may be of any length."""
_MAX_REASON: Final = 250
# It logs what it also returns, and we report what it returns.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Reference:
    """An entry of a bibliography: its place, its title, and the ids in it."""

    where: str
    title: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """An entry as it was read: its line, its key, the key of the entry that it is part of, and what it says."""

    line: int
    key: str
    parent: str
    reference: Reference


def read_bibtex(raw: bytes) -> tuple[list[Reference], list[Refused]]:
    """Read a bibliography; return its entries in their order, and what could not be read.

    An entry whose key or field stands twice is a paper too. One that has neither a title nor an id takes both from the
    entry that its `crossref` names, which may stand after it.
    """
    refused: list[Refused] = []
    library = parse_string(decoded(raw), parse_stack=[])
    strings = _strings(library)
    found = sorted(_entries(library, 1, refused), key=lambda one: one[0])
    refused += _lost(library)
    read = [_read(line, entry, strings) for line, entry in found]
    known = {one.key: one.reference for one in reversed(read)}  # the first of two entries with a key has it
    return [_with_parent(one, known) for one in read], sorted(refused, key=lambda one: int(one.where.split()[1]))


def _entries(library: Library, line: int, refused: list[Refused]) -> Iterator[tuple[int, Entry]]:
    """Yield the entries of a text that begins in a line, each with its line."""
    for entry in library.entries:
        yield line + (entry.start_line or 0), entry
    for block in library.failed_blocks:
        place = line + (block.start_line or 0)
        if isinstance(block, DuplicateBlockKeyBlock):
            yield from _entries(parse_string(block.raw or "", parse_stack=[]), place, refused)
        elif isinstance(block, DuplicateFieldKeyBlock) and isinstance(block.ignore_error_block, Entry):
            yield place, block.ignore_error_block
        else:
            reason = getattr(block.error, "abort_reason", "") or str(block.error)
            refused.append(Refused(f"line {place}", f"cannot be read: {one_line(reason, _MAX_REASON)}"))


def _lost(library: Library) -> Iterator[Refused]:
    """Yield what begins as an entry does and stands between the entries, where any text is a comment."""
    for block in library.comments:
        if isinstance(block, ImplicitComment) and (found := _BEGUN.search(block.comment)):
            line = 1 + (block.start_line or 0) + block.comment.count("\n", 0, found.start(1))
            yield Refused(f"line {line}", f"cannot be read: there is no brace after {one_line(found[1])}")


def _strings(library: Library) -> dict[str, str]:
    """Return the strings by their names in lower case; each may be made of those before it."""
    strings: dict[str, str] = {}
    for one in library.strings:
        strings[one.key.lower()] = _value(str(one.value), strings)
    return strings


def _read(line: int, entry: Entry, strings: Mapping[str, str]) -> _Read:
    fields: dict[str, str] = {}
    for field in entry.fields:
        if (name := field.key.lower()) in _READ and not fields.get(name):
            fields[name] = _value(str(field.value), strings)
    ids = dict.fromkeys(name for key in _IDS for name in _ids(fields.get(key, "")))
    title = clean_text(fields.get("title", ""), MAX_TITLE).replace("{", "").replace("}", "")
    reference = Reference(f"line {line} ({one_line(entry.key)})", title, tuple(ids))
    return _Read(line, entry.key.lower(), fields.get("crossref", "").strip().lower(), reference)


def _with_parent(one: _Read, known: Mapping[str, Reference]) -> Reference:
    parent = known.get(one.parent)
    if parent is None or one.reference.title or one.reference.ids:
        return one.reference
    return replace(parent, where=one.reference.where)


def _value(text: str, strings: Mapping[str, str]) -> str:
    """Return a value without what encloses it: `{Folds } # pnas` is made of a text and a string."""
    whole = "".join(_part(part.strip(), strings) for part in _parts(text))
    return whole[:MAX_VALUE]


def _parts(text: str) -> Iterator[str]:
    """Split a value at the `#` outside braces and quotation marks."""
    start, depth, quoted = 0, 0, False
    for mark in _MARKS.finditer(text):
        sign = mark[0]
        depth += (sign == "{") - (sign == "}")
        if depth == 0 and sign == '"':
            quoted = not quoted
        elif depth == 0 and sign == "#" and not quoted:
            yield text[start : mark.start()]
            start = mark.end()
    yield text[start:]


def _part(text: str, strings: Mapping[str, str]) -> str:
    if text[:1] == "{" and (end := _closing(text)):
        return text[1:end]  # what stands behind it is the next field, where the comma is missing
    if text[:1] + text[-1:] == '""' and len(text) > 1:
        return text[1:-1]
    return strings.get(text.lower(), text)


def _angle(found: re.Match[str]) -> str:
    return found[3] or {"less": "<", "greater": ">"}[found[1] or found[2]]


def _closing(text: str) -> int:
    """Return the place of the brace that closes the first one, or 0."""
    depth = 0
    for mark in _BRACE.finditer(text):
        depth += 1 if mark[0] == "{" else -1
        if depth == 0:
            return mark.start()
    return 0


def _ids(text: str) -> Iterator[str]:
    """Find the arXiv ids and DOIs in a text."""
    plain = _ANGLE.sub(_angle, _ESCAPED.sub(lambda sign: sign[1] or sign[2], text))
    for word in _WORD.findall(plain):
        name = word.strip(".,;()[]")
        if arxiv_id(name) or doi(name):
            yield canonical_id(name)
