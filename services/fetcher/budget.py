"""Manners: one budget per host, shared by all fetcher processes through Redis."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from time import time
from typing import Any, Final

from redis.asyncio import Redis

from shared.errors import TransientError

LEASE_MS: Final = 120_000
"""Longer than any exchange: a killed process gives its place back after it."""
PATIENCE_S: Final = 60.0
"""A wait longer than this is not waited for in place: the source is asked again when the time has come."""

# One place in line for each of `places`, and `interval` ms between starts. Gives 0 for "go", else the ms to wait.
_ENTER: Final = """
local now, interval, places = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local quiet = tonumber(redis.call('GET', KEYS[3]) or '0')
if quiet > now then return quiet - now end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local free = tonumber(redis.call('GET', KEYS[2]) or '0')
if free > now then return free - now end
if redis.call('ZCARD', KEYS[1]) >= places then return 50 end
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[5]), ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('SET', KEYS[2], now + interval, 'PX', math.max(interval, 1) + 1000)
return 0
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a host allows: seconds between the starts of two requests, and how many at once."""

    name: str
    interval: float
    places: int
    quiet: float = 0.0
    """Seconds of silence after an answer of 429 that names no time."""


# One budget over arXiv's three interfaces: a request in 3 s, one connection at a time, ten quiet minutes after a 429.
ARXIV: Final = Allowance("arxiv.org", interval=3.0, places=1, quiet=600.0)
_KNOWN: Final = {
    "rss.arxiv.org": ARXIV,
    "export.arxiv.org": ARXIV,
    "oaipmh.arxiv.org": ARXIV,
    "arxiv.org": ARXIV,
    "huggingface.co": Allowance("huggingface.co", interval=0.7, places=2, quiet=300.0),
    "api.biorxiv.org": Allowance("api.biorxiv.org", interval=1.0, places=1, quiet=120.0),
    "api2.openreview.net": Allowance("api2.openreview.net", interval=1.0, places=1, quiet=120.0),
}


def allowance_of(host: str, interval: float, places: int) -> Allowance:
    """Give the allowance of a host; one that nobody knows gets the given interval in seconds and places."""
    return _KNOWN.get(host) or Allowance(host, interval, places, quiet=60.0)


class Budgets:
    """Spends the budgets of hosts. `clock` gives seconds since 1970, `sleep` waits that long."""

    def __init__(
        self,
        redis: "Redis[bytes]",
        *,
        interval: float,
        places: int,
        clock: Callable[[], float] = time,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        """`interval` (seconds) and `places` are for hosts without an allowance of their own."""
        self._redis = redis
        self._interval = interval
        self._places = places
        self._clock = clock
        self._sleep = sleep
        self._enter = redis.register_script(_ENTER)

    @contextlib.asynccontextmanager
    async def spend(self, host: str) -> AsyncIterator[None]:
        """Wait for the host's turn, and hold its place for the time of the block.

        Raises:
            TransientError: the host is to be left in peace for longer than a minute.

        """
        allowance = allowance_of(host, self._interval, self._places)
        token = secrets.token_hex(8)
        places, free, quiet = (f"budget:{allowance.name}:{part}" for part in ("places", "free", "quiet"))
        waited = 0.0
        while wait := await self._wait(allowance, token, (places, free, quiet)):
            if wait > PATIENCE_S or waited > PATIENCE_S * 10:
                message = f"{allowance.name} is left in peace for {wait:.0f} s more"
                raise TransientError(message, retry_after=wait)
            await self._sleep(wait)
            waited += wait
        try:
            yield
        finally:
            await self._redis.zrem(places, token)

    async def _wait(self, allowance: Allowance, token: str, keys: tuple[str, str, str]) -> float:
        now = int(self._clock() * 1000)
        wait = await self._enter(
            keys=list(keys), args=[now, int(allowance.interval * 1000), allowance.places, token, LEASE_MS]
        )
        return int(wait) / 1000

    async def hush(self, host: str, seconds: float | None) -> float:
        """Leave a host in peace: for the seconds it named, or for as long as its allowance says; give how long."""
        allowance = allowance_of(host, self._interval, self._places)
        quiet = max(seconds or 0.0, allowance.quiet)
        until = int((self._clock() + quiet) * 1000)
        await self._redis.set(f"budget:{allowance.name}:quiet", until, px=max(int(quiet * 1000), 1))
        return quiet
