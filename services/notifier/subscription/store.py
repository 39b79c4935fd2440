"""The store of subscriptions in Redis. Their points in Qdrant are derived from it."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import lru_cache
from typing import Any, Final

import orjson
from pydantic import Field, ValidationError
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import WatchError

from services.notifier.fields.secret import AT_REST
from services.notifier.subscription.model import State, Subscription
from services.notifier.subscription.unreadable import stand_in
from shared.errors import PermanentError
from shared.papers.paper import Model

_ALL = "subscriptions"
_SEQUENCE = "subscriptions:sequence"
_PAGE_SIZE = 1_000
REVOKED_OWNERS = "keys:revoked"
"""The ids of revoked API keys, which can own nothing that is active."""
TUNED = "subscriptions:tuned"
"""The subscriptions with a volume, by the Unix seconds at which to tune their threshold."""
FOLLOWED = "subscriptions:followed"
"""The subscriptions with a place of liked papers, by the Unix seconds at which to visit it."""

CITED = "subscriptions:cited"
"""The subscriptions with papers of their owner, by the Unix seconds at which to ask who cites them."""


class Row(Model):
    """A subscription as Redis holds it; every change increments `revision`.

    `words` are the wanted words with their weights; None in a row of an earlier version.
    """

    owner: str
    revision: int = 1
    subscription: Subscription
    words: dict[str, float] | None = None
    unreadable: bool = Field(default=False, exclude=True)
    """Whether the subscription stands for a record that cannot be read; its state says why."""


class InterestVector(Model):
    """The packed vector of a subscription, and the embedding model that made it; its `words` are kept in the row."""

    model: str
    vector: str
    words: dict[str, float] | None = Field(default=None, exclude=True)


MAX_BYTES: Final = 64 * 1024
"""Bytes of a subscription."""
MAX_CACHED_BYTES: Final = 4 * 1024
"""Bytes of a subscription that is kept decoded: memory must not grow with what clients store."""
Update = Callable[[Subscription], Awaitable[tuple[Subscription, InterestVector | None]]]
Also = Callable[[Pipeline], None]


class Store:
    """Read and write subscriptions."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def add(self, row: Row, interest: InterestVector) -> None:
        """Write a new subscription and its vector.

        Raises:
            PermanentError: the API key of its owner was revoked.

        """
        row = row.model_copy(update={"words": interest.words})
        place = await self._redis.incr(_SEQUENCE)
        while True:
            async with self._redis.pipeline(transaction=True) as pipe:
                await pipe.watch(REVOKED_OWNERS)
                await _check_owner(pipe, row)
                pipe.multi()
                _write(pipe, row)
                pipe.set(_interest(row.subscription.id), interest.model_dump_json())
                pipe.zadd(_ALL, {row.subscription.id: place})
                pipe.zadd(_owned(row.owner), {row.subscription.id: place})
                with contextlib.suppress(WatchError):
                    await pipe.execute()
                    return

    async def put_hidden(self, row: Row, ttl: int | None = None) -> None:
        """Write a row that is not listed and does not match papers; it expires after `ttl` seconds, if set."""
        await self._redis.set(row_key(row.subscription.id), row.model_dump_json(context=AT_REST), ex=ttl)

    async def several(self, ids: Sequence[str]) -> list[Row | None]:
        """Read subscriptions by id, in order; None for an id that does not exist."""
        rows = await self._redis.mget([row_key(id_) for id_ in ids]) if ids else []
        return [_row(id_, row) if row else None for id_, row in zip(ids, rows, strict=True)]

    async def now(self) -> float:
        """Return the Unix seconds of the clock of Redis, which dates the entries of streams."""
        seconds, microseconds = await self._redis.time()
        return float(seconds + microseconds / 1_000_000)

    async def page(self, owner: str, after: int, limit: int) -> tuple[list[Subscription], int | None]:
        """Read a page of an owner's subscriptions, oldest first, and the position to continue after."""
        found: Any = await self._redis.zrange(
            _owned(owner), f"({after}", "+inf", byscore=True, offset=0, num=limit + 1, withscores=True
        )
        rows = await self.several([id_.decode() for id_, _ in found[:limit]])
        more = int(found[limit - 1][1]) if len(found) > limit else None
        return [row.subscription for row in rows if row], more

    async def count(self, owner: str) -> int:
        """Return how many subscriptions an owner has."""
        return int(await self._redis.zcard(_owned(owner)))

    async def interests(self, ids: Sequence[str]) -> list[InterestVector | None]:
        """Read the vectors of subscriptions, in order; None for one that has none, or none that can be read."""
        rows = await self._redis.mget([_interest(id_) for id_ in ids]) if ids else []
        return [_interest_vector(row) if row else None for row in rows]

    async def cited(self, asked: Sequence[tuple[str, Sequence[str]]]) -> list[tuple[str, ...]]:
        """Return which papers of its owner a paper cites, for pairs of a subscription and the ids of that paper.

        They are titles; there are none if the paper is not known to cite any, or was known to at the first visit.
        """
        if not asked:
            return []
        async with self._redis.pipeline(transaction=False) as pipe:
            for subscription, ids in asked:
                pipe.hmget(cited_key(subscription), list(ids))
            found = await pipe.execute()
        return [tuple(dict.fromkeys(title for raw in row if raw for title in orjson.loads(raw))) for row in found]

    async def citing(self, subscription: str) -> list[str]:
        """Return the ids of papers that were found to cite those of the owner of a subscription."""
        return [id_.decode() for id_ in await self._redis.hkeys(cited_key(subscription))]

    async def set_interest(self, subscription: str, interest: InterestVector) -> None:
        """Replace the vector of a subscription."""
        await self._redis.set(_interest(subscription), interest.model_dump_json())

    async def change(self, subscription: str, update: Update, also: Also | None = None) -> Row | None:
        """Update a subscription; return its new row, or None if it does not exist.

        `update` takes the current state and returns the new one, with a new vector if that changes; it runs again if
        the row changed meanwhile. Both are written in one transaction, together with what `also` adds to it.

        Raises:
            PermanentError: its record cannot be read; or it would match papers, and the API key of its owner was
                revoked.

        """
        key = row_key(subscription)
        while True:
            async with self._redis.pipeline(transaction=True) as pipe:
                await pipe.watch(key, REVOKED_OWNERS)
                raw = await pipe.get(key)
                if raw is None:
                    return None
                row = _row(subscription, raw)
                if row.unreadable:
                    raise PermanentError(str(row.subscription.state.reason))
                after, interest = await update(row.subscription)
                words = interest.words if interest else row.words
                changed = Row(owner=row.owner, revision=row.revision + 1, subscription=after, words=words)
                if after.matching:
                    await _check_owner(pipe, changed)
                pipe.multi()
                _write(pipe, changed)
                if interest:
                    pipe.set(_interest(subscription), interest.model_dump_json())
                if also:
                    also(pipe)
                try:
                    await pipe.execute()
                except WatchError:
                    continue
                return changed

    async def set_state(self, subscription: str, state: State) -> Row | None:
        """Set the state of a subscription, unless it has that status already; raises as `change`."""

        async def update(present: Subscription) -> tuple[Subscription, None]:
            same = present.state.status is state.status
            return present if same else present.model_copy(update={"state": state}), None

        return await self.change(subscription, update)

    async def live(self, subscription: str) -> Row | None:
        """Read a subscription; those of a revoked API key do not exist."""
        row = (await self.several([subscription]))[0]
        return row if row and not await self.is_revoked(row.owner) else None

    async def owned(self, owner: str) -> list[str]:
        """Return the ids of an owner's subscriptions, oldest first."""
        return [id_.decode() for id_ in await self._redis.zrange(_owned(owner), 0, -1)]

    async def is_revoked(self, owner: str) -> bool:
        """Return whether an owner was an API key that is revoked."""
        return bool(await self._redis.sismember(REVOKED_OWNERS, owner))

    async def end_owner(self, owner: str, state: State, also: Also) -> int:
        """Set the state of all subscriptions of an owner, who can have no active ones from now on; return their number.

        This is one transaction, together with what `also` adds to it.
        """
        while True:
            async with self._redis.pipeline(transaction=True) as pipe:
                await pipe.watch(_owned(owner))
                ids = [id_.decode() for id_ in await pipe.zrange(_owned(owner), 0, -1)]
                keys = [row_key(id_) for id_ in ids]
                if keys:
                    await pipe.watch(*keys)
                raws = await pipe.mget(keys) if keys else []
                rows = [_row(id_, raw) for id_, raw in zip(ids, raws, strict=True) if raw]
                pipe.multi()
                also(pipe)
                pipe.sadd(REVOKED_OWNERS, owner)
                for row in rows:
                    if row.unreadable:
                        continue  # it is disabled as it is
                    ended = row.subscription.model_copy(update={"state": state})
                    _write(pipe, row.model_copy(update={"revision": row.revision + 1, "subscription": ended}))
                with contextlib.suppress(WatchError):
                    await pipe.execute()
                    return len(rows)

    async def remove(self, row: Row) -> None:
        """Delete a subscription. A delivery that is due for it ends as failed when it is claimed."""
        id_ = row.subscription.id
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(row_key(id_), _interest(id_), feedback_key(id_), feed_number(id_), listing_key(id_))
            pipe.delete(citations_key(id_), cited_key(id_))
            pipe.zrem(_ALL, id_)
            pipe.zrem(TUNED, id_)
            pipe.zrem(FOLLOWED, id_)
            pipe.zrem(CITED, id_)
            pipe.zrem(_owned(row.owner), id_)
            await pipe.execute()

    async def ids(self) -> AsyncIterator[list[str]]:
        """Yield the ids of all subscriptions, page by page."""
        last = 0
        while True:
            found: Any = await self._redis.zrange(
                _ALL, f"({last}", "+inf", byscore=True, offset=0, num=_PAGE_SIZE, withscores=True
            )
            if not found:
                return
            yield [id_.decode() for id_, _ in found]
            last = int(found[-1][1])


