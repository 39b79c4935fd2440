"""The deliveries of a subscription, as their owner sees them: list, test, send again."""

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
)
from services.notifier.matching import alert_body as alert
from services.notifier.matching.match import Match
from services.notifier.subscription.model import Subscription
from shared.moments import from_unix
from shared.papers.paper import Change, ChangeKind

TEST_WAIT = 20.0
"""Seconds that a test waits for its attempt; one takes at most 15."""
_PAGE = 200


class DeliveryView(Record):
    """A delivery with its last attempts, oldest first."""

    log: tuple[Attempt, ...] = ()


class History:
    """Read what was delivered, and deliver it again."""

    def __init__(
        self, redis: Redis, deliveries: Deliveries, wake: Callable[[], None], clock: Callable[[], float]
    ) -> None:
        """`wake` makes what is due start; `clock` gives Unix seconds."""
        self._redis = redis
        self._deliveries = deliveries
        self._wake = wake
        self._clock = clock

    async def page(
        self, subscription: str, cursor: str | None, limit: int
    ) -> tuple[list[DeliveryView], str | None] | None:
        """Read deliveries, newest first, after the one named by the cursor; None if that is no longer listed."""
        key, start = log_key(subscription), 0
        if cursor:
            place: Any = await self._redis.zrevrank(key, cursor)
            if place is None:
                return None
            start = int(place) + 1
        found: Any = await self._redis.zrevrange(key, start, start + limit)
        page = [name.decode() for name in found[:limit]]
        views = await self._views(page)
        await self._forget(subscription, [name for name, view in zip(page, views, strict=True) if view is None])
        return [view for view in views if view], page[-1] if len(found) > limit else None

    async def _forget(self, subscription: str, ids: Sequence[str]) -> None:
        """Strike off the list what has expired."""
        if ids:
            await self._redis.zrem(log_key(subscription), *ids)

    async def _views(self, ids: Sequence[str]) -> list[DeliveryView | None]:
        """Read deliveries with their attempts, as they are at one moment; None where one is gone."""
        async with self._redis.pipeline(transaction=True) as pipe:
            for name in ids:
                pipe.get(key_of(name))
                pipe.lrange(attempts_key(name), 0, -1)
            rows = await pipe.execute()
        return [_view(record, log) if record else None for record, log in zip(rows[::2], rows[1::2], strict=True)]

    async def get(self, owner: str, delivery: str) -> Record | None:
        """Read a delivery of an owner; another's does not exist."""
        record = (await self._deliveries.records([delivery]))[0]
        return record if record and record.owner == owner else None

    async def redeliver(self, record: Record, channel: AnyChannel) -> DeliveryView | None:
        """Make a delivery due now, with the whole schedule before it; None if its body is no longer kept."""
        if not await self._redis.exists(body_key(record.id)):
            return None
        await self._deliveries.again([(record, channel)])
        self._wake()
        return (await self._views([record.id]))[0]

    async def test(self, owner: str, subscription: Subscription) -> DeliveryView:
        """Send a sample alert the way of every alert, once, and wait for what comes of it."""
        now = from_unix(self._clock())
        change = Change(kind=ChangeKind.NEW)
        match = Match(change, 1.0, subscription.threshold, ("this is a test",))
        record = Record(
            id=str(uuid.uuid4()), subscription=subscription.id, owner=owner, paper=alert.SAMPLE.id, change=change.kind,
            created_at=now, next_attempt_at=now, test=True,
        )  # fmt: skip
        body = alert.body(subscription, alert.SAMPLE, match, now)
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
        """Make due what was held while a subscription did not take alerts; give how many."""
        return await self._again(subscription, 0.0, {DeliveryState.HELD})

    async def recover(self, subscription: Subscription, since: datetime) -> int:
        """Make due what failed or was held of what was made since; give how many."""
        return await self._again(subscription, since.timestamp(), {DeliveryState.FAILED, DeliveryState.HELD})

    async def _again(self, subscription: Subscription, since: float, states: AbstractSet[DeliveryState]) -> int:
        found: Any = await self._redis.zrange(log_key(subscription.id), since, "+inf", byscore=True)
        names = [name.decode() for name in found]
        count = 0
        for start in range(0, len(names), _PAGE):
            records = await self._deliveries.records(names[start : start + _PAGE])
            wanted = [record for record in records if record and record.state in states and not record.test]
            await self._deliveries.again([(record, subscription.channel) for record in wanted])
            count += len(wanted)
        self._wake()
        return count


def _view(record: bytes, log: Sequence[bytes]) -> DeliveryView:
    fields = Record.model_validate_json(record).model_dump()
    return DeliveryView(**fields, log=tuple(Attempt.model_validate_json(row) for row in log))
