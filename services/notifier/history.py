"""The deliveries of a subscription, as their owner sees them: list, test, send again."""

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence

from redis.asyncio import Redis

from services.notifier import alert, retry
from services.notifier.deliveries import Attempt, Deliveries, DeliveryState, Record, key_of, log_key
from services.notifier.matching import Match
from services.notifier.subscription import Subscription
from shared.paper import Change, ChangeKind

TEST_WAIT = 20.0
"""Seconds that a test waits for its attempt; one takes at most 15."""
_PAGE = 200


class DeliveryView(Record):
    """A delivery with its last attempts, oldest first."""

    log: tuple[Attempt, ...] = ()


class History:
    """Read what was delivered, and deliver it again."""

    def __init__(
        self, redis: "Redis[bytes]", deliveries: Deliveries, wake: Callable[[], None], clock: Callable[[], float]
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
            place = await self._redis.zrevrank(key, cursor)
            if place is None:
                return None
            start = int(place) + 1
        found = [name.decode() for name in await self._redis.zrevrange(key, start, start + limit)]
        page = found[:limit]
        records = await self._deliveries.records(page)
        await self._forget(subscription, [name for name, record in zip(page, records, strict=True) if record is None])
        views = [await self._view(record) for record in records if record]
        return views, page[-1] if len(found) > limit else None

    async def _forget(self, subscription: str, ids: Sequence[str]) -> None:
        """Strike off the list what has expired."""
        if ids:
            await self._redis.zrem(log_key(subscription), *ids)

    async def _view(self, record: Record) -> DeliveryView:
        rows = await self._redis.lrange(f"{key_of(record.id)}:attempts", 0, -1)
        return DeliveryView(**record.model_dump(), log=tuple(Attempt.model_validate_json(row) for row in rows))

    async def get(self, owner: str, delivery: str) -> Record | None:
        """Read a delivery of an owner; another's does not exist."""
        record = (await self._deliveries.records([delivery]))[0]
        return record if record and record.owner == owner else None

    async def redeliver(self, record: Record, url: str) -> DeliveryView | None:
        """Make a delivery due now, with the whole schedule before it; None if its body is no longer kept."""
        if not await self._redis.exists(f"{key_of(record.id)}:body"):
            return None
        await self._deliveries.again([(record, url)])
        self._wake()
        written = (await self._deliveries.records([record.id]))[0]
        return await self._view(written or record)

    async def test(self, owner: str, subscription: Subscription) -> DeliveryView:
        """Send a sample alert the way of every alert, once, and wait for what comes of it."""
        now = retry.iso(self._clock())
        change = Change(kind=ChangeKind.NEW)
        match = Match(change, 1.0, subscription.threshold, ("this is a test",))
        record = Record(
            id=str(uuid.uuid4()), subscription=subscription.id, owner=owner, paper=alert.SAMPLE.id, change=change.kind,
            created_at=now, next_attempt_at=now, test=True,
        )  # fmt: skip
        body = alert.body(subscription, alert.SAMPLE, match, now)
        await self._deliveries.create(record, body, subscription.channel.url)
        self._wake()
        return await self._view(await self._settled(record))

    async def _settled(self, record: Record) -> Record:
        end = time.monotonic() + TEST_WAIT
        while record.state is DeliveryState.PENDING and time.monotonic() < end:
            await asyncio.sleep(0.02)
            record = (await self._deliveries.records([record.id]))[0] or record
        return record

    async def resume(self, subscription: Subscription) -> int:
        """Make due what was held while a subscription did not take alerts; give how many."""
        names = [name.decode() for name in await self._redis.zrange(log_key(subscription.id), 0, -1)]
        count = 0
        for start in range(0, len(names), _PAGE):
            records = await self._deliveries.records(names[start : start + _PAGE])
            held = [record for record in records if record and record.state is DeliveryState.HELD]
            await self._deliveries.again([(record, subscription.channel.url) for record in held])
            count += len(held)
        self._wake()
        return count
