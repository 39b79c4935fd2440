"""Citations of a paper for reference managers: BibTeX, RIS, CSL-JSON.

Titles and names are untrusted: whatever they contain, an entry stays one entry and shows the same text as the paper.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shared.embedding.stopwords import STOPWORDS
from shared.papers.names import fold
from shared.papers.paper import Paper
from shared.papers.partial_dates import date_parts

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
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv)\.?", re.IGNORECASE)
_GROUP = re.compile(r"\b(?:collaboration|consortium|team|group|project|committee)\b", re.IGNORECASE)
_NOT_ASCII_WORD = re.compile(r"[^a-z0-9]")
_MAX_COMMAS = 2  # of a name written family first: Doe, Jr., Jane


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name in its parts; a group has a family name only."""

    family: str
    given: str = ""
    suffix: str = ""


def name_of(text: str) -> Name:
    """Split a name into its parts, whichever comes first; lower-case particles, as in van Beethoven, are family."""
    text = " ".join(text.split())
    if _GROUP.search(text) or text.count(",") > _MAX_COMMAS:
        return Name(text)
    if "," in text:
        family, *others = (part.strip() for part in text.split(","))
        return Name(family, others[-1], others[0] if len(others) > 1 else "")
    words = text.split()
    suffix = words.pop() if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else ""  # noqa: PLR2004  # Jane Doe Jr.
    starts = next((i for i, word in enumerate(words[1:-1], 1) if word[0].islower()), len(words) - 1)
    return Name(" ".join(words[max(starts, 0) :]), " ".join(words[: max(starts, 0)]), suffix)


def key_of(paper: Paper) -> str:
    """Return the key of a citation: family name, year, first significant word of the title."""
    author = next((_plain(name.family) for name in _people(paper)), "")
    words = (_plain(word) for word in fold(paper.title).split() if word not in STOPWORDS)
    key = author + (_year(paper) or "") + next(filter(None, words), "")
    return key or _plain(paper.id) or "paper"


def bibtex(paper: Paper, key: str | None = None) -> str:
    """Write a BibTeX entry, in UTF-8: an article where it was published, else an e-print. The key is `key_of` it."""
    arxiv, doi = paper.identifiers.get("arxiv"), paper.identifiers.get("doi")
    fields = {
        "title": f"{{{_tex(paper.title)}}}",  # a second pair of braces keeps the capitals
        "author": " and ".join(map(_bibtex_name, _people(paper))),
        "year": _year(paper),
        "month": _month(paper),
        "journal": _tex(paper.venue or ""),
        "eprint": _tex(arxiv or ""),
        "archiveprefix": "arXiv" if arxiv else "",
        "primaryclass": _tex(paper.categories[0]) if arxiv and paper.categories else "",
        "doi": (doi or "").translate(_VERBATIM),
        "url": _address(paper).translate(_VERBATIM),
        "abstract": _tex(paper.abstract),
    }
    rows = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@{'article' if paper.venue else 'misc'}{{{key or key_of(paper)},\n{rows}}}\n"


def ris(paper: Paper) -> str:
    """Write a RIS record; its lines end in CR LF, as the format wants it."""
    date = "/".join(f"{part:02d}" for part in _date(paper))
    rows: list[tuple[str, str]] = [
        ("TY", "JOUR" if paper.venue else "UNPB"),
        ("TI", paper.title),
        *(("AU", _ris_name(name)) for name in _people(paper)),
        ("PY", _year(paper) or ""),
        ("DA", date),
        ("T2", paper.venue or ""),
        ("AB", paper.abstract),
        *(("KW", keyword) for keyword in paper.keywords),
        ("AN", f"arXiv:{paper.identifiers['arxiv']}" if "arxiv" in paper.identifiers else ""),
        ("DO", paper.identifiers.get("doi", "")),
        ("UR", _address(paper)),
    ]
    # A value is one line: a line end in it would begin another field.
    lines = [f"{tag}  - {line}" for tag, value in rows if (line := " ".join(value.split()))]
    return "\r\n".join([*lines, "ER  - ", ""])


def csl(paper: Paper) -> dict[str, Any]:
    """Return a paper as an item of CSL-JSON 1.0."""
    item: dict[str, Any] = {
        "id": paper.id,
        "type": "article-journal" if paper.venue else "article",
        "title": paper.title,
        "author": [_csl_name(name) for name in _people(paper)],
        "issued": {"date-parts": [list(_date(paper))]} if paper.published else None,
        "container-title": paper.venue,
        "number": f"arXiv:{paper.identifiers['arxiv']}" if "arxiv" in paper.identifiers else None,
        "DOI": paper.identifiers.get("doi"),
        "URL": _address(paper),
        "keyword": ", ".join(paper.keywords),
        "abstract": paper.abstract,
    }
    return {name: value for name, value in item.items() if value}


def _people(paper: Paper) -> Iterator[Name]:
    """Yield the names of the authors; a sign without letters is none, though a source had it in its list."""
    return (name_of(author.name) for author in paper.authors if any(map(str.isalnum, author.name)))


def _tex(text: str) -> str:
    return " ".join(text.split()).translate(_TEX)


def _bibtex_name(name: Name) -> str:
    parts = [_tex(part) for part in (name.family, name.suffix, name.given) if part]
    if len(parts) == 1 or any(re.search(r"\band\b", part) for part in parts):
        return f"{{{' '.join(reversed(parts))}}}"  # one word of a name, whatever stands in it
    return ", ".join(parts)


def _ris_name(name: Name) -> str:
    return ", ".join(filter(None, (name.family, name.given, name.suffix)))


def _csl_name(name: Name) -> dict[str, str]:
    if not name.given:
        return {"literal": name.family}
    return {"family": name.family, "given": name.given, **({"suffix": name.suffix} if name.suffix else {})}


def _plain(text: str) -> str:
    return _NOT_ASCII_WORD.sub("", fold(text))


def _date(paper: Paper) -> tuple[int, ...]:
    """Return the year, and the month and the day as far as they are known."""
    return date_parts(paper.published) if paper.published else ()


def _year(paper: Paper) -> str | None:
    return next((f"{year:04d}" for year in _date(paper)[:1]), None)


def _month(paper: Paper) -> str | None:
    return next(map(str, _date(paper)[1:]), None)


def _address(paper: Paper) -> str:
    """Return the address of a paper, or "" where none is HTTP or HTTPS."""
    address = paper.links.abs or next((source.url for source in paper.sources if source.url), None) or ""
    return address if address.startswith(("https://", "http://")) else ""
