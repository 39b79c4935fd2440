"""Parses one line of the import format, JSON Lines. Pure."""

import hashlib
from codecs import BOM_UTF8
from typing import Any

import orjson

from services.fetcher.sources.fields import fit, http_url, moment, one_line, several
from services.fetcher.sources.files.own_json import (
    appeared_in,
    code_in,
    flattened,
    orcids_in,
    signals_in,
    tldr_in,
)
from services.fetcher.sources.port import Refusal
from shared.papers.author_lists import as_one
from shared.papers.bounds import (
    MAX_ABSTRACT,
    MAX_AUTHOR,
    MAX_AUTHOR_LINE,
    MAX_AUTHORS,
    MAX_CATEGORIES,
    MAX_CATEGORY,
    MAX_ID,
    MAX_IDS,
    MAX_KIND,
    MAX_TITLE,
    MAX_URL,
    MAX_VENUE,
    MAX_VERSION,
)
from shared.papers.events import Item
from shared.papers.names import arxiv_id, canonical_id, check_id
from shared.papers.titles import cut, fold, is_rubric
from shared.papers.withdrawal import MAX_COMMENT, says_withdrawn

MAX_LINE = 4 * 1024 * 1024
"""Bytes of one line."""
_MAX_REASON = 250


class _RefusedError(ValueError):
    """A line that is not a paper."""


def parse_line(line: bytes, number: int, source: str) -> tuple[Item | None, list[Refusal]]:
    """Parse one line; return the item or None, and what was refused or cleaned, each with its line number."""
    where = f"line {number}"
    notes: list[str] = []
    try:
        item = _item(flattened(_record(line), notes), source, notes)
    except ValueError as error:  # also of an id that is too long
        return None, [Refusal(where, one_line(str(error), _MAX_REASON))]
    return item, [Refusal(where, note, cleaned=True) for note in notes]


def _record(line: bytes) -> dict[str, Any]:
    if len(line) > MAX_LINE:
        message = f"the line is longer than {MAX_LINE:,} bytes, the most a paper may have"
        raise _RefusedError(message)
    line = line.removeprefix(BOM_UTF8)
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        record = _lenient(line, error)
    if not isinstance(record, dict):
        message = f"a JSON object was expected, not {type(record).__name__}"
        raise _RefusedError(message)
    return record


def _lenient(line: bytes, error: orjson.JSONDecodeError) -> Any:  # noqa: ANN401  # any JSON value
    """Parse what the strict parser refuses and can be repaired: lone surrogates, invalid UTF-8."""
    import json  # noqa: PLC0415  # the standard parser accepts lone surrogates; needed for broken lines only

    try:
        return json.loads(line.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError):
        message = f"not JSON: {error}"
        raise _RefusedError(message) from error


def _item(record: dict[str, Any], source: str, notes: list[str]) -> Item:
    title = _text(record, "title", MAX_TITLE, notes)
    if not title.strip():
        message = "no title: every paper needs one"
        raise _RefusedError(message)
    # An export has the formulas in LaTeX beside the plain text.
    abstract = _text(record, "abstract_tex", MAX_ABSTRACT, notes) or _text(record, "abstract", MAX_ABSTRACT, notes)
    authors = _strings(record, "authors", MAX_AUTHORS, MAX_AUTHOR, notes)
    url = _url(record, "url", notes)
    given = _id(record)
    own = given or _from_url(url) or _derived(title, authors, record)
    return Item(
        source="arxiv" if arxiv_id(own) and source == "file" else source,
        id=canonical_id(own),
        title=_text(record, "title_tex", MAX_TITLE, notes) or title,
        abstract=abstract,
        authors=authors,
        categories=_strings(record, "categories", MAX_CATEGORIES, MAX_CATEGORY, notes),
        **_dates(record, notes),
        updated=_moment(record, "updated", notes),
        version=_version(record, own, notes),
        url=url,
        pdf=_url(record, "pdf", notes),
        project=_url(record, "project", notes),
        code=code_in(record, notes),
        identifiers=_identifiers(record, notes),
        venue=" ".join(_text(record, "venue", MAX_VENUE, notes).split()) or None,
        appeared=appeared_in(record, notes),
        orcids=orcids_in(record.get("authors"), notes),
        signals=signals_in(record, notes),
        tldr=tldr_in(record, notes),
        withdrawn=_withdrawn(record, notes) or says_withdrawn(title, abstract, _comment(record)),
    )


def _from_url(url: str | None) -> str | None:
    return canonical_id(url) if url and arxiv_id(url) else None


def _derived(title: str, authors: tuple[str, ...], record: dict[str, Any]) -> str:
    """Derive an id from title and first author; also from the other texts and numbers if many works have the title."""
    flat = (f"{field}: {value}" for field, value in sorted(record.items()) if isinstance(value, str | int | float))
    words = "\n".join((fold(title), *(fold(a) for a in authors[:1]), *(flat if is_rubric(title) else ())))
    return f"pw:{hashlib.blake2b(words.encode('utf-8', 'surrogatepass'), digest_size=10).hexdigest()}"


