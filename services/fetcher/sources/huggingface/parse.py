"""Parses one page of a day of Hugging Face daily papers. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from services.fetcher.sources.fields import http_url, moment, one_line
from services.fetcher.sources.json_records import Page, Record, RefusedError, load, read_records, word
from shared.errors import TransientError
from shared.papers.bounds import MAX_ABSTRACT, MAX_AUTHORS, MAX_TITLE
from shared.papers.events import Item
from shared.papers.names import arxiv_id
from shared.papers.paper import CodeLink, Signals

SOURCE: Final = "huggingface"
MAX_ENTRIES: Final = 1_000
"""Papers taken from one page; the pages of the source have 100."""
MAX_MEDIA: Final = 20
"""Pictures and films of a paper that are looked at."""
_PICTURES: Final = (".png", ".jpg", ".jpeg", ".webp", ".gif")
_ID = re.compile(r"\w[\w./-]{0,99}", re.ASCII)
_GITHUB = re.compile(r"(https?://(?:www\.)?github\.com/[^/?#]+/[^/?#]+)(?:[/?#].*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Daily:
    """One page of a day, and by paper id the day (YYYY-MM-DD) on which it was submitted to the daily list."""

    page: Page
    dates: dict[str, str]


def parse_daily(body: bytes, day: str) -> Daily:
    """Parse a page of the requested day (YYYY-MM-DD); an invalid entry is refused alone.

    Raises:
        TransientError: it is not a list of papers, but an error or a challenge page.

    """
    rows = load(body)
    if not isinstance(rows, list):
        reason = rows.get("error") if isinstance(rows, dict) else None
        message = (
            f"the source reports an error: {one_line(str(reason))}" if reason else "the answer is not a list of papers"
        )
        raise TransientError(message)
    dates: dict[str, str] = {}

    def make(outer: Record) -> Item:
        item = _item(outer)
        dates[item.id] = _daily_date(outer.values.get("submittedOnDailyAt"), day)
        return item

    return Daily(read_records(rows, make, "entry", MAX_ENTRIES), dates)


def _item(record: Record) -> Item:
    record.values = _flat(record.values)
    given = record.needed("id", 100)
    found = arxiv_id(given)
    if not found and not _ID.fullmatch(given):
        message = f"{one_line(given, 40)!r} is not the id of a paper"
        raise RefusedError(message)
    own = found[0] if found else given
    stars = record.count("githubStars")
    repository = record.url("githubRepo")
    return Item(
        source=SOURCE,
        id=f"arXiv:{own}" if found else f"{SOURCE}:{own}",
        title=" ".join(record.needed("title", MAX_TITLE).split()),
        abstract=record.text("summary", MAX_ABSTRACT),
        authors=_authors(record),
        published=record.moment("publishedAt"),
        url=f"https://huggingface.co/papers/{own}",
        project=record.url("projectPage"),
        thumbnail=_picture(record),
        code=(CodeLink(url=_repository(repository), stars=stars),) if repository else (),
        signals=Signals(upvotes=record.count("upvotes"), comments=record.count("numComments"), stars=stars),
        withdrawn=bool(record.values.get("withdrawnAt")),
    )


def _flat(outer: Mapping[str, Any]) -> dict[str, Any]:
    """Merge the paper with the object around it: days wrap papers, single papers are flat, older days lack fields."""
    paper = outer.get("paper", {})
    if not isinstance(paper, dict):
        message = f"paper must be an object, not {word(paper)}"
        raise RefusedError(message)
    return {**outer, **{name: value for name, value in paper.items() if value is not None}}


def _authors(record: Record) -> tuple[str, ...]:
    """Return the authors without those that the source hides."""
    people = record.values.get("authors")
    if isinstance(people, list):
        shown = [person for person in people if not (isinstance(person, dict) and person.get("hidden"))]
        record.values = {**record.values, "authors": shown}
    return record.names("authors", MAX_AUTHORS, "name", "fullname")


def _picture(record: Record) -> str | None:
    """Return the address of the first picture that was sent in with the paper, or else of the card of the source."""
    sent = record.values.get("mediaUrls")
    for address in sent[:MAX_MEDIA] if isinstance(sent, list) else ():
        if isinstance(address, str) and (url := http_url(address)) and url.lower().endswith(_PICTURES):
            return url
    return record.url("thumbnail")


def _repository(url: str) -> str:
    """Return the address of the repository itself: some link to a folder in it."""
    found = _GITHUB.fullmatch(url)
    return (found[1] if found else url).rstrip("/").removesuffix(".git")


def _daily_date(value: object, day: str) -> str:
    """Return when a paper was submitted to the daily list, or the requested day if that is implausible."""
    try:
        stated = moment(str(value)[:40])[:10]
        near = abs((date.fromisoformat(stated) - date.fromisoformat(day)).days) <= 1
    except ValueError:
        return day
    return stated if near else day
