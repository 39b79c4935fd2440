"""Citations of a paper for reference managers: BibTeX, RIS, CSL-JSON.

Titles and names are untrusted: whatever they contain, an entry stays one entry and shows the same text as the paper.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from bibtexparser.entrypoint import write_string
from bibtexparser.library import Library
from bibtexparser.middlewares import AddEnclosingMiddleware
from bibtexparser.model import Entry, Field
from bibtexparser.writer import BibtexFormat

from shared.embedding.stopwords import STOPWORDS
from shared.export.citable import citable
from shared.export.written_names import Name, name_of
from shared.papers.journal_references import JournalReference
from shared.papers.paper import Paper
from shared.papers.titles import fold

# Braces as macros: BibTeX counts every brace, an escaped one too, and an odd one would swallow the entries after it.
_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{sign: f"\\{sign}" for sign in "&%$#_"},
    }
)
# BibTeX takes addresses as they are; only what would end the field is written otherwise.
_VERBATIM = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C", "\n": "%0A", "\r": "%0D"})
_NOT_ASCII_WORD = re.compile(r"[^a-z0-9]")
_FORMAT: Final = BibtexFormat()  # type: ignore[no-untyped-call]
_FORMAT.indent, _FORMAT.trailing_comma, _FORMAT.block_separator = "  ", True, ""
_ENCLOSED: Final = (AddEnclosingMiddleware(False, True, "{"),)  # noqa: FBT003  # every value stands in braces


def key_of(paper: Paper) -> str:
    """Return the key of a citation: family name, year, first significant word of the title.

    Where one of the words has no Latin letters, the id of the paper follows: other papers have the same rest.
    """
    named = next((_plain(name.full_family) for name in people(paper)), None)
    words = (_plain(word) for word in fold(paper.title).split() if word not in STOPWORDS)
    word = next(filter(None, words), "")
    key = (named or "") + citable(paper).year + word
    return key + (_plain(paper.id) if not word or named == "" else "") or "paper"


def bibtex(paper: Paper, key: str | None = None) -> str:
    """Write a BibTeX entry, in UTF-8: of the journal's or the proceedings' version if there is one, else an e-print.

    The key is `key_of` the paper if none is given.
    """
    cited = citable(paper)
    place = cited.place or JournalReference("")
    fields = {
        "title": f"{{{_tex(paper.title)}}}",  # a second pair of braces keeps the capitals
        "author": " and ".join(map(_bibtex_name, people(paper))),
        "year": cited.year,
        "month": next(map(str, cited.date[1:]), ""),
        "booktitle" if place.proceedings else "journal": _tex(place.name),
        "series": _tex(place.series or ""),
        "volume": place.volume,
        "number": place.number,
        "pages": (place.pages or "").replace("-", "--"),
        "note": _tex(cited.note),
        "eprint": _tex(cited.arxiv),
        "archiveprefix": "arXiv" if cited.arxiv else "",
        "primaryclass": _tex(paper.categories[0]) if cited.arxiv and paper.categories else "",
        "doi": cited.doi.translate(_VERBATIM),
        "url": address_of(paper).translate(_VERBATIM),
        "abstract": _tex(paper.abstract),
    }
    kind = ("inproceedings" if place.proceedings else "article") if cited.place else "misc"
    entry = Entry(kind, key or key_of(paper), [Field(name, value) for name, value in fields.items() if value])
    return write_string(Library([entry]), unparse_stack=_ENCLOSED, bibtex_format=_FORMAT)


def ris(paper: Paper) -> str:
    """Write a RIS record; its lines end in CR LF, as the format wants it."""
    cited = citable(paper)
    place = cited.place or JournalReference("")
    first, _, last = (place.pages or "").partition("-")
    rows: list[tuple[str, str]] = [
        ("TY", ("CONF" if place.proceedings else "JOUR") if cited.place else "UNPB"),
        ("TI", paper.title),
        *(("AU", _ris_name(name)) for name in people(paper)),
        ("PY", cited.year),
        ("DA", "/".join(f"{part:02d}" for part in cited.date)),
        ("T2", place.name),
        ("T3", place.series or ""),
        ("VL", place.volume or ""),
        ("IS", place.number or ""),
        ("SP", first),
        ("EP", last),
        ("N1", cited.note),
        ("AB", paper.abstract),
        *(("KW", keyword) for keyword in paper.keywords),
        ("AN", f"arXiv:{cited.arxiv}" if cited.arxiv else ""),
        ("LA", paper.language or ""),
        ("DO", cited.doi),
        ("UR", address_of(paper)),
    ]
    # A value is one line: a line end in it would begin another field.
    lines = [f"{tag}  - {line}" for tag, value in rows if (line := " ".join(value.split()))]
    return "\r\n".join([*lines, "ER  - ", ""])


def csl(paper: Paper) -> dict[str, Any]:
    """Return a paper as an item of CSL-JSON 1.0."""
    cited = citable(paper)
    place = cited.place or JournalReference("")
    item: dict[str, Any] = {
        "id": paper.id,
        "type": ("paper-conference" if place.proceedings else "article-journal") if cited.place else "article",
        "title": paper.title,
        "author": [_csl_name(name) for name in people(paper)],
        "issued": {"date-parts": [list(cited.date)]} if cited.date else None,
        "container-title": place.name,
        "collection-title": place.series,
        "volume": place.volume,
        "issue": place.number,
        "page": place.pages,
        "note": cited.note,
        "number": f"arXiv:{cited.arxiv}" if cited.arxiv else None,
        "DOI": cited.doi,
        "URL": address_of(paper),
        "keyword": ", ".join(paper.keywords),
        "abstract": paper.abstract,
    }
    return {name: value for name, value in item.items() if value}


def people(paper: Paper) -> Iterator[Name]:
    """Yield the names of the authors; a sign without letters is none, though a source had it in its list."""
    return (name_of(author.name) for author in paper.authors if any(map(str.isalnum, author.name)))


def _tex(text: str) -> str:
    return " ".join(text.split()).translate(_TEX)


def _bibtex_name(name: Name) -> str:
    parts = [_tex(part) for part in (name.full_family, name.suffix, name.given) if part]
    if len(parts) == 1 or not name.given or any(re.search(r"\band\b", part) for part in parts):
        return f"{{{' '.join(reversed(parts))}}}"  # one word of a name, whatever stands in it
    return ", ".join(parts)


def _ris_name(name: Name) -> str:
    return ", ".join(filter(None, (name.full_family, name.given, name.suffix)))


def _csl_name(name: Name) -> dict[str, str]:
    if not name.given:
        return {"literal": f"{name.full_family} {name.suffix}".strip()}
    parts = {"family": name.family, "given": name.given, "suffix": name.suffix, "non-dropping-particle": name.particle}
    return {part: text for part, text in parts.items() if text}


def _plain(text: str) -> str:
    return _NOT_ASCII_WORD.sub("", fold(text))


def address_of(paper: Paper) -> str:
    """Return the address of a paper, or "" where none is HTTP or HTTPS."""
    address = paper.links.abs or next((source.url for source in paper.sources if source.url), None) or ""
    return address if address.startswith(("https://", "http://")) else ""
