"""Reads one of arXiv's feeds as a batch: a new announcement, or the previous one repeated. Pure.

A feed can repeat the last batch under a new date, for one category and not for another. So batches are compared by the
marks of their entries (id, version, announce type) and never by date: two announcements share almost none of them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from services.fetcher.sources.arxiv.arxiv_text import bare_id, belongs
from services.fetcher.sources.port import Poll, Refusal
from shared.papers.events import Item
from shared.papers.withdrawal import says_withdrawn

CAP: Final = 2_000
"""The largest number of entries in a feed."""
_DAY = re.compile(rb"<pubDate>([^<]{10,60})</pubDate>|<published>([^<]{10,60})</published>")
_BUILT = re.compile(rb"<lastBuildDate>([^<]{10,60})</lastBuildDate>|<updated>([^<]{10,60})</updated>")


@dataclass(frozen=True, slots=True)
class Batch:
    """The content of a feed. `day` is the announcement day it names; `full` says that it may have been cut off."""

    items: list[Item]
    refusals: list[Refusal]
    day: date | None
    full: bool


def read_batch(body: bytes, poll: Poll) -> Batch:
    """Read one of arXiv's feeds, RSS or Atom, and what was parsed from it."""
    items = [
        item.model_copy(update={"withdrawn": True}) if says_withdrawn(item.title, item.abstract) else item
        for item in poll.items
    ]
    return Batch(items, poll.refusals, _date(body, _DAY) or _date(body, _BUILT), len(items) + len(poll.refusals) >= CAP)


def mark(item: Item) -> str:
    """Return the mark of an entry of an announcement."""
    return f"{bare_id(item.id)}|{item.version or 0}|{item.announced or ''}"


def ids_of(marks: Iterable[str]) -> set[str]:
    """Return the ids in marks, without prefix."""
    return {name.partition("|")[0] for name in marks}


def versions_of(marks: Iterable[str]) -> set[str]:
    """Return the ids in marks, each with its version."""
    return {name.rpartition("|")[0] for name in marks}


def stale_categories(items: Sequence[Item], categories: Sequence[str], earlier: AbstractSet[str]) -> list[str]:
    """Return the categories that repeat an earlier batch: at least half of their entries were in it."""
    stale = []
    for category in categories:
        marks = [mark(item) for item in items if belongs(item.categories, category)]
        if marks and 2 * sum(name in earlier for name in marks) >= len(marks):
            stale.append(category)
    return stale


def counts(items: Iterable[Item]) -> dict[str, int]:
    """Count items by kind of announcement, and all of them as received."""
    found = Counter[str]()
    for item in items:
        found["received"] += 1
        found["withdrawn" if item.withdrawn else _KINDS.get(item.announced or "", "revised")] += 1
    return dict(found)


_KINDS: Final = {"new": "new", "cross": "cross-listed"}


def _date(body: bytes, pattern: re.Pattern[bytes]) -> date | None:
    """Parse the first date that matches, in the zone in which it is written: that of the announcement."""
    found = pattern.search(body)
    if not found:
        return None
    text = (found[1] or found[2]).decode("ascii", "replace").strip()
    try:
        return (datetime.fromisoformat(text) if text[:1].isdigit() else parsedate_to_datetime(text)).date()
    except (ValueError, TypeError, IndexError):
        return None