async def _check_owner(pipe: Pipeline, row: Row) -> None:
    """Raise PermanentError if the API key of an owner was revoked, in a transaction that watches that."""
    if await pipe.sismember(REVOKED_OWNERS, row.owner):
        raise PermanentError("The API key that owns this subscription was revoked.")


def _write(pipe: Pipeline, row: Row) -> None:
    id_, tuning = row.subscription.id, row.subscription.tuning
    raw = row.model_dump_json(context=AT_REST)
    if len(raw.encode()) > MAX_BYTES:
        raise PermanentError(f"The subscription is over {MAX_BYTES} bytes: shorten it.")
    pipe.set(row_key(id_), raw)
    if tuning and row.subscription.active:
        pipe.zadd(TUNED, {id_: tuning.due})
    else:
        pipe.zrem(TUNED, id_)
    if row.subscription.follows:
        pipe.zadd(FOLLOWED, {id_: following.due if (following := row.subscription.following) else 0})
    else:
        pipe.zrem(FOLLOWED, id_)
    _write_citations(pipe, row.subscription)


def _write_citations(pipe: Pipeline, one: Subscription) -> None:
    if one.asks_for_citations:
        pipe.zadd(CITED, {one.id: one.citations.due if one.citations else 0})
    else:
        pipe.zrem(CITED, one.id)
    if one.citations is None:  # what is known is of other papers
        pipe.delete(citations_key(one.id), cited_key(one.id))


