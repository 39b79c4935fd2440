"""Manners: one budget per host, shared by all fetcher processes through Redis, and by Redis's clock."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from redis.asyncio import Redis

from services.fetcher.http.moments import REDIS_TIME
from shared.errors import TransientError

PATIENCE_S: Final = 60.0
"""A wait longer than this is not waited for in place: the source is asked again when its turn has come."""
LOOK_S: Final = (0.02, 10.0)
"""Who stands in line looks again after its expected wait, within these bounds."""
GONE_MS: Final = 30_000
"""Who has not looked for so long has left the line, as a killed process has."""

# The line of a host. Live polls stand before those that yield; each keeps its order of arrival. Gives {0} for "go",
# {1, ms} for "look again then", {2, ms} for "come back then": the host wants silence, or the line is too long.
_ENTER: Final = f"""{REDIS_TIME}
local places, free, quiet, line, seen, booked = unpack(KEYS)
local now, interval, most = now_ms(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local token, hold, rank_of, patience, gone = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8]
local slack = tonumber(ARGV[9])
local function leave(wait)
  redis.call('ZREM', line, token) redis.call('ZREM', seen, token)
  local turn = math.max(tonumber(redis.call('GET', booked) or '0'), now + wait)
  redis.call('SET', booked, turn + interval, 'PX', math.ceil(turn + interval - now) + 1000)
  return {{2, math.ceil(turn - now)}}
end
local silence = tonumber(redis.call('GET', quiet) or '0')
if silence > now then return leave(silence - now) end
for _, left in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', now - tonumber(gone))) do
  redis.call('ZREM', line, left) redis.call('ZREM', seen, left)
end
redis.call('ZADD', line, 'NX', rank_of * 1e14 + now, token)
redis.call('ZADD', seen, now, token)
redis.call('PEXPIRE', line, 3600000) redis.call('PEXPIRE', seen, 3600000)
redis.call('ZREMRANGEBYSCORE', places, '-inf', now)
local rank = redis.call('ZRANK', line, token)
local vacant = most - redis.call('ZCARD', places)
local pause = math.max(tonumber(redis.call('GET', free) or '0') - now, 0)
if pause > 0 or rank >= vacant or (rank > 0 and interval > 0) then
  local wait = pause + rank * interval
  if rank >= vacant then wait = math.max(wait, math.min(math.max(interval / 4, 50), 1000)) end
  if wait > patience then return leave(wait) end
  return {{1, math.ceil(wait)}}
end
local arrival = tonumber(redis.call('ZSCORE', line, token)) - rank_of * 1e14
redis.call('ZREM', line, token) redis.call('ZREM', seen, token)
redis.call('ZADD', places, now + hold, token) redis.call('PEXPIRE', places, hold)
if interval > 0 then
  local turn = math.max(tonumber(redis.call('GET', free) or '0'), arrival, now - slack)
  redis.call('SET', free, turn + interval, 'PX', interval + 1000)
end
return {{0, 0}}
"""
# Silence for a host, by the same clock.
_HUSH: Final = f"""{REDIS_TIME}
redis.call('SET', KEYS[1], now_ms(ARGV[1]) + ARGV[2], 'PX', ARGV[2])
"""
_LEAVE: Final = "for _, key in ipairs(KEYS) do redis.call('ZREM', key, ARGV[1]) end"
_PARTS: Final = ("places", "free", "quiet", "line", "seen", "booked")
_GO: Final = 0
_COME_BACK: Final = 2


class HostBusyError(TransientError):
    """A host that is to be left in peace, or whose line is long: no fault of the source that wanted to ask it."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a host allows: seconds between the starts of two requests, and how many at once."""

    name: str
    interval: float
    places: int
    quiet: float = 60.0
    """Seconds of silence after an answer of 429, at least."""
    slack: float = 0.0
    """Seconds by which a request may follow sooner, where the one before it stood in line and was late for its turn: a
    line takes as long as it should, however busy we are. None where the host itself has named the interval."""


class Budgets:
    """Spends the budgets of hosts. `sleep` waits for so many seconds."""

    def __init__(  # noqa: PLR0913  # its collaborators, and the clock that tests move by hand
        self,
        redis: "Redis[bytes]",
        default: Allowance,
        allowances: Mapping[str, Allowance] | None = None,
        *,
        hold: float = 150.0,
        yielding: bool = False,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        """`allowances` are by host, `default` is for all other hosts; who is `yielding` lets all others go first.

        `hold` seconds is longer than any exchange: a killed process gives its place back after it. Time is Redis's,
        unless a `clock` gives it, in seconds since 1970.
        """
        self._redis = redis
        self._default = default
        self._allowances = allowances or {}
        self._hold = hold
        self._yielding = yielding
        self._clock = clock
        self._sleep = sleep
        self._enter = redis.register_script(_ENTER)
        self._hush = redis.register_script(_HUSH)
        self._leave = redis.register_script(_LEAVE)

    def allowance(self, host: str) -> Allowance:
        """Give what a host allows."""
        return self._allowances.get(host) or replace(self._default, name=host)

    @contextlib.asynccontextmanager
    async def spend(self, host: str) -> AsyncIterator[None]:
        """Wait for the host's turn, and hold one of its places for the time of the block.

        Raises:
            HostBusyError: the turn is more than a minute away; `retry_after` says how far.

        """
        allowance = self.allowance(host)
        token = secrets.token_hex(8)
        keys = [f"budget:{allowance.name}:{part}" for part in _PARTS]
        try:
            while wait := await self._look(allowance, token, keys):
                await self._sleep(min(max(wait, LOOK_S[0]), LOOK_S[1]))
            yield
        finally:
            await self._leave(keys=[keys[_PARTS.index(part)] for part in ("places", "line", "seen")], args=[token])

    async def _look(self, allowance: Allowance, token: str, keys: list[str]) -> float:
        """Look whether it is our turn: 0 for yes, else the seconds until the next look."""
        interval, hold, patience = (int(value * 1000) for value in (allowance.interval, self._hold, PATIENCE_S))
        rank = int(self._yielding)
        patience = patience if not self._yielding else patience * 60  # it has all day, and no place to come back to
        arguments = [
            self._now(),
            interval,
            allowance.places,
            token,
            hold,
            rank,
            patience,
            GONE_MS,
            int(allowance.slack * 1000),
        ]
        word, wait = await self._enter(keys=keys, args=arguments)
        if word == _COME_BACK:
            message = f"{allowance.name} is to be left in peace for {wait / 1000:.0f} s"
            raise HostBusyError(message, retry_after=wait / 1000)
        return 0.0 if word == _GO else max(wait / 1000, LOOK_S[0])

    async def hush(self, host: str, seconds: float) -> float:
        """Leave a host in peace, all of us, for so many seconds; give them."""
        allowance = self.allowance(host)
        await self._hush(keys=[f"budget:{allowance.name}:quiet"], args=[self._now(), max(int(seconds * 1000), 1)])
        return seconds

    def _now(self) -> int | str:
        """Give the time in ms to a script, or leave it to Redis."""
        return int(self._clock() * 1000) if self._clock else ""