def _text(record: dict[str, Any], field: str, most: int, notes: list[str]) -> str:
    value = record.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        message = f"{field} must be text, not {type(value).__name__}"
        raise _RefusedError(message)
    if field == "title" and len(value) > most:
        message = f"the title has {len(value):,} characters; {most:,} is the most"
        raise _RefusedError(message)
    value = cut(field, value, most, notes)
    clean = fit(value)
    if clean != value:
        notes.append(f"{field}: characters that cannot be stored were dropped")
    return clean


def _id(record: dict[str, Any]) -> str:
    given = record.get("id")
    if isinstance(given, str):
        check_id(given)
    return _text(record, "id", MAX_ID, []).strip()


def _strings(record: dict[str, Any], field: str, most: int, longest: int, notes: list[str]) -> tuple[str, ...]:
    """Read a list of texts or of objects with a name. One text is a list too: of authors in whatever form."""
    value = record.get(field)
    if value is None:
        return ()
    if isinstance(value, str):
        value = [value] if field == "authors" else value.split(";")
    if not isinstance(value, list):
        notes.append(f"{field}: a list was expected; left out")
        return ()
    entries = [entry.get("name") if isinstance(entry, dict) else entry for entry in value]
    texts = [entry for entry in entries if isinstance(entry, str)]
    if field == "authors" and len(value) == 1 and isinstance(value[0], dict):  # an object is one author
        texts = list(map(as_one, texts))
    if len(texts) < len(entries):
        notes.append(f"{field}: {len(entries) - len(texts)} entries were not text; left out")
    return several(field, texts, notes, most, MAX_AUTHOR_LINE if field == "authors" and len(texts) == 1 else longest)


def _moment(record: dict[str, Any], field: str, notes: list[str]) -> str | None:
    value = record.get(field)
    if value in (None, ""):
        return None
    try:
        return moment(str(value))
    except (ValueError, OverflowError):
        notes.append(f"{field}: {str(value)[:40]!r} is not a date between the years 1500 and 2200; left out")
        return None


def _dates(record: dict[str, Any], notes: list[str]) -> dict[str, str | None]:
    """Read when a paper was published, or when it was announced, as an export tells them apart."""
    day, basis = _moment(record, "published", notes), record.get("date_basis")
    if basis not in (None, "stated", "announced"):
        notes.append("date_basis: stated or announced was expected; left out")
    return {"announced_on": day} if basis == "announced" else {"published": day}


def _url(record: dict[str, Any], field: str, notes: list[str]) -> str | None:
    value = record.get(field)
    if value in (None, ""):
        return None
    if not isinstance(value, str) or not (url := http_url(value)):
        notes.append(f"{field}: only http and https addresses of at most {MAX_URL:,} characters are kept; left out")
        return None
    return url


def _version(record: dict[str, Any], own: str, notes: list[str]) -> int | None:
    value = record.get("version")
    if value is None:
        found = arxiv_id(own)
        return found[1] if found else None
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < MAX_VERSION:
        return value
    notes.append("version: a small positive whole number was expected; left out")
    return None


def _identifiers(record: dict[str, Any], notes: list[str]) -> dict[str, str]:
    """Read further ids of the work, as in papers of the API; a separate `doi` takes precedence."""
    value = record.get("identifiers")
    if value is not None and not isinstance(value, dict):
        notes.append("identifiers: an object was expected; left out")
    given = value if isinstance(value, dict) else {}
    read = [(fit(kind).strip(), fit(name).strip()) for kind, name in given.items() if isinstance(name, str)]
    kept = {kind: name for kind, name in read if 0 < len(kind) <= MAX_KIND and 0 < len(name) <= MAX_ID}
    kept = dict(list(kept.items())[:MAX_IDS])
    if len(kept) < len(given):
        left = len(given) - len(kept)
        notes.append(f"identifiers: {left} entries were empty, too long, too many or not text; left out")
    doi = _text(record, "doi", MAX_ID + 1, []).strip()
    if len(doi) > MAX_ID:
        notes.append(f"doi: longer than {MAX_ID} characters; left out")
        doi = ""
    return kept | ({"doi": doi} if doi else {})


def _comment(record: dict[str, Any]) -> str:
    """Read the authors' comment, which is called `comments` at arXiv, as the number of comments elsewhere."""
    given = (record.get(name) for name in ("comment", "comments"))
    return next((text[:MAX_COMMENT] for text in given if isinstance(text, str)), "")


def _withdrawn(record: dict[str, Any], notes: list[str]) -> bool:
    """Read whether a paper was withdrawn: `status` as in papers of the API, or a flag."""
    status, flag = record.get("status"), record.get("withdrawn")
    if status not in (None, "active", "withdrawn"):
        notes.append("status: active or withdrawn was expected; left out")
    if flag is not None and not isinstance(flag, bool):
        notes.append("withdrawn: true or false was expected; left out")
    return status == "withdrawn" or flag is True
