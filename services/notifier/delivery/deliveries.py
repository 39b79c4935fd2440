"""Deliveries in Redis: their bodies and attempts, the lanes in which they wait, and the claims of what is due.

A lane holds the deliveries of one owner to one endpoint, which do not delay those of other lanes. Its rules are in
`lanes.lua` and the scripts beside it.
"""

import contextlib
import hashlib
import zlib
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import structlog
from pydantic import Field, ValidationError
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import WatchError

from services.notifier.channels.definition import ChannelSettings
from services.notifier.channels.registry import AnyChannel
from services.notifier.matching.condition_outcome import Outcome
from shared.bus import scripts
from shared.moments import from_unix
from shared.papers.paper import ChangeKind, Model

log = structlog.get_logger("notifier")
PENDING_EXTRA = 7 * 86_400
"""Seconds that a pending delivery is kept beyond the retention; the whole retry schedule fits in."""
MAX_ATTEMPTS = 20
"""Attempts of a delivery that are kept, the last ones; as in `settle.lua`."""


class DeliveryState(StrEnum):
    """The state of a delivery.

    `held` is sent when its paused or disabled subscription resumes; `declined` is not sent, as its paper does not meet
    the condition of its subscription, unless its owner asks for it.
    """

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    HELD = "held"
    DECLINED = "declined"


class Attempt(Model):
    """One attempt. `answer` is the start of the response body; `error` says why the attempt failed.

    `returned`: no attempt, but what was reported later about the one before: a bounce, or a complaint.
    """

    at: datetime
    status: int | None = None
    latency_ms: float
    error: str | None = None
    answer: str = ""
    returned: bool = False


class Record(Model):
    """A delivery without its body. It has no `change` if it is not about a paper.

    `attempts` counts since the last manual redelivery; a merged alert is for the subscriptions `also`, too.
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
    condition: Outcome | None = Field(default=None, description="why a declined delivery was not sent")


def read_record(raw: bytes | None) -> Record | None:
    """Read a delivery; None for one that is no longer kept, or whose record cannot be read, which is logged."""
    try:
        return Record.model_validate_json(raw) if raw else None
    except ValidationError as error:
        log.warning("delivery unreadable", error=str(error.errors(include_url=False, include_input=False)[0]["msg"]))
        return None


def key_of(delivery: str) -> str:
    """Return the key of a delivery, which exists if and only if the delivery was written."""
    return f"delivery:{delivery}"


def body_key(delivery: str) -> str:
    """Return the key of the compressed body of a delivery."""
    return f"delivery:{delivery}:body"


def attempts_key(delivery: str) -> str:
    """Return the key of the list of a delivery's attempts, oldest first."""
    return f"delivery:{delivery}:attempts"


def log_key(subscription: str) -> str:
    """Return the key of the set of a subscription's deliveries, by the time they were created."""
    return f"deliveries:of:{subscription}"


