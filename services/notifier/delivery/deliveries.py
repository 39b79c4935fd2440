"""Deliveries in Redis: what is to be sent, when, what was tried, and what came of it."""

import zlib
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from services.notifier.channels.registry import AnyChannel
from services.notifier.delivery.lanes import lane_of, limits_of
from shared.moments import from_unix
from shared.papers.paper import ChangeKind, Model

SPARE = 7 * 86_400
"""Seconds that an unfinished delivery is kept beyond the retention: the whole schedule fits in."""


class DeliveryState(StrEnum):
    """`held`: its subscription is paused or disabled; it is sent on when that is resumed."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    HELD = "held"


class Attempt(Model):
    """One attempt. `answer` is the begin of the body; `error` says why no answer came or why it does not count."""

    at: datetime
    status: int | None = None
    latency_ms: float
    error: str | None = None
    answer: str = ""


class Record(Model):
    """A delivery without its body; one about no paper has no `change`.

    `attempts` counts since it was last made due by hand; a merged alert is for the subscriptions `also`.
    """

    id: str
    subscription: str
    also: tuple[str, ...] = ()
    owner: str
    paper: str = ""
    change: ChangeKind | None = None
    created_at: datetime
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    next_attempt_at: datetime | None = None
    test: bool = False


def key_of(delivery: str) -> str:
    """Give the key that exists if and only if the delivery was written."""
    return f"delivery:{delivery}"


def body_key(delivery: str) -> str:
    """Give the key of the compressed body of a delivery."""
    return f"delivery:{delivery}:body"


def attempts_key(delivery: str) -> str:
    """Give the key of the list of a delivery's attempts, oldest first."""
    return f"delivery:{delivery}:attempts"


def log_key(subscription: str) -> str:
    """Give the key of the list of a subscription's deliveries, by the time they were made."""
    return f"deliveries:of:{subscription}"


class Deliveries:
    """Write and read deliveries."""

    def __init__(self, redis: Redis, clock: Callable[[], float], retention: float) -> None:
        """`clock` gives Unix seconds; `retention` is how many of them a delivery is kept when it is done."""
        self._redis = redis
        self._clock = clock
        self._keep = int(retention) + SPARE

    def add(self, pipe: Pipeline, record: Record, body: bytes, channel: AnyChannel) -> None:
        """Write a delivery that is due now, as a part of a transaction; one that exists keeps its record."""
        key = key_of(record.id)
        pipe.set(key, record.model_dump_json(), nx=True, ex=self._keep)
        pipe.set(body_key(record.id), zlib.compress(body, 1), ex=self._keep)
        self._enqueue(pipe, record, channel)
        self.show(pipe, record, record.subscription)

    def show(self, pipe: Pipeline, record: Record, subscription: str) -> None:
        """List a delivery among those of a subscription, as a part of a transaction."""
        listed = log_key(subscription)
        pipe.zadd(listed, {record.id: record.created_at.timestamp()})
        pipe.expire(listed, self._keep)

    def _enqueue(self, pipe: Pipeline, record: Record, channel: AnyChannel) -> None:
        """Put a delivery in its lane, and the lane and its owner where `claim.lua` looks for them."""
        lane, now, limits = lane_of(record.owner, channel), self._clock(), limits_of(channel)
        owner = lane.partition(".")[0]
        pipe.zadd(f"deliveries:due:{lane}", {record.id: 0 if record.test else now})  # who tests is waiting
        pipe.hset(f"deliveries:lane:{lane}", mapping={"cap": limits.at_once or "", "rate": limits.per_second or ""})
        pipe.expire(f"deliveries:lane:{lane}", self._keep)
        pipe.zadd(f"deliveries:lanes:{owner}", {lane: now}, lt=True)
        pipe.zadd("deliveries:owners", {owner: now}, lt=True)

    @staticmethod
    def _wake_up(pipe: Pipeline, record: Record, channel: AnyChannel) -> None:
        """End the rest of a lane whose breaker is open: somebody asks by hand. What the endpoint asked for stays."""
        pipe.hdel(f"deliveries:lane:{lane_of(record.owner, channel)}", "rest")

    async def create(self, record: Record, body: bytes, channel: AnyChannel, *, by_hand: bool = False) -> None:
        """Write a delivery that is due now; `by_hand` if somebody waits for it."""
        async with self._redis.pipeline(transaction=True) as pipe:
            self.add(pipe, record, body, channel)
            if by_hand:
                self._wake_up(pipe, record, channel)
            await pipe.execute()

    async def again(self, records: Sequence[tuple[Record, AnyChannel]]) -> None:
        """Make deliveries due now, each to its channel, with the whole schedule before them."""
        async with self._redis.pipeline(transaction=True) as pipe:
            for record, channel in records:
                fresh = record.model_copy(update={"state": DeliveryState.PENDING, "attempts": 0})
                fresh = fresh.model_copy(update={"next_attempt_at": from_unix(self._clock())})
                pipe.set(key_of(record.id), fresh.model_dump_json(), ex=self._keep)
                pipe.expire(body_key(record.id), self._keep)
                self._enqueue(pipe, record, channel)
                self._wake_up(pipe, record, channel)
            await pipe.execute()

    async def records(self, ids: Sequence[str]) -> list[Record | None]:
        """Read deliveries, in their order; None where one is gone."""
        rows = await self._redis.mget([key_of(name) for name in ids]) if ids else []
        return [Record.model_validate_json(row) if row else None for row in rows]

    async def bodies(self, ids: Sequence[str]) -> list[bytes | None]:
        """Read the bodies of deliveries, in their order; None where one is gone."""
        rows: Any = await self._redis.mget([body_key(name) for name in ids]) if ids else []
        return [zlib.decompress(row) if row else None for row in rows]

    async def failing_since(self, lane: str) -> float | None:
        """Give when a lane's endpoint failed first without a success since, in Unix seconds; None if it is well."""
        since = await self._redis.hget(f"deliveries:lane:{lane}", "since")
        return float(since) if since else None
