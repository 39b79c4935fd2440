"""The works that are due with a provider: sorted sets in Redis, which all enrichers share by leases."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from services.enricher.refresh.schedule import BANDS, LONGEST_S
from shared.bus import scripts

LEASE_S: Final = 300.0
"""Seconds after which the works of an enricher that was killed are claimed by another; no round lasts longer."""
MAX_WORKS: Final = 50_000
"""The most works of a band; beyond it those that are due last are dropped."""


class Turn(NamedTuple):
    """The next turn of a work: its band, and when it is due (seconds since 1970)."""

    band: int
    due: float


class Backlog(NamedTuple):
    """The number of works due now, and for how many seconds the first of them has been due."""

    works: int
    behind_s: float


class DueWorks:
    """The works of one provider. Moments are seconds since 1970."""

    def __init__(self, redis: "Redis[bytes]", provider: str) -> None:
        """The caller closes `redis`; `provider` is an id."""
        self._redis = redis
        self._provider = provider
        self._leased = f"due:{provider}:leased"
        self._bands = [f"due:{provider}:{band}" for band in range(BANDS)]
        self._claim = scripts.register(redis, __package__ or "", "claim_works")

    def enter(self, pipe: "Pipeline[bytes]", works: Mapping[str, int], at: datetime) -> None:
        """Enter works into their bands, due now, as part of a transaction; works that are in a band keep their turn."""
        for band, key in enumerate(self._bands):
            if entered := {work: at.timestamp() for work, of in works.items() if of == band}:
                pipe.zadd(key, entered, nx=True)
                pipe.zremrangebyrank(key, MAX_WORKS, -1)  # offline, nothing else bounds them

    async def begin(self, others: Iterable[str]) -> None:
        """Start with the works of other providers, so that a provider added later receives requests for them too.

        Works that it does not want leave at their first turn.
        """
        providers = [other for other in others if other != self._provider]
        async with self._redis.pipeline(transaction=True) as pipe:
            for band, key in enumerate(self._bands):
                pipe.zunionstore(key, [key, *(f"due:{other}:{band}" for other in providers)], aggregate="MIN")
            await pipe.execute()

    async def claim(self, now: float, most: int) -> dict[str, int]:
        """Lease up to `most` works that are due, upper bands first and the longest due first; return their bands."""
        members = await self._claim(keys=[self._leased, *self._bands], args=[now, now + LEASE_S, most, *LONGEST_S])
        rows = (member.decode().split(":", 1) for member in members)
        return {work: int(band) for band, work in rows}

    async def settle(self, claimed: Mapping[str, int], turns: Mapping[str, Turn]) -> None:
        """End leases; works without another turn leave the schedule.

        A lease that was lost meanwhile does no harm: the work has a turn more or less.
        """
        if not claimed:
            return
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.zrem(self._leased, *(f"{band}:{work}" for work, band in claimed.items()))
            for key in self._bands:
                pipe.zrem(key, *claimed)
            for band, key in enumerate(self._bands):
                if again := {work: turn.due for work, turn in turns.items() if turn.band == band}:
                    pipe.zadd(key, again)
            await pipe.execute()

    async def release(self, claimed: Mapping[str, int], works: Iterable[str], due: float) -> None:
        """Return works that were not requested to their bands."""
        given = {work: claimed[work] for work in works}
        await self.settle(given, {work: Turn(band, due) for work, band in given.items()})

    async def backlog(self, now: float) -> Backlog:
        """Return the amount due, and keep the bands within bounds."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for key in self._bands:
                pipe.zremrangebyrank(key, MAX_WORKS, -1)
                pipe.zcount(key, "-inf", now)
                pipe.zrange(key, 0, 0, withscores=True)
            rows = await pipe.execute()
        firsts = [row[0][1] for row in rows[2::3] if row]
        return Backlog(sum(rows[1::3]), max(now - min(firsts, default=now), 0.0))
