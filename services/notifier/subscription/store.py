"""Subscriptions in Redis, which is the truth about them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import WatchError

from services.notifier.fields.secret import AT_REST
from services.notifier.subscription.model import State, Status, Subscription
from shared.papers.paper import Model

_ALL = "subscriptions"
_SEQUENCE = "subscriptions:sequence"
_PAGE = 1_000
TUNED = "subscriptions:tuned"
"""Those that want a volume, by when their threshold is to be looked at again (Unix seconds)."""


class Row(Model):
    """A subscription as it is stored. `revision` grows with every change."""

    owner: str
    revision: int = 1
    subscription: Subscription


class InterestVector(Model):
    """The vector of a subscription, packed, and the embedding model it was made with."""

    model: str
    vector: str


Update = Callable[[Subscription], Awaitable[tuple[Subscription, InterestVector | None]]]
Also = Callable[[Pipeline], None]


class Store:
    """Read and write subscriptions."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def add(self, row: Row, interest: InterestVector) -> None:
        """Write a new subscription with its interest."""
        place = await self._redis.incr(_SEQUENCE)
        async with self._redis.pipeline(transaction=True) as pipe:
            _write(pipe, row)
            pipe.set(_interest(row.subscription.id), interest.model_dump_json())
            pipe.zadd(_ALL, {row.subscription.id: place})
            pipe.zadd(_owned(row.owner), {row.subscription.id: place})
            await pipe.execute()

    async def put_hidden(self, row: Row, ttl: int | None = None) -> None:
        """Write a row that is listed nowhere, and matched by nothing; with `ttl`, for so many seconds."""
        await self._redis.set(_key(row.subscription.id), row.model_dump_json(context=AT_REST), ex=ttl)

    async def several(self, ids: Sequence[str]) -> list[Row | None]:
        """Read some subscriptions, in their order; None where there is none."""
        rows = await self._redis.mget([_key(name) for name in ids]) if ids else []
        return [_row(row) if row else None for row in rows]

    async def page(self, owner: str, after: int, limit: int) -> tuple[list[Subscription], int | None]:
        """Read an owner's subscriptions, oldest first, after a place in their order; give also the next place."""
        found: Any = await self._redis.zrange(
            _owned(owner), f"({after}", "+inf", byscore=True, offset=0, num=limit + 1, withscores=True
        )
        rows = await self.several([name.decode() for name, _ in found[:limit]])
        more = int(found[limit - 1][1]) if len(found) > limit else None
        return [row.subscription for row in rows if row], more

    async def interests(self, ids: Sequence[str]) -> list[InterestVector | None]:
        """Read the interests of some subscriptions, in their order."""
        rows = await self._redis.mget([_interest(name) for name in ids]) if ids else []
        return [InterestVector.model_validate_json(row) if row else None for row in rows]

    async def set_interest(self, subscription: str, interest: InterestVector) -> None:
        """Write an interest that was made again, with another model."""
        await self._redis.set(_interest(subscription), interest.model_dump_json())

    async def change(self, subscription: str, update: Update, also: Also | None = None) -> Row | None:
        """Apply `update` to the present state, again if it changed meanwhile; None if it is gone.

        It gives the new state, and the new interest if that changes too: both are written, or none, and with them
        what `also` adds to the transaction.
        """
        key = _key(subscription)
        while True:
            async with self._redis.pipeline(transaction=True) as pipe:
                await pipe.watch(key)
                raw = await pipe.get(key)
                if raw is None:
                    return None
                row = _row(raw)
                after, interest = await update(row.subscription)
                changed = Row(owner=row.owner, revision=row.revision + 1, subscription=after)
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

    async def disable_all(self, owner: str, reason: str, since: datetime) -> int:
        """Disable what an owner has, whose key is gone; give how many. Matching asks Redis, so it holds at once."""
        state = State(status=Status.DISABLED, reason=reason, since=since)

        async def update(present: Subscription) -> tuple[Subscription, InterestVector | None]:
            return present.model_copy(update={"state": state}), None

        ids: Any = await self._redis.zrange(_owned(owner), 0, -1)
        return sum([await self.change(name.decode(), update) is not None for name in ids])

    async def remove(self, row: Row) -> None:
        """Delete a subscription; what is due for it is dropped when its turn comes."""
        name = row.subscription.id
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(_key(name), _interest(name), feedback_key(name), feed_number(name))
            pipe.zrem(_ALL, name)
            pipe.zrem(TUNED, name)
            pipe.zrem(_owned(row.owner), name)
            await pipe.execute()

    async def ids(self) -> AsyncIterator[list[str]]:
        """Walk over all subscriptions, page by page."""
        last = 0
        while True:
            found: Any = await self._redis.zrange(
                _ALL, f"({last}", "+inf", byscore=True, offset=0, num=_PAGE, withscores=True
            )
            if not found:
                return
            yield [name.decode() for name, _ in found]
            last = int(found[-1][1])


def _write(pipe: Pipeline, row: Row) -> None:
    name, tuning = row.subscription.id, row.subscription.tuning
    pipe.set(_key(name), row.model_dump_json(context=AT_REST))
    if tuning and row.subscription.active:
        pipe.zadd(TUNED, {name: tuning.due})
    else:
        pipe.zrem(TUNED, name)


@lru_cache(maxsize=4_096)
def _row(raw: bytes) -> Row:
    """Decode a row; rows are frozen, and a paper's matches are mostly those of the paper before."""
    return Row.model_validate_json(raw, context=AT_REST)


def _key(subscription: str) -> str:
    return f"subscription:{subscription}"


def _interest(subscription: str) -> str:
    return f"interest:{subscription}"


def feedback_key(subscription: str) -> str:
    """Give the key of the hash of what was said of a subscription's alerts."""
    return f"feedback:of:{subscription}"


def feed_number(subscription: str) -> str:
    """Give the key of the number in the addresses of a private feed; it exists once they were rotated."""
    return f"feed:{subscription}"


def _owned(owner: str) -> str:
    return f"subscriptions:of:{owner}"
