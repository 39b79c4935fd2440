"""Manners: one budget per host, shared by all fetcher processes through Redis, and by Redis's clock."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from redis.asyncio import Redis

from shared.bus import scripts
from shared.errors import TransientError

PATIENCE_S: Final = 60.0
"""A wait longer than this is not waited for in place: the source is asked again when its turn has come."""
LOOK_S: Final = (0.02, 10.0)
"""Who stands in line looks again after its expected wait, within these bounds."""
GONE_MS: Final = 30_000
"""Who has not looked for so long has left the line, as a killed process has."""

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
        self._enter = scripts.register(redis, __package__ or "", "enter_line")
        self._silence = scripts.register(redis, __package__ or "", "silence_host")
        self._leave = scripts.register(redis, __package__ or "", "leave_line")

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

    async def silence(self, host: str, seconds: float) -> float:
        """Leave a host in peace, all of us, for so many seconds; give them."""
        allowance = self.allowance(host)
        await self._silence(keys=[f"budget:{allowance.name}:quiet"], args=[self._now(), max(int(seconds * 1000), 1)])
        return seconds

    def _now(self) -> int | str:
        """Give the time in ms to a script, or leave it to Redis."""
        return int(self._clock() * 1000) if self._clock else ""
