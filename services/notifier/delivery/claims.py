"""Who sends what next: claims of due deliveries, and what becomes of them. The rules are in `lanes.lua`."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from services.notifier.delivery.deliveries import SPARE, Attempt, DeliveryState, Record
from shared.bus import scripts


@dataclass(frozen=True, slots=True)
class Settlement:
    """What becomes of a claimed delivery: its record, the attempt if one was made, when it is due again.

    Without a record it is only let go. `pause_until`: nothing is sent to the lane before; `took`: whether the endpoint
    accepted it, None if it was not asked.
    """

    id: str
    record: Record | None = None
    lane: str = ""
    attempt: Attempt | None = None
    due: float | None = None
    pause_until: float | None = None
    took: bool | None = None


@dataclass(frozen=True, slots=True)
class ClaimLimits:
    """`cap`: attempts at once to one endpoint; `share`: attempts at once for one owner, in this process.

    `lease`: seconds of silence after which a process counts as dead; `retention`: seconds that what is done is kept.
    """

    cap: int
    share: int
    lease: float
    retention: float


class DeliveryClaims:
    """Claim and settle deliveries, for one process."""

    def __init__(self, redis: Redis, process: str, clock: Callable[[], float], terms: ClaimLimits) -> None:
        """`clock` gives Unix seconds."""
        self._redis = redis
        self._process = process
        self._clock = clock
        self._terms = terms
        self._lease_ms = int(terms.lease * 1000)
        self._claim, self._settle, self._take_over = (
            scripts.register(redis, __package__, "lanes", name) for name in ("claim", "settle", "take_over")
        )

    async def claim(self, most: int) -> list[str]:
        """Take at most `most` due deliveries; this process holds them until they are settled, or until it is silent."""
        terms = self._terms
        arguments: list[str | int | float] = [
            self._clock(), most, terms.cap, self._process, self._lease_ms, terms.share,
        ]  # fmt: skip
        return [row.decode() for row in await self._claim(args=arguments)]

    async def settle(self, settlements: Sequence[Settlement]) -> int:
        """Write what became of claimed deliveries; give how many of them this process still held."""
        arguments: list[str | int | float] = [self._clock(), self._process, self._terms.cap]
        for one in settlements:
            arguments += self._arguments(one)
        return int(await self._settle(args=arguments))

    def _arguments(self, one: Settlement) -> list[str | int | float]:
        pending = one.record is not None and one.record.state is DeliveryState.PENDING
        keep = int(self._terms.retention) + (SPARE if pending else 0)
        attempt = one.attempt.model_dump_json() if one.attempt else ""
        due = "" if one.due is None else one.due
        pause = "" if one.pause_until is None else one.pause_until
        record = one.record.model_dump_json() if one.record else ""
        took = "" if one.took is None else int(one.took)
        return [one.id, record, keep, attempt, one.lane, due, pause, took]

    async def beat(self) -> int:
        """Prove to be alive, and make due what dead processes held; give how many deliveries that were."""
        await self._redis.set(f"deliveries:alive:{self._process}", b"1", px=self._lease_ms)
        return int(await self._take_over(args=[self._clock(), self._terms.cap]))

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
        await self._take_over(args=[self._clock(), self._terms.cap])
