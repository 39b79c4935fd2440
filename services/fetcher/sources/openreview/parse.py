"""OpenReview v2: a pure parser of one page of notes, of a login's answer and of a refusal's."""

import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from services.fetcher.sources.fields import MAX_ABSTRACT, MAX_AUTHORS, MAX_TITLE, MAX_VENUE, one_line
from services.fetcher.sources.json_records import Page, Record, RefusedError, load, read_records
from shared.errors import TransientError
from shared.papers.events import Item

SOURCE: Final = "openreview"
SITE: Final = "https://openreview.net"
MAX_NOTES: Final = 1_000
"""Notes of one page; the source gives no more."""
_ID = re.compile(r"[\w-]{1,100}", re.ASCII)
_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")
# `ICLR.cc/2026/Conference/Desk_Rejected_Submission` → the venue, and what became of the submission.
_STAGE = re.compile(r"/((?:[A-Za-z]+_)*Submission)$")


@dataclass(frozen=True, slots=True)
class Notes:
    """One page of notes; `newest` is when the last of them came into being, in ms since 1970."""

    page: Page
    newest: int


def parse_notes(body: bytes) -> Notes:
    """Read a page of submissions; a note that is none is refused alone.

    Raises:
        TransientError: this is no page of notes, but an error or a page that asks for a check.

    """
    document = load(body)
    rows = document.get("notes") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        message = f"this is no page of notes: {refusal(body)}"
        raise TransientError(message)
    page = read_records(rows, _item, "note", MAX_NOTES)
    times = [Record(row).count("tcdate") or Record(row).count("cdate") or 0 for row in rows if isinstance(row, dict)]
    return Notes(Page(page.items, page.refusals, page.entries, Record(document).count("count")), max(times, default=0))


def parse_token(body: bytes) -> str | None:
    """Read the token that a login is answered with; None when there is none, as when a second factor is asked for.

    Raises:
        TransientError: the answer is no JSON.

    """
    document = load(body)
    token = document.get("token") if isinstance(document, dict) else None
    return token if isinstance(token, str) and _TOKEN.fullmatch(token) else None


def refusal(body: bytes) -> str:
    """Read in one line why the source turns a caller away."""
    try:
        document = load(body)
    except TransientError as error:
        return str(error)
    named = [document.get(key) for key in ("name", "message")] if isinstance(document, dict) else []
    return ": ".join(one_line(text) for text in named if isinstance(text, str) and text) or "it does not say why"


def _item(record: Record) -> Item:
    own = record.needed("id", 100)
    if not _ID.fullmatch(own):
        message = f"{one_line(own, 40)!r} is no id of a note"
        raise RefusedError(message)
    if record.values.get("forum") not in (None, own):
        message = "it replies to a submission, and is none"
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
    """Take the fields out of their wrapping: each is `{"value": …}`, beside who may read it."""
    if not isinstance(content, dict):
        message = "no content"
        raise RefusedError(message)
    return {name: field["value"] for name, field in content.items() if isinstance(field, dict) and "value" in field}


def _venue(content: Record) -> str | None:
    """Name the venue that has taken a submission; what is under review, rejected or withdrawn has none."""
    name = " ".join(content.text("venue", MAX_VENUE).split())
    undecided = _STAGE.search(content.text("venueid", 500)) or name.lower().startswith("submitted")
    return None if undecided else name or None


def _categories(content: Record) -> tuple[str, ...]:
    """Name the venue, and after it what became of the submission there, where the id of the venue tells it."""
    venue = content.text("venueid", 500)
    return tuple(dict.fromkeys(name for name in (_STAGE.sub("", venue), venue) if name))


def _pdf(content: Record, own: str) -> str | None:
    path = content.values.get("pdf")
    if isinstance(path, str) and path.startswith("/pdf"):
        return f"{SITE}/pdf?id={quote(own)}"
    return content.url("pdf")
