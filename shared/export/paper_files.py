"""Files of many papers: BibTeX, RIS, CSL-JSON, and JSON Lines as `paperwire import` reads them.

A file is written part by part, so that one of any length takes the memory of a part.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from textwrap import indent
from types import GenericAlias
from typing import Any, Final, Literal

import orjson

from shared.export.citation import bibtex, csl, key_of, ris
from shared.papers.author_lists import as_one
from shared.papers.bounds import NONCHARACTERS
from shared.papers.names import point_id
from shared.papers.paper import CodeLink, Paper

_UNFIT: Final = re.compile(f"[\ud800-\udfff{NONCHARACTERS}]")
"""What no program reads, in a paper that was stored before the enricher dropped it: biber refuses the whole file."""
FormatId = Literal["bibtex", "ris", "csl", "jsonl"]


class Keys:
    """The keys of the entries of one file, each of them once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def next(self, paper: Paper) -> str:
        """Return the key of a paper that is not in the file yet: its own, or if that is taken, with its id added."""
        own = key_of(paper)
        plain = "".join(filter(str.isalnum, paper.id.encode("ascii", "ignore").decode())).lower()  # as BibTeX compares
        candidates = (own, f"{own}-{plain}", f"{own}-{point_id(paper.id)}")
        key = next(key for key in candidates if key not in self._taken)
        self._taken.add(key)
        return key


def import_record(paper: Paper) -> dict[str, Any]:
    """Return what an import needs to make the same work again; counters are those of this moment."""
    own = [ref.version for ref in paper.sources if ref.id == paper.id and ref.version]
    record = {
        "id": paper.id,
        "title": paper.title,
        "abstract": paper.abstract,
        "title_tex": paper.title_tex,
        "abstract_tex": paper.abstract_tex,
        "authors": _names(paper),
        "categories": paper.categories,
        "published": paper.published,
        "date_basis": paper.date_basis if paper.date_basis == "announced" else None,
        "updated": paper.updated,
        "version": max(own, default=None),
        "url": paper.links.abs,
        "pdf": paper.links.pdf,
        "project": paper.links.project,
        "code": [_repository(link) for link in paper.links.code],
        "identifiers": paper.identifiers,
        "venue": paper.venue,
        "appeared": paper.appeared.model_dump(exclude_none=True) if paper.appeared else None,
        "status": paper.status if paper.status == "withdrawn" else None,
        "tldr": paper.tldr.model_dump(exclude_defaults=True) if paper.tldr else None,
        **paper.signals.model_dump(),
    }
    return {name: value for name, value in record.items() if value not in (None, "", (), [], {})}


def _repository(link: CodeLink) -> str | dict[str, Any]:
    """Return an address, with what is known of the repository."""
    known = link.model_dump(exclude_none=True)
    return known if len(known) > 1 else link.url


def _names(paper: Paper) -> list[str | dict[str, str]]:
    """Return the authors. A name alone that reads as several stands in braces, which an import reads as one name."""
    if len(paper.authors) == 1 and not paper.authors[0].orcid:
        return [as_one(paper.authors[0].name)]
    return [{"name": one.name, "orcid": one.orcid} if one.orcid else one.name for one in paper.authors]


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A format: its media type, the suffix of its files, the type of an answer, and how its entries are written."""

    media: str
    suffix: str
    answer: type[Any] | GenericAlias
    entry: Callable[[Paper, Keys], str]
    begin: str = ""
    between: str = ""
    end: str = ""


# Desktops know BibTeX as text/x-bibtex (shared-mime-info). A generated client may read all answers of an operation as
# the first media type that it knows: it can read every format as text, and only CSL-JSON as JSON.
FORMATS: Final[Mapping[FormatId, FileFormat]] = {
    "bibtex": FileFormat(
        "text/x-bibtex", "bib", str, lambda paper, keys: bibtex(paper, keys.next(paper)), between="\n"
    ),
    "ris": FileFormat("application/x-research-info-systems", "ris", str, lambda paper, _: ris(paper)),
    "csl": FileFormat(
        "application/vnd.citationstyles.csl+json",
        "json",
        list[dict[str, Any]],
        lambda paper, _: indent(json.dumps(csl(paper), ensure_ascii=False, indent=2), "  "),
        begin="[\n",
        between=",\n",
        end="\n]\n",
    ),
    "jsonl": FileFormat(
        "application/jsonl", "jsonl", str, lambda paper, _: orjson.dumps(import_record(paper)).decode() + "\n"
    ),
}
"""The formats by their id in a request."""


class File:
    """One file, written part by part."""

    def __init__(self, format_id: FormatId) -> None:
        self._format = FORMATS[format_id]
        self._keys = Keys()
        self._before = self._format.begin

    def part(self, papers: Iterable[Mapping[str, Any]]) -> bytes:
        """Return the next part of the file, with papers as the index and the events hold them."""
        texts: list[str] = []
        for paper in papers:
            texts += (self._before, self._format.entry(Paper.model_validate(paper), self._keys))
            self._before = self._format.between
        return _UNFIT.sub("", "".join(texts)).encode()

    def end(self) -> bytes:
        """Return the last part."""
        begun = self._before == self._format.between
        return (("" if begun else self._format.begin) + self._format.end).encode()


def whole(format_id: FormatId, papers: Iterable[Mapping[str, Any]]) -> bytes:
    """Write a file at once, for few papers."""
    file = File(format_id)
    return b"".join(chain([file.part(papers)], [file.end()]))