class Deliveries:
    """Write and read deliveries."""

    def __init__(self, redis: Redis, clock: Callable[[], float], retention: float) -> None:
        """Take a `clock` that returns Unix seconds, and the seconds that a finished delivery is kept."""
        self._redis = redis
        self._clock = clock
        self._keep = int(retention) + PENDING_EXTRA

    def add(self, pipe: Pipeline, record: Record, body: bytes, channel: AnyChannel) -> None:
        """Add a delivery that is due now, in a transaction of the caller's; one that exists keeps its record."""
        key = key_of(record.id)
        pipe.set(key, record.model_dump_json(), nx=True, ex=self._keep)
        pipe.set(body_key(record.id), zlib.compress(body, 1), ex=self._keep)
        self._make_due(pipe, record, channel)
        self.list_for(pipe, record, record.subscription)

    def decline(self, pipe: Pipeline, record: Record, body: bytes, outcome: Outcome) -> None:
        """Write a delivery that is not sent, in a transaction of the caller's; its owner can have it sent."""
        update = {"state": DeliveryState.DECLINED, "next_attempt_at": None, "condition": outcome}
        declined = record.model_copy(update=update)
        pipe.set(key_of(record.id), declined.model_dump_json(), nx=True, ex=self._keep)
        pipe.set(body_key(record.id), zlib.compress(body, 1), ex=self._keep)
        self.list_for(pipe, record, record.subscription)

    def list_for(self, pipe: Pipeline, record: Record, subscription: str) -> None:
        """List a delivery among those of a subscription, in a transaction of the caller's."""
        listed = log_key(subscription)
        pipe.zadd(listed, {record.id: record.created_at.timestamp()})
        pipe.expire(listed, self._keep)

    def _make_due(self, pipe: Pipeline, record: Record, channel: AnyChannel) -> None:
        """Add a delivery to its lane, and list the lane and its owner for `claim.lua`."""
        lane, now, limits = lane_of(record.owner, channel), self._clock(), channel.limits()
        owner = lane.partition(".")[0]
        pipe.zadd(f"deliveries:due:{lane}", {record.id: 0 if record.test else now})  # the caller of a test waits for it
        pipe.hdel(f"deliveries:delays:{lane}", record.id)
        pipe.hset(f"deliveries:lane:{lane}", mapping={"cap": limits.at_once or "", "rate": limits.per_second or ""})
        pipe.expire(f"deliveries:lane:{lane}", self._keep)
        pipe.zadd(f"deliveries:lanes:{owner}", {lane: now}, lt=True)
        pipe.zadd("deliveries:owners", {owner: now}, lt=True)

    @staticmethod
    def _reset_breaker(pipe: Pipeline, record: Record, channel: AnyChannel) -> None:
        """Close the circuit breaker of a lane. A pause that the endpoint asked for stays."""
        pipe.hdel(f"deliveries:lane:{lane_of(record.owner, channel)}", "rest")

    async def create(self, record: Record, body: bytes, channel: AnyChannel, *, by_hand: bool = False) -> None:
        """Write a delivery that is due now; `by_hand` closes the circuit breaker of its lane."""
        async with self._redis.pipeline(transaction=True) as pipe:
            self.add(pipe, record, body, channel)
            if by_hand:
                self._reset_breaker(pipe, record, channel)
            await pipe.execute()

    async def redeliver(self, records: Sequence[tuple[Record, AnyChannel]]) -> None:
        """Make deliveries due now, each with a fresh retry schedule."""
        async with self._redis.pipeline(transaction=True) as pipe:
            for record, channel in records:
                fresh = record.model_copy(update={"state": DeliveryState.PENDING, "attempts": 0})
                fresh = fresh.model_copy(update={"next_attempt_at": from_unix(self._clock())})
                pipe.set(key_of(record.id), fresh.model_dump_json(), ex=self._keep)
                pipe.expire(body_key(record.id), self._keep)
                self._make_due(pipe, record, channel)
                self._reset_breaker(pipe, record, channel)
            await pipe.execute()

    async def records(self, ids: Sequence[str]) -> list[Record | None]:
        """Read deliveries, in order; None for one that is no longer kept, or cannot be read."""
        rows = await self._redis.mget([key_of(id_) for id_ in ids]) if ids else []
        return [read_record(row) for row in rows]

    async def bodies(self, ids: Sequence[str]) -> list[bytes | None]:
        """Read the bodies of deliveries, in order; None for one that is no longer kept."""
        rows: Any = await self._redis.mget([body_key(id_) for id_ in ids]) if ids else []
        return [zlib.decompress(row) if row else None for row in rows]

    async def add_returned(self, delivery: str, at: datetime, error: str, *, failed: bool) -> bool:
        """Write what was reported about a delivery that was sent, and whether it failed; return False if it was before.

        An attempt that follows can be reported about again.
        """
        key, listed = key_of(delivery), attempts_key(delivery)
        while True:
            async with self._redis.pipeline(transaction=True) as pipe:
                await pipe.watch(key, listed)
                raw: Any = await pipe.get(key)
                record = Record.model_validate_json(raw) if raw else None
                last = await _last(pipe, listed)
                if record is None or (last and last.returned):
                    return False
                entry = Attempt(at=at, latency_ms=0.0, error=error, returned=True)
                pipe.multi()
                if failed and record.state is DeliveryState.DELIVERED:
                    record = record.model_copy(update={"state": DeliveryState.FAILED})
                    pipe.set(key, record.model_dump_json(), keepttl=True)
                pipe.rpush(listed, entry.model_dump_json())
                pipe.ltrim(listed, -MAX_ATTEMPTS, -1)
                pipe.expire(listed, self._keep)
                with contextlib.suppress(WatchError):
                    await pipe.execute()
                    return True

    async def last_attempt(self, delivery: str) -> Attempt | None:
        """Return the last attempt at a delivery, or what was reported about it since; None without an attempt."""
        return await _last(self._redis, attempts_key(delivery))

    async def failing_since(self, lane: str) -> float | None:
        """Return since when a lane's endpoint fails without a success, in Unix seconds; None if it does not fail."""
        since = await self._redis.hget(f"deliveries:lane:{lane}", "since")
        return min(float(since), self._clock()) if since else None


