"""What a provider allows: a token bucket in Redis that all enrichers take from."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple

from redis.asyncio import Redis

from shared.errors import TransientError

# Full at first; fills evenly. Gives 0 for a token, else the milliseconds until there is one.
_TAKE: Final = """
local now, most, rate = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local row = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(most, tonumber(row[1] or most) + math.max(now - tonumber(row[2] or now), 0) * rate)
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = math.ceil((1 - tokens) / rate * 1000) end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(now))
redis.call('EXPIRE', KEYS[1], math.ceil(most / rate) + 60)
return wait
"""


class Quota(NamedTuple):
    """So many requests at once, and so many a second in the long run."""

    most: int
    per_second: float


class QuotaSpentError(TransientError):
    """There is no token for a while: no fault of the provider's."""


class Quotas:
    """Spends quotas."""

    def __init__(self, redis: "Redis[bytes]", clock: Callable[[], datetime]) -> None:
        """Use a client that stays the caller's; `clock` gives the time in UTC."""
        self._redis = redis
        self._clock = clock
        self._take = redis.register_script(_TAKE)

    async def take(self, name: str, quota: Quota) -> None:
        """Take a token. Raises QuotaSpentError, whose `retry_after` says when there will be one."""
        arguments = [self._clock().timestamp(), quota.most, quota.per_second]
        wait = int(await self._take(keys=[f"quota:{name}"], args=arguments)) / 1000
        if wait:
            raise QuotaSpentError(f"the quota of {name} is spent for {wait:.0f} s", retry_after=wait)

    async def left(self, name: str, quota: Quota) -> int:
        """Count the tokens that are there now."""
        tokens, at = await self._redis.hmget(f"quota:{name}", "tokens", "at")
        if tokens is None:
            return quota.most
        passed = max(self._clock().timestamp() - float(at), 0.0)
        return int(min(quota.most, float(tokens) + passed * quota.per_second))
