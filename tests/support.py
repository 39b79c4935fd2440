"""What tests share that is no fixture: waiting without sleeping for a guess, and papers of our own making."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from shared.events import Item, PaperFetched

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


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
    return Item(**{**base, **fields})


def fetched(number: int = 1, **fields: Any) -> PaperFetched:
    """Make the event of an item."""
    return PaperFetched(item=item(number, **fields), fetched_at=NOW)
