"""Claims of due deliveries, and what becomes of them. The rules are in `lanes.lua` and the scripts beside it."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from services.notifier.delivery.deliveries import PENDING_EXTRA, Attempt, DeliveryState, Record
from shared.bus import scripts


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
        return int(await self._take_over(args=[self._clock(), self._limits.cap]))

    async def give_back(self, known: AbstractSet[str]) -> int:
        """Make due what Redis holds for this process and is not in `known`, as the answer of a claim was lost.

        Return how many deliveries those were. Do not claim meanwhile: `known` has to hold all earlier claims.
        """
        held: Any = await self._redis.hgetall(f"deliveries:held:{self._process}")
        lost = [(id_.decode(), lane.decode()) for id_, lane in held.items() if id_.decode() not in known]
        return await self.settle([Settlement(id_, lane=lane, due=self._clock()) for id_, lane in lost])

    async def release(self) -> None:
        """Make due at once what this process holds."""
        await self._redis.delete(f"deliveries:alive:{self._process}")
        await self._take_over(args=[self._clock(), self._limits.cap])