async def _last(redis: "Redis | Pipeline", listed: str) -> Attempt | None:
    found: Any = await redis.lindex(listed, -1)
    return Attempt.model_validate_json(found) if found else None


def lane_of(owner: str, channel: ChannelSettings) -> str:
    """Return the lane of an owner's endpoint: the owner's part, a dot, the endpoint's part.

    The deliveries of a channel that goes through one server share the owner's part, whoever they are for.
    """
    endpoint = channel.endpoint()
    if channel.one_server:
        return f"{_digest(channel.type)}.{_digest(owner, *endpoint)}"
    return f"{_digest(owner)}.{_digest(channel.type, *endpoint)}"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Settlement:
    """The result of a claim: the new record, the attempt if one was made, when the delivery is due again.

    Without a record the claim is only released. `pause_until`: nothing is sent to the lane before; `accepted`: whether
    the endpoint accepted the delivery, None without an attempt.
    """

    id: str
    record: Record | None = None
    lane: str = ""
    attempt: Attempt | None = None
    due: float | None = None
    pause_until: float | None = None
    accepted: bool | None = None


@dataclass(frozen=True, slots=True)
class ClaimLimits:
    """Bounds of claims: concurrent attempts to an endpoint (`cap`), and for an owner in this process (`share`).

    `lease`: seconds of silence after which a process counts as dead; `retention`: seconds that deliveries are kept.
    """

    cap: int
    share: int
    lease: float
    retention: float


class DeliveryClaims:
    """Claim and settle deliveries, for one process."""

    def __init__(self, redis: Redis, process: str, clock: Callable[[], float], limits: ClaimLimits) -> None:
        """Take the id of this process, and a `clock` that returns Unix seconds."""
        self._redis = redis
        self._process = process
        self._clock = clock
        self._limits = limits
        self._lease_ms = int(limits.lease * 1000)
        self._claim, self._settle, self._take_over = (
            scripts.register(redis, __package__, "lanes", name) for name in ("claim", "settle", "take_over")
        )

    async def claim(self, most: int) -> list[str]:
        """Claim at most `most` due deliveries; return their ids. The claim ends with `settle`, or with the lease."""
        limits = self._limits
        arguments: list[str | int | float] = [
            self._clock(), most, limits.cap, self._process, self._lease_ms, limits.share,
        ]  # fmt: skip
        return [row.decode() for row in await self._claim(args=arguments)]

    async def settle(self, settlements: Sequence[Settlement]) -> int:
        """Write the results of claims; return how many of them this process still held."""
        arguments: list[str | int | float] = [self._clock(), self._process, self._limits.cap]
        for one in settlements:
            arguments += self._arguments(one)
        return int(await self._settle(args=arguments))

    def _arguments(self, one: Settlement) -> list[str | int | float]:
        pending = one.record is not None and one.record.state is DeliveryState.PENDING
        keep = int(self._limits.retention) + (PENDING_EXTRA if pending else 0)
        attempt = one.attempt.model_dump_json() if one.attempt else ""
        due = "" if one.due is None else one.due
        pause = "" if one.pause_until is None else one.pause_until
        record = one.record.model_dump_json() if one.record else ""
        accepted = "" if one.accepted is None else int(one.accepted)
        return [one.id, record, keep, attempt, one.lane, due, pause, accepted]

    async def beat(self) -> int:
        """Renew the lease, and make due what dead processes held; return how many deliveries those were."""
        await self._redis.set(f"deliveries:alive:{self._process}", b"1", px=self._lease_ms)
        return int(await self._take_over(args=[self._clock(), self._limits.cap, self._lease_ms]))

    async def give_back(self, known: AbstractSet[str]) -> int:
        """Make due what Redis holds for this process and is not in `known`, as the answer of a claim was lost.

        Return how many deliveries those were. Do not claim meanwhile: `known` has to hold all earlier claims.
        """
        held: Any = await self._redis.hgetall(f"deliveries:held:{self._process}")
        lost = [(id_.decode(), lane.decode()) for id_, lane in held.items() if id_.decode() not in known]
        return await self.settle([Settlement(id_, lane=lane, due=self._clock()) for id_, lane in lost])

    async def release(self) -> None:
        """Make all deliveries due that this process holds."""
        await self._redis.delete(f"deliveries:alive:{self._process}")
        await self._take_over(args=[self._clock(), self._limits.cap, self._lease_ms])
