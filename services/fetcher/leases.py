"""Who polls what: due times and leases in Redis, so that each due source is polled by exactly one process."""

from collections.abc import Iterable
from typing import Final

from redis.asyncio import Redis

DUE_LIVE: Final = "sources:due:live"
DUE_LOCAL: Final = "sources:due:local"
"""Sorted sets: source → when it is due (seconds since 1970); while a source is leased, when the lease ends. Those that
need a network stand apart, for the fetchers that have none."""
LEASES: Final = "sources:leases"
"""A hash: source → who polls it now."""
STATES: Final = "sources"
"""The hash of the sources' states, which `/v1/status` and `paperwire status` show."""
LEASE_S: Final = 30.0
"""A lease that is not renewed for so long is another's to take: its process was killed, or hangs."""
_KEYS: Final = [DUE_LIVE, DUE_LOCAL, LEASES, STATES]

_CLAIM: Final = """
local taken = {}
for i = tonumber(ARGV[5]), 2 do
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[i], '-inf', ARGV[1], 'LIMIT', 0, ARGV[4] - #taken)) do
    redis.call('ZADD', KEYS[i], ARGV[2], name)
    redis.call('HSET', KEYS[3], name, ARGV[3])
    taken[#taken + 1] = name
  end
end
return taken
"""
_RENEW: Final = """
for i = 3, #ARGV do
  if redis.call('HGET', KEYS[3], ARGV[i]) == ARGV[2] then
    redis.call('ZADD', KEYS[1], 'XX', ARGV[1], ARGV[i])
    redis.call('ZADD', KEYS[2], 'XX', ARGV[1], ARGV[i])
  end
end
"""
_SETTLE: Final = """
if redis.call('HGET', KEYS[3], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[3], ARGV[1])
redis.call('ZADD', KEYS[1], 'XX', ARGV[3], ARGV[1])
redis.call('ZADD', KEYS[2], 'XX', ARGV[3], ARGV[1])
if ARGV[4] ~= '' then redis.call('HSET', KEYS[4], ARGV[1], ARGV[4]) end
return 1
"""


class Leases:
    """The due times of sources, and the leases of one holder. Moments are seconds since 1970."""

    def __init__(self, redis: "Redis[bytes]", holder: str, *, offline: bool = False) -> None:
        """`holder` names this process among all; an `offline` one claims only what needs no network."""
        self._redis = redis
        self._holder = holder
        self._first = 2 if offline else 1
        self._claim = redis.register_script(_CLAIM)
        self._renew = redis.register_script(_RENEW)
        self._settle = redis.register_script(_SETTLE)

    async def claim(self, now: float, most: int) -> list[str]:
        """Lease up to `most` sources that are due, the longest due first."""
        names = await self._claim(keys=_KEYS, args=[now, now + LEASE_S, self._holder, most, self._first])
        return [name.decode() for name in names]

    async def renew(self, now: float, names: Iterable[str]) -> None:
        """Keep the leases of polls that are under way."""
        await self._renew(keys=_KEYS, args=[now + LEASE_S, self._holder, *names])

    async def held(self, name: str) -> bool:
        """Tell whether a lease is still ours: the source may have been removed or changed since, or been taken over."""
        return bool(await self._redis.hget(LEASES, name) == self._holder.encode())

    async def settle(self, name: str, due: float, state: bytes = b"") -> bool:
        """End a lease: write when the source is due again, and its state; False when the lease was lost."""
        return bool(await self._settle(keys=_KEYS, args=[name, self._holder, due, state]))
