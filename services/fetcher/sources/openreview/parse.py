"""Parses answers of OpenReview v2: a page of notes, a login, an error. Pure."""

import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from services.fetcher.sources.fields import one_line
from services.fetcher.sources.json_records import Page, Record, RefusedError, load, read_records
from shared.errors import TransientError
from shared.papers.bounds import MAX_ABSTRACT, MAX_AUTHORS, MAX_TITLE, MAX_VENUE
from shared.papers.events import Item
from shared.papers.publication import is_venue

SOURCE: Final = "openreview"
SITE: Final = "https://openreview.net"
MAX_NOTES: Final = 1_000
"""Notes of one page, the limit of the source."""
_ID = re.compile(r"[\w-]{1,100}", re.ASCII)
_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")
# `ICLR.cc/2026/Conference/Desk_Rejected_Submission` → the venue, and the state of the submission.
_STAGE = re.compile(r"/((?:[A-Za-z]+_)*Submission)$")


@dataclass(frozen=True, slots=True)
class Notes:
    """One page of notes; `newest` is when the newest of them was created, in ms since 1970."""

    page: Page
    newest: int


def parse_notes(body: bytes) -> Notes:
    """Parse a page of submissions; an invalid note is refused alone.

    Raises:
        TransientError: it is not a page of notes, but an error or a challenge page.

    """
    document = load(body)
    rows = document.get("notes") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        message = f"the answer is not a page of notes: {refusal(body)}"
        raise TransientError(message)
    page = read_records(rows, _item, "note", MAX_NOTES)
    times = [Record(row).count("tcdate") or Record(row).count("cdate") or 0 for row in rows if isinstance(row, dict)]
    return Notes(Page(page.items, page.refusals, page.entries, Record(document).count("count")), max(times, default=0))


def parse_token(body: bytes) -> str | None:
    """Return the token of a login, or None if there is none, as for accounts that need a second factor.

    Raises:
        TransientError: the answer is not JSON.

    """
    document = load(body)
    token = document.get("token") if isinstance(document, dict) else None
    return token if isinstance(token, str) and _TOKEN.fullmatch(token) else None


def refusal(body: bytes) -> str:
    """Return in one line why the source refused a request."""
    try:
        document = load(body)
    except TransientError as error:
        return str(error)
    named = [document.get(key) for key in ("name", "message")] if isinstance(document, dict) else []
    return ": ".join(one_line(text) for text in named if isinstance(text, str) and text) or "no reason given"


def _item(record: Record) -> Item:
    own = record.needed("id", 100)
    if not _ID.fullmatch(own):
        message = f"{one_line(own, 40)!r} is not the id of a note"
        raise RefusedError(message)
    if record.values.get("forum") not in (None, own):
        message = "it is a reply to a submission"
        raise RefusedError(message)
    content = Record(_values(record.values.get("content")))
    item = Item(
        source=SOURCE,
        id=f"{SOURCE}:{own}",
        title=" ".join(content.needed("title", MAX_TITLE).split()),
        abstract=content.text("abstract", MAX_ABSTRACT),
        authors=content.names("authors", MAX_AUTHORS, "fullname", "name", "username"),
        categories=_categories(content),
        venue=_venue(content),
        published=record.moment("pdate") or record.moment("cdate"),
        updated=record.moment("mdate"),
        url=f"{SITE}/forum?id={quote(own)}",
        pdf=_pdf(content, own),
        withdrawn=bool(record.values.get("ddate")) or "Withdrawn" in content.text("venueid", 500),
    )
    record.notes += content.notes
    return item


def _values(content: object) -> dict[str, Any]:
    """Return the fields of a note without their wrapping, `{"value": …}`."""
    if not isinstance(content, dict):
        message = "no content"
        raise RefusedError(message)
    return {name: field["value"] for name, field in content.items() if isinstance(field, dict) and "value" in field}


def _venue(content: Record) -> str | None:
    """Return the venue that accepted a submission; None while it is under review, and if rejected or withdrawn."""
    name = " ".join(content.text("venue", MAX_VENUE).split())
    undecided = _STAGE.search(content.text("venueid", 500)) or not is_venue(name)
    return None if undecided else name


def _categories(content: Record) -> tuple[str, ...]:
    """Return the venue, and the state of the submission there if the id of the venue contains it."""
    venue = content.text("venueid", 500)
    return tuple(dict.fromkeys(name for name in (_STAGE.sub("", venue), venue) if name))


def _pdf(content: Record, own: str) -> str | None:
    path = content.values.get("pdf")
    if isinstance(path, str) and path.startswith("/pdf"):
        return f"{SITE}/pdf?id={quote(own)}"
    return content.url("pdf")
