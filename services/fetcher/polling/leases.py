"""Who polls what: due times and leases in Redis, so that each due source is polled by exactly one process."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from redis.asyncio import Redis

from shared.board import SOURCES
from shared.bus import scripts

DUE_LIVE: Final = "sources:due:live"
DUE_LOCAL: Final = "sources:due:local"
"""Sorted sets: source → when it is due (seconds since 1970); while a source is leased, when the lease ends. Those that
need a network stand apart, for the fetchers that have none."""
LEASES: Final = "sources:leases"
"""A hash: source → who polls it now."""
LEASE_S: Final = 30.0
"""A lease that is not renewed for so long is another's to take: its process was killed, or hangs."""
_KEYS: Final = [DUE_LIVE, DUE_LOCAL, LEASES, SOURCES.key]


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
        self._claim = scripts.register(redis, __package__ or "", "claim_sources")
        self._renew = scripts.register(redis, __package__ or "", "renew_sources")
        self._settle = scripts.register(redis, __package__ or "", "settle_source")

    async def claim(self, most: int) -> list[str]:
        """Lease up to `most` sources that are due, the longest due first."""
        names = await self._claim(keys=_KEYS, args=[self._now(), LEASE_S, self._holder, most, self._first])
        return [name.decode() for name in names]

    async def renew(self, names: Iterable[str]) -> None:
        """Extend the leases of polls in progress."""
        await self._renew(keys=_KEYS, args=[self._now(), LEASE_S, self._holder, *names])

    async def held(self, name: str) -> bool:
        """Return whether a lease is still ours: the source may have been removed, changed or claimed by another."""
        return bool(await self._redis.hget(LEASES, name) == self._holder.encode())

    async def settle(self, name: str, wait: float, state: bytes = b"") -> bool:
        """End a lease: write that the source is due again in `wait` seconds, and its state; False when it was lost."""
        return bool(await self._settle(keys=_KEYS, args=[self._now(), wait, self._holder, name, state]))

    def _now(self) -> int | str:
        """Return the time in ms for a script, or nothing, which means the time of Redis."""
        return int(self._clock().timestamp() * 1000) if self._clock else ""
