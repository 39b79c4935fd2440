"""How many requests a client may make: counted in Redis for all replicas, and told in `RateLimit` headers.

While Redis does not answer, each process counts by itself: readers go on searching.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from math import ceil
from typing import Final

import structlog
from aiohttp import web
from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.coordination.quotas import LocalBuckets, Quota, SharedBuckets, Taken
from shared.http.api import RATE_LIMITS, Problem, RateLimit
from shared.http.app import heard_of
from shared.http.front import client_of
from shared.settings import Network

REDIS_TIMEOUT_S: Final = 0.25
"""Seconds that a request waits for Redis before it is counted by the process."""
REDIS_PAUSE_S: Final = 5.0
"""Seconds until Redis is asked again after it did not answer."""
log = structlog.get_logger("http")


class RequestLimits:
    """Count requests of clients under policies; each policy has its quota."""

    def __init__(
        self, redis: "Redis[bytes]", trusted: Sequence[Network], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`trusted` are the proxies that are believed about a client's address; `clock` gives seconds."""
        self._shared = SharedBuckets(redis)
        self._trusted = trusted
        self._clock = clock
        self._local: dict[Quota, LocalBuckets] = {}
        self._paused_until: float | None = None

    async def count_client(self, request: web.Request, policy: str, quota: Quota) -> None:
        """Count a request of the client's address; raises as `count`."""
        await self.count(request, policy, self.client(request), quota)

    async def count(self, request: web.Request, policy: str, holder: str, quota: Quota) -> None:
        """Count a request of a holder, such as an address or an API key; a quota of 0 is no limit.

        Raises:
            Problem: 429 the quota is spent.

        """
        if not quota.most:
            return
        taken = await self._take(f"limit:{policy}:{holder}", quota)
        limits = request.get(RATE_LIMITS, ())
        request[RATE_LIMITS] = (*limits, RateLimit(policy, quota.most, quota.seconds, taken.left, ceil(taken.reset)))
        if taken.wait:
            seconds = max(1, ceil(taken.wait))
            headers = {"Retry-After": str(seconds)}
            raise Problem(429, f"Too many requests: try again in {seconds} s.", headers=headers)

    def client(self, request: web.Request) -> str:
        """Return the address of the client of a request."""
        return client_of(heard_of(request), self._trusted)

    async def _take(self, key: str, quota: Quota) -> Taken:
        if self._paused_until is None or self._clock() >= self._paused_until:
            try:
                async with asyncio.timeout(REDIS_TIMEOUT_S):
                    taken = await self._shared.spend(key, quota)
            except (RedisError, OSError, TimeoutError) as error:
                if self._paused_until is None:
                    log.warning("limits local", error=str(error), advice="each process counts alone")
                self._paused_until = self._clock() + REDIS_PAUSE_S
            else:
                if self._paused_until is not None:
                    log.info("limits shared")
                self._paused_until = None
                return taken
        return self._local.setdefault(quota, LocalBuckets(quota, self._clock)).spend(key)
