"""Publishing items: the cursor of a source is written in the transaction that publishes its items."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import orjson

from services.fetcher.sources.port import Cursor, Poll
from services.fetcher.sources.registry import TRUST
from shared.bus import Bus
from shared.papers.events import Item, PaperFetched
from shared.papers.streams import FETCHED
from shared.time_limit import in_thread

CHUNK = 256
"""Items published in one transaction."""


def cursor_key(source: str) -> str:
    """Return the Redis key of the cursor of a source."""
    return f"cursor:{source}"


def item_mark(item: Item) -> str:
    """Return a mark of the content of an item: an item that is seen again unchanged is not published again."""
    return hashlib.blake2b(item.model_dump_json(exclude={"trust"}).encode(), digest_size=8).hexdigest()


def unmarked(items: Sequence[Item], cursor: bytes | None) -> int:
    """Return how many of the items a poll with this stored cursor would publish."""
    known = orjson.loads(cursor or b"{}").get("marks", {})
    return sum(known.get(item.id) != item_mark(item) for item in items)


async def publish_items(bus: Bus, items: Sequence[Item], correlation_id: str) -> None:
    """Publish items that have no cursor."""
    for start in range(0, len(items), CHUNK):
        await publish_step(bus, items[start : start + CHUNK], correlation_id)


async def publish_poll(bus: Bus, source: str, poll: Poll, before: Cursor, correlation_id: str) -> int:
    """Publish the new and changed items of a poll with the new cursor; return how many there were.

    The cursor includes the marks of the items of the last poll only, which bounds their number. Many items are
    published in several transactions: the cursor of the source moves in the last one, and until then it only adds the
    marks of what was published.
    """
    known: dict[str, str] = before.get("marks", {})
    marks = await in_thread(lambda: {item.id: item_mark(item) for item in poll.items})
    fresh = [item for item in poll.items if known.get(item.id) != marks[item.id]]
    published = dict(known)
    whole = max(len(fresh) - 1, 0) // CHUNK * CHUNK
    for start in range(0, whole, CHUNK):
        chunk = fresh[start : start + CHUNK]
        published |= {item.id: marks[item.id] for item in chunk}
        partial = orjson.dumps({**before, "marks": published})
        await publish_step(bus, chunk, correlation_id, {cursor_key(source): partial})
    cursor = {**poll.cursor, "marks": marks or known}
    if fresh or cursor != {"marks": {}, **before}:
        await publish_step(bus, fresh[whole:], correlation_id, {cursor_key(source): orjson.dumps(cursor)})
    return len(fresh)


async def publish_step(
    bus: Bus, items: Sequence[Item], correlation_id: str, written: Mapping[str, bytes] | None = None
) -> None:
    """Publish items, and write some keys (cursors), in one transaction."""
    now = datetime.now(UTC)
    async with bus.hop("fetcher") as hop:
        for item in items:
            trusted = item.model_copy(update={"trust": TRUST.get(item.source, 0)})
            await hop.publish(FETCHED, PaperFetched(item=trusted, fetched_at=now), correlation_id)
        for key, value in (written or {}).items():
            hop.write.set(key, value)
        await hop.commit()
