"""Up to when all papers are matched, by the moment at which they were published on the first stream."""

import asyncio
from collections.abc import Callable
from typing import Final

from redis.asyncio import Redis

from shared.bus.upkeep import handled_through, handled_until, newest
from shared.papers.streams import ENRICHED, FETCHED, INDEXED

_LATER: Final = (ENRICHED.name, INDEXED.name)
_ROUNDS: Final = 2
"""The first round of a call may end one that an earlier call began."""


class MatchedUntil:
    """Follow papers from the first stream to the last.

    The step from a stream to the next is atomic. So once all that was published before a moment is handled on the
    first stream, what became of it is on the next one, at most at the id that is the newest there now; and so on.
    """

    def __init__(self, redis: Redis, clock: Callable[[], float]) -> None:
        """Take a `clock` that returns Unix seconds."""
        self._redis = redis
        self._clock = clock
        self._known = self._followed = 0.0
        self._left: list[str] = []
        self._last = b""
        self._looking = asyncio.Lock()

    async def advance(self) -> float:
        """Look how far the papers are; return the Unix seconds before which all are matched."""
        async with self._looking:
            for _ in range(_ROUNDS):
                if not await self._round():
                    break
        return min(self._known, self._clock())

    async def _round(self) -> bool:
        """Begin to follow papers, or go on with it; return whether they are matched."""
        if not self._left:
            now = self._clock()
            self._followed = min(await handled_until(self._redis, FETCHED.name), now)
            self._left = list(_LATER)
            self._last = await newest(self._redis, self._left[0])
        while self._left:
            if not await handled_through(self._redis, self._left[0], self._last):
                return False
            del self._left[0]
            if self._left:
                self._last = await newest(self._redis, self._left[0])
        self._known = self._followed
        return True
