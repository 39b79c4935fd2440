"""Bounds an item from the stream before anything else looks at it. Its id was checked when the event was read."""

from collections.abc import Sequence
from typing import Any

from shared.papers.bounds import (
    MAX_ABSTRACT,
    MAX_ANNOUNCED,
    MAX_AUTHOR,
    MAX_AUTHOR_LINE,
    MAX_AUTHORS,
    MAX_CATEGORIES,
    MAX_CATEGORY,
    MAX_CODE,
    MAX_COUNT,
    MAX_ID,
    MAX_IDS,
    MAX_KIND,
    MAX_TITLE,
    MAX_URL,
    MAX_VENUE,
    MAX_VERSION,
    cut,
)
from shared.papers.events import Item
from shared.papers.paper import CodeLink, Signals


def bounded(item: Item) -> tuple[Item, list[str]]:
    """Return an item within the bounds of `shared.papers.bounds`, and a note on each field that was not."""
    notes: list[str] = []
    fields: dict[str, Any] = {
        "source": cut("source", item.source, MAX_KIND, notes),
        "title": cut("title", item.title, MAX_TITLE, notes),
        "abstract": cut("abstract", item.abstract, MAX_ABSTRACT, notes),
        "venue": cut("venue", item.venue or "", MAX_VENUE, notes) or None,
        "announced": cut("announced", item.announced or "", MAX_ANNOUNCED, notes) or None,
        "authors": _texts("authors", item.authors, MAX_AUTHORS, _longest(item.authors), notes),
        "categories": _texts("categories", item.categories, MAX_CATEGORIES, MAX_CATEGORY, notes),
        "code": _code(item.code, notes),
        "identifiers": _identifiers(item.identifiers, notes),
        "signals": _signals(item.signals, notes),
        **{field: _address(field, getattr(item, field), notes) for field in ("url", "pdf", "project")},
    }
    if item.version is not None and not 0 <= item.version <= MAX_VERSION:
        notes.append(f"version: it is not between 0 and {MAX_VERSION:,}; left out")
        fields["version"] = None
    return (item.model_copy(update=fields) if notes else item), notes


def _longest(authors: Sequence[str]) -> int:
    """Return how long the name of an author may be; a single text may hold all of them."""
    return MAX_AUTHOR if len(authors) > 1 else MAX_AUTHOR_LINE


def _texts(field: str, texts: tuple[str, ...], most: int, longest: int, notes: list[str]) -> tuple[str, ...]:
    if len(texts) > most:
        notes.append(f"{field}: the first {most:,} of {len(texts):,} are kept")
        texts = texts[:most]
    if long := sum(len(text) > longest for text in texts):
        notes.append(f"{field}: {long:,} of {len(texts):,} cut to {longest:,} characters")
        return tuple(text[:longest] for text in texts)
    return texts


def _address(field: str, address: str | None, notes: list[str]) -> str | None:
    if address is None or len(address) <= MAX_URL:
        return address
    notes.append(f"{field}: it has {len(address):,} characters; left out")
    return None


def _code(links: tuple[CodeLink, ...], notes: list[str]) -> tuple[CodeLink, ...]:
    kept = tuple(link for link in links if len(link.url) <= MAX_URL)[:MAX_CODE]
    if left := len(links) - len(kept):
        notes.append(f"code: {left:,} links were too long or too many; left out")
    return kept


def _identifiers(given: dict[str, str], notes: list[str]) -> dict[str, str]:
    fit = [(kind, name) for kind, name in given.items() if len(kind) <= MAX_KIND and len(name) <= MAX_ID][:MAX_IDS]
    if left := len(given) - len(fit):
        notes.append(f"identifiers: {left:,} were too long or too many; left out")
    return dict(fit)


def _signals(given: Signals, notes: list[str]) -> Signals:
    counts = given.model_dump(exclude_none=True)
    kept = {name: count for name, count in counts.items() if 0 <= count <= MAX_COUNT}
    if left := len(counts) - len(kept):
        notes.append(f"signals: {left} were no counts; left out")
    return Signals(**kept) if left else given
