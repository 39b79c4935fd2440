"""The deliveries of a subscription, for its owner: list, test, redeliver."""

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from redis.asyncio import Redis

from services.notifier.channels.registry import AnyChannel
from services.notifier.delivery.deliveries import (
    Attempt,
    Deliveries,
    DeliveryState,
    Record,
    attempts_key,
    body_key,
    key_of,
    log_key,
    read_record,
)
from services.notifier.matching import alert_body
from services.notifier.matching.match import Match
from services.notifier.subscription.model import Subscription
from shared.moments import from_unix
from shared.papers.paper import Change, ChangeKind

TEST_WAIT = 20.0
"""Seconds that a test waits for its attempt, which takes at most 15."""
_BATCH_SIZE = 200


class DeliveryView(Record):
    """A delivery with its last attempts, oldest first."""

    log: tuple[Attempt, ...] = ()


class History:
    """List deliveries, send tests, and redeliver."""

    def __init__(
        self, redis: Redis, deliveries: Deliveries, wake: Callable[[], None], clock: Callable[[], float]
    ) -> None:
        """Take `wake`, which starts due deliveries, and a `clock` that returns Unix seconds."""
        self._redis = redis
        self._deliveries = deliveries
        self._wake = wake
        self._clock = clock

    async def page(
        self, subscription: str, cursor: str | None, limit: int
    ) -> tuple[list[DeliveryView], str | None] | None:
        """Return a page of deliveries after a cursor, newest first, and the next cursor; None if the cursor expired."""
        key, start = log_key(subscription), 0
        if cursor:
            place: Any = await self._redis.zrevrank(key, cursor)
            if place is None:
                return None
            start = int(place) + 1
        found: Any = await self._redis.zrevrange(key, start, start + limit)
        page = [id_.decode() for id_ in found[:limit]]
        views = await self._views(page)
        await self._forget(subscription, [id_ for id_, view in zip(page, views, strict=True) if view is None])
        return [view for view in views if view], page[-1] if len(found) > limit else None

    async def _forget(self, subscription: str, ids: Sequence[str]) -> None:
        """Remove expired deliveries from the list."""
        if ids:
            await self._redis.zrem(log_key(subscription), *ids)

    async def _views(self, ids: Sequence[str]) -> list[DeliveryView | None]:
        """Read deliveries with their attempts, at one moment; None as `read_record`."""
        async with self._redis.pipeline(transaction=True) as pipe:
            for id_ in ids:
                pipe.get(key_of(id_))
                pipe.lrange(attempts_key(id_), 0, -1)
            rows = await pipe.execute()
        return [_view(record, log) for record, log in zip(rows[::2], rows[1::2], strict=True)]

    async def get(self, owner: str, delivery: str) -> Record | None:
        """Return a delivery of an owner, or None; the deliveries of another owner do not exist."""
        record = (await self._deliveries.records([delivery]))[0]
        return record if record and record.owner == owner else None

    async def redeliver(self, record: Record, channel: AnyChannel) -> DeliveryView | None:
        """Make a delivery due now with a fresh retry schedule; return None if its body is no longer kept.

        Nothing is sent to a feed, so what was declined for one cannot be sent either.
        """
        if channel.transport is None or not await self._redis.exists(body_key(record.id)):
            return None
        await self._deliveries.redeliver([(record, channel)])
        self._wake()
        return (await self._views([record.id]))[0]

    async def test(self, owner: str, subscription: Subscription) -> DeliveryView:
        """Send a sample alert as every alert is sent, but once, and return its result."""
        now = from_unix(self._clock())
        change = Change(kind=ChangeKind.NEW)
        match = Match(change, 1.0, subscription.threshold, ("this is a test",))
        record = Record(
            id=str(uuid.uuid4()), subscription=subscription.id, owner=owner, paper=alert_body.SAMPLE.id,
            change=change.kind, created_at=now, next_attempt_at=now, test=True,
        )  # fmt: skip
        body = alert_body.compose(subscription, alert_body.SAMPLE, match, now)
        await self._deliveries.create(record, body, subscription.channel, by_hand=True)
        self._wake()
        return await self._settled(DeliveryView(**record.model_dump()))

    async def _settled(self, view: DeliveryView) -> DeliveryView:
        end = time.monotonic() + TEST_WAIT
        while view.state is DeliveryState.PENDING and time.monotonic() < end:
            await asyncio.sleep(0.02)
            view = (await self._views([view.id]))[0] or view
        return view

    async def resume(self, subscription: Subscription) -> int:
        """Make due what was held while a subscription was not active; return how many."""
        return await self._redeliver(subscription, 0.0, {DeliveryState.HELD})

    async def recover(self, subscription: Subscription, since: datetime) -> int:
        """Make due the deliveries since a moment that failed or were held; return how many."""
        return await self._redeliver(subscription, since.timestamp(), {DeliveryState.FAILED, DeliveryState.HELD})

    async def _redeliver(self, subscription: Subscription, since: float, states: AbstractSet[DeliveryState]) -> int:
        found: Any = await self._redis.zrange(log_key(subscription.id), since, "+inf", byscore=True)
        ids = [id_.decode() for id_ in found]
        count = 0
        for start in range(0, len(ids), _BATCH_SIZE):
            records = await self._deliveries.records(ids[start : start + _BATCH_SIZE])
            wanted = [record for record in records if record and record.state in states and not record.test]
            await self._deliveries.redeliver([(record, subscription.channel) for record in wanted])
            count += len(wanted)
        self._wake()
        return count


def _view(raw: bytes | None, log: Sequence[bytes]) -> DeliveryView | None:
    record = read_record(raw)
    if record is None:
        return None
    return DeliveryView(**record.model_dump(), log=tuple(Attempt.model_validate_json(row) for row in log))
