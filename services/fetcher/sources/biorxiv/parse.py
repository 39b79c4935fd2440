"""Parses one page of `details` of bioRxiv or medRxiv. Pure."""

import re
from typing import Final, Literal

from services.fetcher.sources.biorxiv.marks import without_marks
from services.fetcher.sources.fields import moment, one_line, several
from services.fetcher.sources.json_records import Page, Record, RefusedError, load, read_records
from shared.errors import TransientError
from shared.papers.author_lists import split_authors
from shared.papers.bounds import MAX_ABSTRACT, MAX_AUTHOR_LINE, MAX_TITLE, MAX_VERSION
from shared.papers.events import Item
from shared.papers.names import doi
from shared.papers.withdrawal import says_withdrawn

_DAY: Final = re.compile(r"/(\d{4})\.(\d{2})\.(\d{2})\.\d")
Server = Literal["biorxiv", "medrxiv"]
MAX_ENTRIES: Final = 1_000
"""Preprints taken from one page; the pages of the source have 30 or 100."""


def parse_details(body: bytes, server: Server) -> Page:
    """Parse a page; an invalid preprint is refused alone. The cursor advances by `entries`.

    Raises:
        TransientError: it is not a page of preprints, but an error or a challenge page.

    """
    document = load(body)
    rows = document.get("collection") if isinstance(document, dict) else None
    status, total = _message(document.get("messages") if isinstance(document, dict) else None)
    if not isinstance(rows, list):
        if status.startswith("no posts"):
            return Page([], [], 0, 0)
        message = f"the source answers: {status}" if status else "the answer is not a page of preprints"
        raise TransientError(message)
    page = read_records(rows, lambda record: _item(record, server), "preprint", MAX_ENTRIES)
    return Page(page.items, page.refusals, page.entries, total)


def _message(messages: object) -> tuple[str, int | None]:
    """Read the status, in lower case, and the total number of preprints, which is sometimes sent as text."""
    first = messages[0] if isinstance(messages, list) and messages else None
    if not isinstance(first, dict):
        return "", None
    return one_line(str(first.get("status", ""))).lower(), Record(first).count("total")


def _item(record: Record, server: Server) -> Item:
    given = record.needed("doi", 300)
    name = doi(given)
    if name is None:
        message = f"{one_line(given, 40)!r} is not a DOI"
        raise RefusedError(message)
    title = " ".join(without_marks(record.needed("title", MAX_TITLE)).split())
    abstract = without_marks(record.text("abstract", MAX_ABSTRACT))
    version = _version(record)
    day = record.moment("date")
    page = f"https://www.{server}.org/content/{name}v{version}"
    kind = record.text("type", 200).lower()
    category = " ".join(record.text("category", 200).split())
    return Item(
        source=server,
        id=f"doi:{name}",
        title=title,
        abstract=abstract,
        authors=_people(record),
        categories=(category,) if category else (),
        published=day if version == 1 else _submitted(name),
        updated=day,
        version=version,
        url=page,
        pdf=f"{page}.full.pdf",
        identifiers={"doi": name, **_published(record)},
        announced="new" if version == 1 else "replace",
        withdrawn=kind.startswith("withdraw") or says_withdrawn(title, abstract),
    )


def _version(record: Record) -> int:
    version = record.count("version") or 1
    if version > MAX_VERSION:
        message = f"version {version:,} is not plausible"
        raise RefusedError(message)
    return version


def _submitted(name: str) -> str | None:
    """Return the day in a DOI of these servers, that of the first version; DOIs from before 2020 have none."""
    found = _DAY.search(name)
    try:
        return moment("-".join(found.groups())) if found else None
    except ValueError:
        return None


def _people(record: Record) -> tuple[str, ...]:
    """Split "Origami, A.; Fold, B." into authors, each as the source spells the name."""
    return several("authors", split_authors(record.text("authors", MAX_AUTHOR_LINE)), record.notes)


def _published(record: Record) -> dict[str, str]:
    """Read the DOI of the published version; "NA" means that there is none yet."""
    given = record.text("published", 300)
    name = doi(given)
    if given and name is None and given.upper() != "NA":
        record.notes.append(f"published: {one_line(given, 40)!r} is not a DOI; left out")
    return {"published": name} if name else {}
