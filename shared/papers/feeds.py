"""Papers as a feed: Atom (RFC 4287) and JSON Feed 1.1, so that search and the notifier write the same ones."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

import orjson
from feedgen.feed import FeedGenerator

from shared.moments import parse_moment
from shared.papers.happenings import Paper, happened, last_change, marked_title
from shared.papers.lead import gist_line
from shared.papers.names import point_id
from shared.papers.partial_dates import precision
from shared.papers.paths import paper_path, picture_path

Format = Literal["atom", "json"]
MEDIA: Final[Mapping[Format, str]] = {"atom": "application/atom+xml", "json": "application/feed+json"}
OPML_TITLE: Final = "Paperwire"
"""The title of our list of feeds, by which an import recognizes it."""
AUTHORS: Final = 50
"""Authors that an entry names; readers show a few, and collaborations have thousands."""
_BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Feed:
    """A list of papers under an address of its own. `site` is where the instance is reached, without a last slash."""

    title: str
    address: str
    page: str
    site: str
    papers: Sequence[Paper]
    pictures: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The pictures of papers by their ids: the `version`, `width` and `height` in pixels of each."""
    following: str | None = None
    """The address of the next page (RFC 5005)."""


def write(feed: Feed, form: Format) -> bytes:
    """Write a feed. The same papers give the same bytes, so that clients can be answered 304."""
    return _atom(feed) if form == "atom" else _json(feed)


def entry_id(paper: Paper) -> str:
    """Return the permanent id of an entry. It depends neither on the instance's address nor on ids found later."""
    return f"urn:uuid:{point_id(str(paper.get('first_id') or paper['id']))}"


def page_address(site: str, paper: Paper) -> str:
    """Return the address of the page of a paper."""
    return site + paper_path(str(paper["id"]))


def _atom(feed: Feed) -> bytes:
    made = FeedGenerator()
    made.load_extension("media", atom=True)
    made.id(f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, feed.address)}")
    made.title(_fit(feed.title))
    made.updated(max((_moment(paper) for paper in feed.papers), default=_BEGINNING))
    made.author(name="Paperwire")
    made.generator("Paperwire")
    made.link(href=feed.address, rel="self", type=MEDIA["atom"])
    made.link(href=feed.page, rel="alternate", type="text/html")
    if feed.following:
        made.link(href=feed.following, rel="next", type=MEDIA["atom"])
    for paper in feed.papers:
        _entry(made.add_entry(order="append"), paper, feed)
    text: bytes = made.atom_str(pretty=True)
    return text


def _entry(entry: Any, paper: Paper, feed: Feed) -> None:  # noqa: ANN401  # feedgen has no types
    entry.id(entry_id(paper))
    entry.title(_fit(marked_title(paper)) or "(untitled)")
    entry.updated(_moment(paper))
    if day := _day(paper):
        entry.published(day)
    for name in _authors(paper):
        entry.author(name=name)
    for category in paper.get("categories", ()):
        if fitting := _fit(category):
            entry.category(term=fitting)
    entry.link(href=page_address(feed.site, paper), rel="alternate", type="text/html")
    if picture := feed.pictures.get(paper["id"]):
        size = {side: str(picture[side]) for side in ("width", "height")}
        entry.media.thumbnail(url=feed.site + picture_path(paper["id"], picture["version"]), group=None, **size)
    if text := _fit(_text(paper)):
        entry.summary(text)


def _json(feed: Feed) -> bytes:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": feed.address,
        "next_url": feed.following,
        "items": [_item(paper, feed) for paper in feed.papers],
    }
    return orjson.dumps({name: value for name, value in document.items() if value is not None})


def _item(paper: Paper, feed: Feed) -> dict[str, Any]:
    abroad, day = (paper.get("links") or {}).get("abs") or "", _day(paper)
    picture = feed.pictures.get(paper["id"])
    item = {
        "id": entry_id(paper),
        "url": page_address(feed.site, paper),
        "external_url": abroad if abroad.startswith(("http://", "https://")) else None,
        "title": marked_title(paper),
        "content_text": _text(paper) or paper["title"],
        "summary": gist_line(paper) or None,
        "date_published": day.isoformat() if day else None,
        "date_modified": _moment(paper).isoformat(),
        "authors": [{"name": name} for name in _authors(paper)],
        "image": feed.site + picture_path(paper["id"], picture["version"]) if picture else None,
        "tags": list(paper.get("categories", ())),
    }
    return {name: value for name, value in item.items() if value not in (None, [])}


def _text(paper: Paper) -> str:
    """Return what happened to a paper, why it was matched and its gist if it was, and its abstract."""
    why = paper.get("why") or ()
    matched = (f"Why: {'; '.join(why)}.", gist_line(paper)) if why else ()
    return "\n\n".join(filter(None, (" ".join(happened(paper)), *matched, paper.get("abstract"))))


def _authors(paper: Paper) -> list[str]:
    names = (_fit(author["name"]).strip() for author in paper.get("authors", ())[:AUTHORS])
    return [name for name in names if name]


def _moment(paper: Paper) -> datetime:
    """Return when a paper was changed last, as far as it is known: by its source, or by what happened to it."""
    seen = [ref["seen_at"] for ref in paper.get("sources", ()) if ref.get("seen_at")]
    stated = paper.get("updated") or paper.get("published")
    if stated is None or precision(stated) != "day":
        stated = min(seen, default=stated)
    moments = [parse_moment(stated)] if stated else [_BEGINNING]
    return max(moments + [at for at in (last_change(paper),) if at])


def _day(paper: Paper) -> datetime | None:
    """Return when a paper was published; None if no more than a year or a month of it is known."""
    published = paper.get("published")
    return parse_moment(published) if published and precision(published) == "day" else None


def _fit(text: str) -> str:
    """Remove characters that XML does not allow."""
    return _UNFIT.sub("", text)
