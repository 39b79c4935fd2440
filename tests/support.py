"""What tests share that is no fixture: waiting without sleeping for a guess, and papers of our own making."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from hypothesis import settings

from services.fetcher.sources.registry import TRUST
from shared.bus import Bus, Entry
from shared.bus.hop import decode, raw_entry
from shared.bus.upkeep import lag
from shared.papers.events import Item, PaperEnriched, PaperFetched
from shared.papers.paper import Author, Change, Paper
from shared.papers.streams import E, Stream

T = TypeVar("T")
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
THOROUGH = bool(os.environ.get("THOROUGH"))
"""Whether generated tests try all their examples, or a fifth of them."""


def examples(number: int, base: settings | None = None) -> settings:
    """Return the settings of a property that is tried on `number` examples if thorough; `base` holds the others."""
    return settings(base, max_examples=number if THOROUGH else max(number // 5, 10), deadline=None)


def some(examples: Sequence[T]) -> Sequence[T]:
    """Return all of a long list of examples if thorough, and else a fifth of them."""
    return examples if THOROUGH else examples[::5]


def cpu_time(function: Callable[[], object]) -> float:
    """Return the CPU seconds of a call: the smaller of two, since what else runs can only lengthen it."""
    times = []
    for _ in range(2):
        started = time.thread_time()
        function()
        times.append(time.thread_time() - started)
    return min(times)


async def until(condition: Callable[[], Awaitable[Any] | Any], within: float = 20.0) -> Any:
    """Wait until a condition holds, and give what it gave; fails after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        value = condition()
        if isinstance(value, Awaitable):
            value = await value
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {within} s: {condition}"
        await asyncio.sleep(0.01)


def item(number: int = 1, **fields: Any) -> Item:
    """Make an item of our own; `number` makes it another one."""
    base: dict[str, Any] = {
        "source": "arxiv",
        "id": f"arXiv:2401.{number:05d}",
        "title": f"On the {number}th way to fold a paper crane with a robot arm",
        "abstract": f"We fold cranes in {number} steps. A robot arm learns the folds from a few videos.",
        "authors": ("Ada Origami", "Bo Fold"),
        "categories": ("cs.RO",),
        "published": "2024-01-02",
    }
    given = {**base, **fields}
    return Item(**{"trust": TRUST.get(given["source"], 0), **given})


def fetched(number: int = 1, **fields: Any) -> PaperFetched:
    """Make the event of an item."""
    return PaperFetched(item=item(number, **fields), fetched_at=NOW)


def enriched(number: int = 1, *changes: Change, revision: int = 1, **fields: Any) -> PaperEnriched:
    """Make the event of an enriched work: the paper of `item(number)`, with other fields of a paper."""
    seen = item(number)
    base: dict[str, Any] = {
        "id": seen.id,
        "title": seen.title,
        "abstract": seen.abstract,
        "authors": tuple(Author(name=name) for name in seen.authors),
        "categories": seen.categories,
        "published": seen.published,
    }
    paper = Paper(**{**base, **fields})
    text = f"{paper.title}/{paper.abstract}"
    return PaperEnriched(
        paper=paper, changes=changes, aliases=(paper.id,), fingerprint=text, revision=revision, enriched_at=NOW
    )


async def publish(bus: Bus, stream: Stream[E], *events: E, correlation: str = "poll-test") -> None:
    """Publish events in one transaction."""
    async with bus.hop("test") as hop:
        for event in events:
            await hop.publish(stream, event, correlation)
        await hop.commit()


async def entries(bus: Bus, stream: Stream[E]) -> list[Entry[E]]:
    """Read all that a stream holds, oldest first."""
    return [decode(stream, raw_entry(row_id, fields)) for row_id, fields in await bus.redis.xrange(stream.name)]


async def settled(bus: Bus, stream: Stream[Any], group: str) -> bool:
    """Tell whether a group has nothing left to do in a stream."""
    return await lag(bus.redis, stream.name, group) == {"waiting": 0, "pending": 0}
