"""Matches that are kept: until their digest is due, and the last ones of every subscription for its feed."""

import zlib
from collections.abc import Callable, Sequence
from typing import Any, Final

import orjson
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from services.notifier.alerts.planner import PlannedAlert
from services.notifier.delivery.deliveries import body_key
from services.notifier.subscription.digest_schedule import Daily, Weekly, next_due
from services.notifier.subscription.match_keys import (
    DIGESTS_DUE,
    count_key,
    feed_key,
    gathered_key,
    match_key,
    since_key,
)
from shared.moments import from_unix

MAX_GATHERED: Final = 1_000
"""Matches that wait for a digest at most: the best. The others are only counted."""
MAX_FEED: Final = 100
"""Matches that a feed has at most: the latest."""


class KeptMatches:
    """Keeps matches. `clock` gives Unix seconds."""

    def __init__(self, redis: Redis, clock: Callable[[], float], retention: float) -> None:
        """`retention` is how long a match is kept, in seconds."""
        self._redis = redis
        self._clock = clock
        self._retention = int(retention)

    def keep(self, pipe: Pipeline, alert: PlannedAlert) -> None:
        """Keep a match of which no delivery is written, as a part of a transaction."""
        pipe.set(match_key(alert.record.id), zlib.compress(alert.body, 1), nx=True, ex=self._retention)

    def gather(self, pipe: Pipeline, alert: PlannedAlert, schedule: Daily | Weekly) -> None:
        """Put a kept match where its digest finds it, as a part of a transaction."""
        subscription = alert.record.subscription
        pipe.zadd(gathered_key(subscription), {alert.record.id: alert.rank})
        pipe.zremrangebyrank(gathered_key(subscription), 0, -MAX_GATHERED - 1)
        pipe.incr(count_key(subscription))
        now = self._clock()
        pipe.set(since_key(subscription), now, nx=True)
        due = next_due(schedule, from_unix(now)).timestamp()
        pipe.zadd(DIGESTS_DUE, {subscription: due}, lt=True)

    def show(self, pipe: Pipeline, alert: PlannedAlert) -> None:
        """List a match in the feed of whom it is for, as a part of a transaction."""
        for subscription in (alert.record.subscription, *alert.also):
            key = feed_key(subscription)
            pipe.lpush(key, alert.record.id)
            pipe.ltrim(key, 0, MAX_FEED - 1)
            pipe.expire(key, self._retention)

    async def latest(self, subscription: str) -> list[dict[str, Any]]:
        """Read the latest matches of a subscription as alerts, newest first."""
        names = [name.decode() for name in await self._redis.lrange(feed_key(subscription), 0, MAX_FEED - 1)]
        keys = [key for name in names for key in (match_key(name), body_key(name))]
        rows = await self._redis.mget(keys) if keys else []
        return [read(kept or sent) for kept, sent in zip(rows[::2], rows[1::2], strict=True) if kept or sent]


def read(body: bytes) -> dict[str, Any]:
    """Read the body of a kept match."""
    alert: dict[str, Any] = orjson.loads(zlib.decompress(body))
    return alert


def present(rows: Sequence[bytes | None]) -> list[dict[str, Any]]:
    """Read the bodies that are still kept."""
    return [read(row) for row in rows if row]
