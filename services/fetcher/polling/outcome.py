"""The outcome of a poll: its items are published with its cursor, and the next poll is due at a moment."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import orjson

from services.fetcher.sources.port import Cursor, Poll
from services.fetcher.sources.registry import TRUST
from shared.bus import Bus
from shared.errors import PaperwireError
from shared.moments import Backoff, jitter
from shared.papers.events import Item, PaperFetched
from shared.papers.streams import FETCHED
from shared.time_limit import in_thread

CHUNK = 256
"""Items published in one transaction."""
MAX_BACKOFF: Final = timedelta(days=1)
MIN_WAIT: Final = timedelta(seconds=1)
SPREAD: Final = (0.95, 1.05)
"""A poll comes up to a twentieth of its wait sooner or later, so that sources are not polled all at once."""
LATER: Final = (1.0, 1.05)
_BACKOFF: Final = Backoff(base=60.0, cap=MAX_BACKOFF.total_seconds(), jitter=(1.0, 1.0))
MAX_REASON: Final = 300


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


def backoff(interval: timedelta, failures: int, retry_after: float | None) -> timedelta:
    """Return the wait after a failure: a minute, doubling up to a day, and never less than `retry_after`."""
    wait = timedelta(seconds=_BACKOFF.delay(failures))
    wait = max(wait, timedelta(seconds=min(interval.total_seconds(), 60)))
    return max(wait, timedelta(seconds=retry_after)) if retry_after else wait


def after(interval: timedelta, again: float | None, fresh_for: float | None, draw: float) -> timedelta:
    """Return the wait after a successful poll; `draw` is a random number from 0 to 1.

    A driver that has more to read names its own wait (`again` seconds). An answer that stays valid for longer than that
    (`fresh_for` seconds) makes the wait longer, never shorter.
    """
    wait = min(max(timedelta(seconds=again), MIN_WAIT), MAX_BACKOFF) if again else interval
    fresh = min(timedelta(seconds=fresh_for), MAX_BACKOFF) if fresh_for else timedelta()
    return later(fresh, draw) if fresh > wait else wait * jitter(SPREAD, draw)


def later(wait: timedelta, draw: float) -> timedelta:
    """Return a wait that a host named, plus up to 5 %, so that sources with the same wait are spread."""
    return wait * jitter(LATER, draw)


def reason(error: Exception) -> str:
    """Return in one line why a poll failed."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    text = "".join(c for c in " ".join(str(error).split()) if c.isprintable())[:MAX_REASON]
    return text if isinstance(error, PaperwireError) else f"{type(error).__name__}: {text}"[:MAX_REASON]


def detail(poll: Poll, fresh: int) -> str:
    """Return in one line what a poll brought."""
    refused = sum(not refusal.cleaned for refusal in poll.refusals)
    first = next((f": {r.where}: {r.reason}" for r in poll.refusals if not r.cleaned), "")
    words = f"{len(poll.items)} items, {fresh} new" if poll.items or not poll.detail else poll.detail
    return (f"{words}, {refused} refused{first}" if refused else words)[:MAX_REASON]