def _row(id_: str, raw: bytes) -> Row:
    try:
        return _cached(raw) if len(raw) <= MAX_CACHED_BYTES else _decoded(raw)
    except ValidationError as error:
        owner, subscription = stand_in(id_, raw, error)
        return Row(owner=owner, subscription=subscription, unreadable=True)


def _interest_vector(raw: bytes) -> InterestVector | None:
    try:
        return InterestVector.model_validate_json(raw)
    except ValidationError:
        return None


def _decoded(raw: bytes) -> Row:
    return Row.model_validate_json(raw, context=AT_REST)


_cached: Final = lru_cache(maxsize=4_096)(_decoded)
"""Rows are frozen, and the same subscriptions match many papers."""


def row_key(subscription: str) -> str:
    """Return the key of the row of a subscription."""
    return f"subscription:{subscription}"


def _interest(subscription: str) -> str:
    return f"interest:{subscription}"


def feedback_key(subscription: str) -> str:
    """Return the key of the hash of feedback on a subscription's alerts."""
    return f"feedback:of:{subscription}"


def listing_key(subscription: str) -> str:
    """Return the key of what was last read at the place of a subscription's liked papers."""
    return f"listing:{subscription}"


def citations_key(subscription: str) -> str:
    """Return the key of what is known of who cites the papers of a subscription's owner."""
    return f"citations:{subscription}"


def cited_key(subscription: str) -> str:
    """Return the key of the hash of papers that were found to cite them: by each of their ids, the titles cited."""
    return f"citations:{subscription}:found"


def feed_number(subscription: str) -> str:
    """Return the key of the number in the addresses of a private feed; it exists once they were rotated."""
    return f"feed:{subscription}"


def _owned(owner: str) -> str:
    return f"subscriptions:of:{owner}"
