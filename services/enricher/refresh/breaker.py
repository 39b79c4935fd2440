"""When a provider that fails is asked again: state in Redis, so that one enricher's failure spares all of them."""

from typing import Final, Literal, NamedTuple

from redis.asyncio import Redis

from shared.pauses import Backoff

BACKOFF: Final = Backoff(base=5.0, cap=3_600.0)
NAMED_S: Final = 6 * 3_600.0
"""A time that the provider itself names is believed up to here."""
PROBE_S: Final = 60.0
"""One enricher tries whether it works again; if that one is killed, another may after so long."""

State = Literal["closed", "open", "half-open"]
_ENTER: Final = """
local row = redis.call('HMGET', KEYS[1], 'failures', 'until')
if not row[1] then return 1 end
if tonumber(row[2] or 0) > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'until', ARGV[2])
return 1
"""


class Standing(NamedTuple):
    """How it stands: failures in a row, and until when (seconds since 1970) nobody asks."""

    failures: int = 0
    until: float = 0.0

    def state(self, now: float) -> State:
        """Name the state of the breaker."""
        if not self.failures:
            return "closed"
        return "open" if now < self.until else "half-open"


def backoff(failures: int, named: float | None, chance: float) -> float:
    """Seconds of silence after so many failures in a row: doubling from 5 s to an hour, the upper half by chance.

    What the provider names itself (Retry-After) is honoured if longer, within six hours.
    """
    return max(BACKOFF.delay(failures, chance), min(named or 0.0, NAMED_S))


class Breaker:
    """The circuit breaker of one provider. Moments are seconds since 1970."""

    def __init__(self, redis: "Redis[bytes]", provider: str) -> None:
        """Use a client that stays the caller's."""
        self._redis = redis
        self._key = f"breaker:{provider}"
        self._enter = redis.register_script(_ENTER)

    async def standing(self) -> Standing:
        """Read how it stands."""
        failures, until = await self._redis.hmget(self._key, "failures", "until")
        return Standing(int(failures), float(until or 0)) if failures else Standing()

    async def enter(self, now: float) -> bool:
        """Ask whether to ask: always while closed, never while open; half-open, for one at a time."""
        return bool(await self._enter(keys=[self._key], args=[now, now + PROBE_S]))

    async def succeeded(self) -> None:
        """Close it."""
        await self._redis.delete(self._key)

    async def failed(self, now: float, named: float | None, chance: float) -> float:
        """Open it; give the seconds of silence. Who is killed between the two writes leaves it half-open."""
        failures = await self._redis.hincrby(self._key, "failures", 1)
        wait = backoff(failures, named, chance)
        await self._redis.hset(self._key, "until", now + wait)
        return wait
