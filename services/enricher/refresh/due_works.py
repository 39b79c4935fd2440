"""Which works a provider is to be asked about, and when: sorted sets in Redis that all enrichers share by leases."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from services.enricher.refresh.schedule import BANDS

LEASE_S: Final = 300.0
"""Works taken by an enricher that was killed are taken by another after so long; no asking lasts longer."""
MOST: Final = 50_000
"""Works in a band; beyond it those that are due last are forgotten."""

# Takes back what is leased too long, then leases what is due, band by band. A leased member is `<band>:<work>`.
_CLAIM: Final = """
local now, lease, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], member)
  redis.call('ZADD', KEYS[2 + tonumber(string.sub(member, 1, 1))], now, string.sub(member, 3))
end
local taken = {}
for band = 0, #KEYS - 2 do
  for _, work in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2 + band], '-inf', now, 'LIMIT', 0, most - #taken)) do
    redis.call('ZREM', KEYS[2 + band], work)
    redis.call('ZADD', KEYS[1], lease, band .. ':' .. work)
    taken[#taken + 1] = band .. ':' .. work
  end
end
return taken
"""


class Turn(NamedTuple):
    """The next turn of a work: its band, and when it is due (seconds since 1970)."""

    band: int
    due: float


class Backlog(NamedTuple):
    """Works that are due now, and for how many seconds the longest of them."""

    works: int
    behind_s: float


class Due:
    """The works of one provider. Moments are seconds since 1970."""

    def __init__(self, redis: "Redis[bytes]", provider: str) -> None:
        """Use a client that stays the caller's."""
        self._redis = redis
        self._provider = provider
        self._leased = f"due:{provider}:leased"
        self._bands = [f"due:{provider}:{band}" for band in range(BANDS)]
        self._claim = redis.register_script(_CLAIM)

    def enter(self, pipe: "Pipeline[bytes]", works: Mapping[str, int], at: datetime) -> None:
        """Enter works into their bands, due now, as a part of a transaction; those that are due already stay so."""
        for band, key in enumerate(self._bands):
            if entered := {work: at.timestamp() for work, its in works.items() if its == band}:
                pipe.zadd(key, entered, nx=True)
                pipe.zremrangebyrank(key, MOST, -1)  # also while nobody asks, as offline

    async def begin(self, others: Iterable[str]) -> None:
        """Begin with the works that other providers are to be asked about; those it does not want leave by themselves.

        So a provider whose key is set later is asked about the works that are here already.
        """
        names = [other for other in others if other != self._provider]
        async with self._redis.pipeline(transaction=True) as pipe:
            for band, key in enumerate(self._bands):
                pipe.zunionstore(key, [key, *(f"due:{other}:{band}" for other in names)], aggregate="MIN")
            await pipe.execute()

    async def claim(self, now: float, most: int) -> dict[str, int]:
        """Lease up to `most` works that are due, upper bands first and the longest due first: work → band."""
        members = await self._claim(keys=[self._leased, *self._bands], args=[now, now + LEASE_S, most])
        rows = (member.decode().split(":", 1) for member in members)
        return {work: int(band) for band, work in rows}

    async def settle(self, claimed: Mapping[str, int], turns: Mapping[str, Turn]) -> None:
        """End leases; works without another turn leave the schedule.

        Who lost its lease meanwhile does no harm: the work has a turn more or less.
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
        """Give back works that were not asked about."""
        given = {work: claimed[work] for work in works}
        await self.settle(given, {work: Turn(band, due) for work, band in given.items()})

    async def backlog(self, now: float) -> Backlog:
        """Count what is due, and keep the bands within bounds."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for key in self._bands:
                pipe.zremrangebyrank(key, MOST, -1)
                pipe.zcount(key, "-inf", now)
                pipe.zrange(key, 0, 0, withscores=True)
            rows = await pipe.execute()
        firsts = [row[0][1] for row in rows[2::3] if row]
        return Backlog(sum(rows[1::3]), max(now - min(firsts, default=now), 0.0))
