"""Publishing what was fetched: what a source remembers is written in the transaction that publishes its items."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

import orjson

from services.fetcher.sources.port import Cursor, Poll
from shared.bus import Bus
from shared.events import Item, PaperFetched
from shared.streams import FETCHED

CHUNK = 256
"""Items published in one transaction."""


def cursor_key(source: str) -> str:
    """Name the Redis key of what a source remembers."""
    return f"cursor:{source}"


def item_mark(item: Item) -> str:
    """Name the content of an item: seen again unchanged, it is not published again."""
    return hashlib.blake2b(item.model_dump_json().encode(), digest_size=8).hexdigest()


async def publish_items(bus: Bus, items: Sequence[Item], correlation_id: str) -> None:
    """Publish items that no cursor belongs to."""
    now = datetime.now(UTC)
    for start in range(0, len(items), CHUNK):
        async with bus.hop("fetcher") as hop:
            for item in items[start : start + CHUNK]:
                await hop.publish(FETCHED, PaperFetched(item=item, fetched_at=now), correlation_id)
            await hop.commit()


async def publish_poll(bus: Bus, source: str, poll: Poll, before: Cursor, correlation_id: str) -> int:
    """Publish the items of a poll that are new or changed, with the new cursor; give how many they were.

    The marks of the items are a part of the cursor: those of the last poll, so that they stay few.
    """
    known: dict[str, str] = before.get("marks", {})
    marks = {item.id: item_mark(item) for item in poll.items}
    fresh = [item for item in poll.items if known.get(item.id) != marks[item.id]]
    cursor = {**poll.cursor, "marks": marks or known}
    now = datetime.now(UTC)
    async with bus.hop("fetcher") as hop:
        for item in fresh:
            await hop.publish(FETCHED, PaperFetched(item=item, fetched_at=now), correlation_id)
        hop.write.set(cursor_key(source), orjson.dumps(cursor))
        await hop.commit()
    return len(fresh)
