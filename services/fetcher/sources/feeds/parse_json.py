"""Parses JSON Feed 1 and 1.1. Pure."""

from typing import Any, Final

from services.fetcher.sources.feeds.distinct import distinct
from services.fetcher.sources.fields import fit, one_line, own_id, title_id
from services.fetcher.sources.json_records import Record, load, read_records
from services.fetcher.sources.port import MAX_ITEMS, Poll
from shared.errors import TransientError
from shared.papers.bounds import MAX_ABSTRACT, MAX_AUTHORS, MAX_TITLE
from shared.papers.events import Item
from shared.papers.names import arxiv_id
from shared.papers.orcids import orcid

_VERSION: Final = "jsonfeed.org/version/1"
_MAX_TAGS: Final = 100


def parse_json_feed(body: bytes, source: str, most: int = MAX_ITEMS) -> Poll:
    """Parse a feed into items; invalid entries are refused one by one.

    Raises:
        TransientError: it is not a feed, but an error or another service's answer.

    """
    document = load(body)
    version = document.get("version") if isinstance(document, dict) else None
    rows = document.get("items") if isinstance(document, dict) else None
    if not isinstance(version, str) or _VERSION not in version or not isinstance(rows, list):
        message = "the answer is not a feed but other JSON, such as an error"
        raise TransientError(message)
    page = read_records(rows, lambda record: _item(record, source), "entry", most)
    items, repeated = distinct(page.items)
    title, more = document.get("title"), document.get("next_url")
    detail = one_line(title) if isinstance(title, str) else ""
    return Poll(items, page.refusals + repeated, detail=detail, more=fit(more) if isinstance(more, str) else None)


def _item(record: Record, source: str) -> Item:
    title = " ".join(record.needed("title", MAX_TITLE).split())
    link = record.url("url") or record.url("external_url")
    identity = _identity(record) or link or ""
    links = (identity, link or "", record.url("external_url") or "")
    found = next((read for read in map(arxiv_id, links) if read), None)
    return Item(
        source=source,
        id=f"arXiv:{found[0]}" if found else own_id(identity, source) if identity else title_id(title, source),
        title=title,
        abstract=_content(record),
        authors=_authors(record),
        orcids=_orcids(record),
        categories=record.names("tags", _MAX_TAGS),
        published=record.moment("date_published"),
        updated=record.moment("date_modified"),
        url=link,
    )


def _identity(record: Record) -> str:
    """Read the id; some programs write it as a number."""
    given: Any = record.values.get("id")
    if isinstance(given, int) and not isinstance(given, bool):
        return str(given) if abs(given) < 2**63 else ""
    return record.identity("id")


def _content(record: Record) -> str:
    """Return the summary, or else the text; the enricher cleans the markup."""
    fields = ("summary", "content_text", "content_html")
    return next((text for text in (record.text(field, MAX_ABSTRACT) for field in fields) if text), "")


def _authors(record: Record) -> tuple[str, ...]:
    """Return the authors; version 1 had only one."""
    if "authors" not in record.values and isinstance(record.values.get("author"), dict):
        record.values = {**record.values, "authors": [record.values["author"]]}
    return record.names("authors", MAX_AUTHORS, "name")


def _orcids(record: Record) -> dict[str, str]:
    """Read the ORCID iDs that authors have as their address."""
    people = record.values.get("authors")
    rows = [one for one in people[:MAX_AUTHORS] if isinstance(one, dict)] if isinstance(people, list) else []
    given = [(one.get("name"), one.get("url")) for one in rows]
    named = [(fit(name), address) for name, address in given if isinstance(name, str) and isinstance(address, str)]
    return {" ".join(name.split()): own for name, address in named if (own := orcid(address))}
