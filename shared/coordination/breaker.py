"""Circuit breakers: they stop requests to a party that fails. All processes share their state in Redis."""

import math
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from redis.asyncio import Redis

from shared.bus import scripts
from shared.moments import Backoff

_BACKOFF: Final = Backoff(base=5.0, cap=3_600.0)
State = Literal["closed", "open", "half-open"]


@dataclass(frozen=True, slots=True)
class Policy:
    """The time a breaker stays open: by `backoff`, or as the other side asks, up to `longest_named` seconds.

    While it is half-open, one process tries; if that one is killed, another may after `trial` seconds.
    """

    backoff: Backoff = _BACKOFF
    longest_named: float = 6 * 3_600.0
    trial: float = 60.0

    def pause(self, failures: int, named: float | None, chance: float) -> float:
        """Return the seconds of pause after so many failures in a row; `named` is the time that the other side asks."""
        return max(self.backoff.delay(failures, chance), min(named or 0.0, self.longest_named))


class Standing(NamedTuple):
    """The state of a breaker: failures in a row, and the time before which no request is sent."""

    failures: int = 0
    until: float = 0.0

    def state(self, now: float) -> State:
        """Return the name of the state."""
        if not self.failures:
            return "closed"
        return "open" if now < self.until else "half-open"


class Breaker:
    """The circuit breaker of one party. Moments are seconds since 1970."""

    def __init__(self, redis: "Redis[bytes]", name: str, policy: Policy | None = None) -> None:
        """The caller closes `redis`."""
        self._redis = redis
        self._key = f"breaker:{name}"
        self._policy = policy or Policy()
        self._enter = scripts.register(redis, __package__ or "", "enter_breaker")

    async def standing(self, now: float) -> Standing:
        """Return the state. A pause ends after its own length at most, as the clock may have been put right."""
        failures, until, pause = await self._redis.hmget(self._key, "failures", "until", "pause")
        if not failures:
            return Standing()
        ends = min(float(until or 0), now + float(pause or math.inf))
        if ends < float(until or 0):
            await self._redis.hset(self._key, "until", ends)
        return Standing(int(failures), ends)

    async def enter(self, now: float) -> bool:
        """Return whether a request may be sent: always while closed, never while open, one by one while half-open."""
        return bool(await self._enter(keys=[self._key], args=[now, now + self._policy.trial]))

    async def succeeded(self) -> None:
        """Close the breaker."""
        await self._redis.delete(self._key)

    async def failed(self, now: float, named: float | None, chance: float) -> float:
        """Open the breaker; return the seconds of pause. A process killed between the writes leaves it half-open."""
        failures = await self._redis.hincrby(self._key, "failures", 1)
        wait = self._policy.pause(failures, named, chance)
        await self._redis.hset(self._key, mapping={"until": now + wait, "pause": wait})
        return wait
