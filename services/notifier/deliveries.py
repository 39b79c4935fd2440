"""Deliveries in Redis: what is to be sent, when, what was tried, and what came of it."""

import zlib
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from services.notifier import retry, scripts
from services.notifier.channel import AnyChannel
from services.notifier.lanes import lane_of
from shared.paper import ChangeKind, Model

_SPARE = 7 * 86_400
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
    """A delivery without its body. `attempts` counts since it was last made due by hand."""

    id: str
    subscription: str
    owner: str
    paper: str
    change: ChangeKind
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


@dataclass(frozen=True, slots=True)
class Settlement:
    """What becomes of a claimed delivery: its record, the attempt if one was made, when it is due again.

    Without a record it is only let go.
    """

    id: str
    record: Record | None = None
    lane: str = ""
    attempt: Attempt | None = None
    due: float | None = None
    pause_until: float | None = None


class Deliveries:
    """Write, claim and settle deliveries, for one process."""

    def __init__(  # each is one fact, by name
        self,
        redis: Redis,
        process: str,
        clock: Callable[[], float],
        *,
        cap: int,
        lease: float,
        retention: float,
    ) -> None:
        """`cap` attempts at once to one endpoint; `lease` and `retention` in seconds; `clock` gives Unix seconds."""
        self._redis = redis
        self._process = process
        self._clock = clock
        self._cap = cap
        self._lease_ms = int(lease * 1000)
        self._retention = int(retention)
        self._claim = redis.register_script(scripts.CLAIM)
        self._settle = redis.register_script(scripts.SETTLE)
        self._take_over = redis.register_script(scripts.TAKE_OVER)

    def add(self, pipe: Pipeline, record: Record, body: bytes, channel: AnyChannel) -> None:
        """Write a delivery that is due now, as a part of a transaction; one that exists keeps its record."""
        key, keep, now = key_of(record.id), self._retention + _SPARE, self._clock()
        pipe.set(key, record.model_dump_json(), nx=True, ex=keep)
        pipe.set(body_key(record.id), zlib.compress(body, 1), ex=keep)
        self._enqueue(pipe, record, channel, now)
        listed = log_key(record.subscription)
        pipe.zadd(listed, {record.id: record.created_at.timestamp()})
        pipe.expire(listed, keep)

    def _enqueue(self, pipe: Pipeline, record: Record, channel: AnyChannel, due: float) -> None:
        lane = lane_of(record.owner, channel)
        pipe.zadd(f"deliveries:due:{lane}", {record.id: due})
        pipe.zadd("deliveries:lanes", {lane: due}, lt=True)

    async def create(self, record: Record, body: bytes, channel: AnyChannel) -> None:
        """Write a delivery that is due now."""
        async with self._redis.pipeline(transaction=True) as pipe:
            self.add(pipe, record, body, channel)
            await pipe.execute()

    async def again(self, records: Sequence[tuple[Record, AnyChannel]]) -> None:
        """Make deliveries due now, each to its channel, with the whole schedule before them."""
        async with self._redis.pipeline(transaction=True) as pipe:
            for record, channel in records:
                fresh = record.model_copy(update={"state": DeliveryState.PENDING, "attempts": 0})
                fresh = fresh.model_copy(update={"next_attempt_at": retry.iso(self._clock())})
                pipe.set(key_of(record.id), fresh.model_dump_json(), ex=self._retention + _SPARE)
                pipe.expire(body_key(record.id), self._retention + _SPARE)
                self._enqueue(pipe, record, channel, self._clock())
            await pipe.execute()

    async def claim(self, most: int) -> list[str]:
        """Take at most `most` due deliveries; this process holds them until they are settled, or until it is silent."""
        arguments: list[str | int | float] = [self._clock(), most, self._cap, self._process, self._lease_ms]
        return [row.decode() for row in await self._claim(args=arguments)]

    async def settle(self, settlements: Sequence[Settlement]) -> int:
        """Write what became of claimed deliveries; give how many of them this process still held."""
        arguments: list[str | int | float] = [self._process, self._cap]
        for one in settlements:
            arguments += self._arguments(one)
        return int(await self._settle(args=arguments))

    def _arguments(self, one: Settlement) -> list[str | int | float]:
        pending = one.record is not None and one.record.state is DeliveryState.PENDING
        keep = self._retention + (_SPARE if pending else 0)
        attempt = one.attempt.model_dump_json() if one.attempt else ""
        due = "" if one.due is None else one.due
        pause = "" if one.pause_until is None else one.pause_until
        record = one.record.model_dump_json() if one.record else ""
        return [one.id, record, keep, attempt, one.lane, due, pause]

    async def beat(self) -> int:
        """Prove to be alive, and make due what dead processes held; give how many deliveries that were."""
        await self._redis.set(f"deliveries:alive:{self._process}", b"1", px=self._lease_ms)
        return int(await self._take_over(args=[self._clock(), self._cap]))

    async def give_back(self, mine: AbstractSet[str]) -> int:
        """Make due what this process holds without knowing, such as what a lost answer of Redis told; give how many.

        Nothing may claim meanwhile: `mine` has to hold all that was claimed before.
        """
        held: Any = await self._redis.hgetall(f"deliveries:held:{self._process}")
        lost = [(name.decode(), lane.decode()) for name, lane in held.items() if name.decode() not in mine]
        return await self.settle([Settlement(name, lane=lane, due=self._clock()) for name, lane in lost])

    async def release(self) -> None:
        """Give back what this process holds, due at once."""
        await self._redis.delete(f"deliveries:alive:{self._process}")
        await self._take_over(args=[self._clock(), self._cap])

    async def records(self, ids: Sequence[str]) -> list[Record | None]:
        """Read deliveries, in their order; None where one is gone."""
        rows = await self._redis.mget([key_of(name) for name in ids]) if ids else []
        return [Record.model_validate_json(row) if row else None for row in rows]

    async def bodies(self, ids: Sequence[str]) -> list[bytes | None]:
        """Read the bodies of deliveries, in their order; None where one is gone."""
        rows: Any = await self._redis.mget([body_key(name) for name in ids]) if ids else []
        return [zlib.decompress(row) if row else None for row in rows]
