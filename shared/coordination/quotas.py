"""Quotas as data, and the token buckets that enforce them."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

from redis.asyncio import Redis

from shared.bus import scripts

MAX_LOCAL_BUCKETS: Final = 10_000
"""Buckets that a process keeps; the one that was used longest ago is dropped first."""


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota: `most` times at once, and `per_second` times in the long run.

    What was used comes back `evenly`, or all at once after the time for a full bucket.
    """

    most: int
    per_second: float
    evenly: bool = True

    @classmethod
    def within(cls, most: int, seconds: int) -> Self:
        """Return the quota of `most` times in `seconds`, counted from the first time."""
        return cls(most, most / seconds, evenly=False)

    @property
    def seconds(self) -> int:
        """Return the seconds after which a spent quota is complete again."""
        return round(self.most / self.per_second)


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of taking a token: 0 or the seconds to wait, the tokens left, and the seconds until all are there."""

    wait: float
    left: int
    reset: float


class SharedBuckets:
    """Buckets in Redis, from which all processes take."""

    def __init__(self, redis: "Redis[bytes]", clock: Callable[[], float] | None = None) -> None:
        """The caller closes `redis`. Time is that of Redis, unless `clock` gives seconds since 1970."""
        self._redis = redis
        self._clock = clock
        self._take = scripts.register(redis, __package__ or "", "take_token")

    async def take(self, key: str, quota: Quota) -> float:
        """Take a token out of the bucket `key`; return 0, or the seconds until there is one."""
        return (await self.spend(key, quota)).wait

    async def spend(self, key: str, quota: Quota) -> Taken:
        """Take a token out of the bucket `key`, and tell what is left."""
        now = "" if self._clock is None else self._clock() * 1000
        arguments = [now, quota.most, quota.per_second / 1000, int(quota.evenly)]
        wait, left, reset = await self._take(keys=[key], args=arguments)
        return Taken(int(wait) / 1000, int(left), int(reset) / 1000)

    async def left(self, key: str, quota: Quota, now: float) -> int:
        """Return how many tokens an evenly filled bucket holds at a time in seconds since 1970."""
        tokens, at = await self._redis.hmget(key, "tokens", "at")
        if tokens is None:
            return quota.most
        passed = max(now - float(at) / 1000, 0.0)
        return int(min(quota.most, float(tokens) + passed * quota.per_second))


class LocalBuckets:
    """Evenly filled buckets in memory, for limits within one process."""

    def __init__(self, quota: Quota, clock: Callable[[], float]) -> None:
        """`clock` gives seconds; a quota of 0 is no limit."""
        self._quota = quota
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> float:
        """Take a token out of the bucket `key`; return 0, or the seconds until there is one."""
        return self.spend(key).wait

    def spend(self, key: str) -> Taken:
        """Take a token out of the bucket `key`, and tell what is left."""
        quota = self._quota
        if not quota.most:
            return Taken(0.0, 0, 0.0)
        now = self._clock()
        tokens, seen = self._buckets.pop(key, (float(quota.most), now))
        tokens = min(quota.most, tokens + (now - seen) * quota.per_second)
        allowed = tokens >= 1
        left = tokens - 1 if allowed else tokens
        self._buckets[key] = (left, now)
        if len(self._buckets) > MAX_LOCAL_BUCKETS:
            self._buckets.popitem(last=False)
        wait = 0.0 if allowed else (1 - tokens) / quota.per_second
        return Taken(wait, int(left), (quota.most - left) / quota.per_second)
