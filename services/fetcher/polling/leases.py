"""Who polls what: due times and leases in Redis, so that each due source is polled by exactly one process."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from redis.asyncio import Redis

from services.fetcher.http.moments import REDIS_TIME
from shared.board import SOURCES

DUE_LIVE: Final = "sources:due:live"
DUE_LOCAL: Final = "sources:due:local"
"""Sorted sets: source → when it is due (seconds since 1970); while a source is leased, when the lease ends. Those that
need a network stand apart, for the fetchers that have none."""
LEASES: Final = "sources:leases"
"""A hash: source → who polls it now."""
LEASE_S: Final = 30.0
"""A lease that is not renewed for so long is another's to take: its process was killed, or hangs."""
_KEYS: Final = [DUE_LIVE, DUE_LOCAL, LEASES, SOURCES.key]

_CLAIM: Final = f"""{REDIS_TIME}
local now, taken = now_ms(ARGV[1]) / 1000, {{}}
for i = tonumber(ARGV[5]), 2 do
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[i], '-inf', now, 'LIMIT', 0, ARGV[4] - #taken)) do
    redis.call('ZADD', KEYS[i], now + ARGV[2], name)
    redis.call('HSET', KEYS[3], name, ARGV[3])
    taken[#taken + 1] = name
  end
end
return taken
"""
_RENEW: Final = f"""{REDIS_TIME}
local ends = now_ms(ARGV[1]) / 1000 + ARGV[2]
for i = 4, #ARGV do
  if redis.call('HGET', KEYS[3], ARGV[i]) == ARGV[3] then
    redis.call('ZADD', KEYS[1], 'XX', ends, ARGV[i])
    redis.call('ZADD', KEYS[2], 'XX', ends, ARGV[i])
  end
end
"""
_SETTLE: Final = f"""{REDIS_TIME}
local due, name = now_ms(ARGV[1]) / 1000 + ARGV[2], ARGV[4]
if redis.call('HGET', KEYS[3], name) ~= ARGV[3] then return 0 end
redis.call('HDEL', KEYS[3], name)
redis.call('ZADD', KEYS[1], 'XX', due, name)
redis.call('ZADD', KEYS[2], 'XX', due, name)
if ARGV[5] ~= '' then redis.call('HSET', KEYS[4], name, ARGV[5]) end
return 1
"""


class Leases:
    """The due times of sources, and the leases of one holder."""

    def __init__(
        self,
        redis: "Redis[bytes]",
        holder: str,
        *,
        offline: bool = False,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        """`holder` names this process among all; an `offline` one claims only what needs no network.

        Time is Redis's, unless a `clock` gives it.
        """
        self._redis = redis
        self._clock = clock
        self._holder = holder
        self._first = 2 if offline else 1
        self._claim = redis.register_script(_CLAIM)
        self._renew = redis.register_script(_RENEW)
        self._settle = redis.register_script(_SETTLE)

    async def claim(self, most: int) -> list[str]:
        """Lease up to `most` sources that are due, the longest due first."""
        names = await self._claim(keys=_KEYS, args=[self._now(), LEASE_S, self._holder, most, self._first])
        return [name.decode() for name in names]

    async def renew(self, names: Iterable[str]) -> None:
        """Keep the leases of polls that are under way."""
        await self._renew(keys=_KEYS, args=[self._now(), LEASE_S, self._holder, *names])

    async def held(self, name: str) -> bool:
        """Tell whether a lease is still ours: the source may have been removed or changed since, or been taken over."""
        return bool(await self._redis.hget(LEASES, name) == self._holder.encode())

    async def settle(self, name: str, wait: float, state: bytes = b"") -> bool:
        """End a lease: write that the source is due again in `wait` seconds, and its state; False when it was lost."""
        return bool(await self._settle(keys=_KEYS, args=[self._now(), wait, self._holder, name, state]))

    def _now(self) -> int | str:
        """Give the time in ms to a script, or leave it to Redis."""
        return int(self._clock().timestamp() * 1000) if self._clock else ""
