"""Matches that are kept: those that wait for a digest, and the latest of every subscription for its feed."""

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
"""The most matches that wait for a digest, the best; the others are only counted."""
MAX_FEED: Final = 100
"""The most matches of a feed, the latest."""


class KeptMatches:
    """Keep matches, and read the latest. Its writes are commands in a transaction of the caller's."""

    def __init__(self, redis: Redis, clock: Callable[[], float], retention: float) -> None:
        """Take a `clock` that returns Unix seconds, and the seconds that a match is kept."""
        self._redis = redis
        self._clock = clock
        self._retention = int(retention)

    def keep(self, pipe: Pipeline, alert: PlannedAlert) -> None:
        """Keep the alert of a match that has no delivery of its own."""
        pipe.set(match_key(alert.record.id), zlib.compress(alert.body, 1), nx=True, ex=self._retention)

    def gather(self, pipe: Pipeline, alert: PlannedAlert, schedule: Daily | Weekly) -> None:
        """Add a kept match to those that wait for the next digest."""
        subscription = alert.record.subscription
        pipe.zadd(gathered_key(subscription), {alert.record.id: alert.rank})
        pipe.zremrangebyrank(gathered_key(subscription), 0, -MAX_GATHERED - 1)
        pipe.incr(count_key(subscription))
        now = self._clock()
        pipe.set(since_key(subscription), now, nx=True)
        due = next_due(schedule, from_unix(now)).timestamp()
        pipe.zadd(DIGESTS_DUE, {subscription: due}, lt=True)

    def list_in_feeds(self, pipe: Pipeline, alert: PlannedAlert) -> None:
        """Add a match to the feeds of its subscriptions."""
        for subscription in (alert.record.subscription, *alert.also):
            key = feed_key(subscription)
            pipe.lpush(key, alert.record.id)
            pipe.ltrim(key, 0, MAX_FEED - 1)
            pipe.expire(key, self._retention)

    async def latest(self, subscription: str) -> list[dict[str, Any]]:
        """Return the latest matches of a subscription as alerts, newest first."""
        ids = [id_.decode() for id_ in await self._redis.lrange(feed_key(subscription), 0, MAX_FEED - 1)]
        keys = [key for id_ in ids for key in (match_key(id_), body_key(id_))]
        rows = await self._redis.mget(keys) if keys else []
        return [decode(kept or sent) for kept, sent in zip(rows[::2], rows[1::2], strict=True) if kept or sent]


def decode(row: bytes) -> dict[str, Any]:
    """Decode the alert of a kept match."""
    alert: dict[str, Any] = orjson.loads(zlib.decompress(row))
    return alert


def decode_kept(rows: Sequence[bytes | None]) -> list[dict[str, Any]]:
    """Decode the alerts that are still kept."""
    return [decode(row) for row in rows if row]
