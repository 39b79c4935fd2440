"""Enforces the quotas of providers, which all enrichers share."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

from redis.asyncio import Redis

from shared.coordination.quotas import Quota, SharedBuckets
from shared.errors import TransientError

PATIENCE_S: Final = 3.0
"""Seconds that a request waits for its quota; after a longer wait works are not held back from other providers."""


class QuotaSpentError(TransientError):
    """The quota is used up for now; this is no failure of the provider."""


class Quotas:
    """Spends the quotas of providers."""

    def __init__(
        self,
        redis: "Redis[bytes]",
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        """The caller closes `redis`; `clock` returns the time in UTC, `sleep` waits some seconds."""
        self._buckets = SharedBuckets(redis, lambda: clock().timestamp())
        self._clock = clock
        self._sleep = sleep

    async def take(self, name: str, quota: Quota) -> None:
        """Spend one request of a quota, waiting for it up to `PATIENCE_S`.

        Raises:
            QuotaSpentError: the wait is longer; `retry_after` says how long.

        """
        while wait := await self._buckets.take(f"quota:{name}", quota):
            if wait > PATIENCE_S:
                raise QuotaSpentError(
                    f"the quota of {name} is used up: the next request is possible in {wait:.0f} s", retry_after=wait
                )
            await self._sleep(wait)

    async def left(self, name: str, quota: Quota) -> int:
        """Return how many requests are left now."""
        return await self._buckets.left(f"quota:{name}", quota, self._clock().timestamp())
