"""What a provider allows: a token bucket in Redis that all enrichers take from."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final, NamedTuple

from redis.asyncio import Redis

from shared.errors import TransientError

PATIENCE_S: Final = 3.0
"""A wait longer than this is not waited for in place: others may be asked meanwhile, and works are not held."""

# Full at first; fills evenly. Gives 0 for a token, else the milliseconds until there is one. Time does not go back when
# an enricher's clock is behind another's, or each change of hands would fill the bucket a little.
_TAKE: Final = """
local now, most, rate = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local row = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local at = tonumber(row[2] or now)
if at > now + most / rate then at = now end
local tokens = math.min(most, tonumber(row[1] or most) + math.max(now - at, 0) * rate)
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = math.ceil((1 - tokens) / rate * 1000) end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(math.max(now, at)))
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

    def __init__(
        self,
        redis: "Redis[bytes]",
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        """Use a client that stays the caller's; `clock` gives the time in UTC, `sleep` waits some seconds."""
        self._redis = redis
        self._clock = clock
        self._sleep = sleep
        self._take = redis.register_script(_TAKE)

    async def take(self, name: str, quota: Quota) -> None:
        """Take a token, waiting for it if that does not take long.

        Raises:
            QuotaSpentError: it does; `retry_after` says how long.

        """
        while wait := await self._look(name, quota):
            if wait > PATIENCE_S:
                raise QuotaSpentError(f"the quota of {name} is spent for {wait:.0f} s", retry_after=wait)
            await self._sleep(wait)

    async def _look(self, name: str, quota: Quota) -> float:
        arguments = [self._clock().timestamp(), quota.most, quota.per_second]
        return int(await self._take(keys=[f"quota:{name}"], args=arguments)) / 1000

    async def left(self, name: str, quota: Quota) -> int:
        """Count the tokens that are there now."""
        tokens, at = await self._redis.hmget(f"quota:{name}", "tokens", "at")
        if tokens is None:
            return quota.most
        passed = max(self._clock().timestamp() - float(at), 0.0)
        return int(min(quota.most, float(tokens) + passed * quota.per_second))
