"""Signs of life of the services: each process writes the time for its services, and looks whether the others do.

A frozen process cannot say that it is late, so the others do. A service is late when no process of it wrote in the time
of some looks. Looks are counted, and not seconds: the clocks of two machines differ, and a machine may be stopped.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from redis.asyncio import Redis

KEY: Final = "heartbeats"
"""A hash with the last sign of each service, as ISO 8601."""
MISSES: Final = 4
"""Looks in a row without a sign, after which a service is late."""
FORGOTTEN: Final = timedelta(days=7)
"""A service that was killed for good, and not stopped, is no longer waited for after this time."""
log = structlog.get_logger("bus")


def _now() -> datetime:
    return datetime.now(UTC)


class Heartbeats:
    """The signs of the services of one process, and what it sees of the others."""

    def __init__(self, redis: "Redis[bytes]", clock: Callable[[], datetime] = _now) -> None:
        """`clock` returns the time of the day."""
        self._redis = redis
        self._clock = clock
        self._seen: dict[str, bytes] = {}
        self._misses: dict[str, int] = {}
        self.services: Sequence[str] = ()
        """The services of this process."""

    async def beat(self) -> None:
        """Write a sign for the services of this process. Raises redis errors."""
        if self.services:
            sign = self._clock().isoformat(timespec="milliseconds")
            await self._redis.hset(KEY, mapping=dict.fromkeys(self.services, sign))

    async def look(self) -> None:
        """Look which services wrote since the last look. Raises redis errors."""
        before, found = self._seen, await self._redis.hgetall(KEY)
        self._seen = {name.decode(): sign for name, sign in found.items()}
        for name in [name for name, sign in self._seen.items() if self._forgotten(sign)]:
            del self._seen[name]
            await self._redis.hdel(KEY, name)
        misses = self._misses
        self._misses = {
            name: misses.get(name, 0) + 1 if sign == before.get(name) else 0 for name, sign in self._seen.items()
        }
        for name, missed in self._misses.items():
            if missed == MISSES:
                log.warning("service late", service=name, since=self._seen[name].decode())
            elif not missed and misses.get(name, 0) >= MISSES:
                log.info("service answers", service=name)

    async def stop(self) -> None:
        """Remove the signs of this process: its services end as they should. Raises redis errors."""
        if self.services:
            await self._redis.hdel(KEY, *self.services)

    @property
    def trouble(self) -> str | None:
        """Which services are late, and since when; or None."""
        late = [
            f"{name} since {datetime.fromisoformat(self._seen[name].decode()):%Y-%m-%d %H:%M:%S} UTC"
            for name, missed in self._misses.items()
            if missed >= MISSES
        ]
        return f"no sign of life of {', '.join(sorted(late))}" if late else None

    def _forgotten(self, sign: bytes) -> bool:
        try:
            return datetime.fromisoformat(sign.decode()) < self._clock() - FORGOTTEN
        except (ValueError, TypeError):  # not written by this version
            return True
