"""Whether what a process depends on answers: each is asked again and again, with a limit of time.

A server that refuses or closes a connection says so at once. One that hangs says nothing, and neither would a request
that waits for it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Final

import structlog

from shared.errors import TransientError

LIMIT_S: Final = 2.0
"""Seconds that an answer may take."""
PAUSE_S: Final = 0.5
"""Seconds between two questions."""
MISSES: Final = 2
"""Questions in a row without an answer after which a dependency is late: a busy machine may miss one."""
GRACE_S: Final = 1.0
"""Seconds for work that may need a late dependency: some of it does not, such as a page that is cached."""
LATE_LOOP: Final = 1.25
"""Times the limit after which the event loop itself was late."""
RETRY_S: Final = 5.0
log = structlog.get_logger("dependencies")
Ask = Callable[[], Awaitable[object]]


def _now() -> datetime:
    return datetime.now(UTC)


class Dependencies:
    """Asks the dependencies of a process."""

    def __init__(self, limit: float = LIMIT_S, clock: Callable[[], datetime] = _now) -> None:
        """`limit` is in seconds, and `clock` returns the time of the day."""
        self._limit = limit
        self._clock = clock
        self._asks: dict[str, Ask] = {}
        self._since: dict[str, datetime] = {}
        self._misses: dict[str, int] = {}
        self._waiting: dict[str, set[asyncio.Timeout]] = {}

    def add(self, name: str, ask: Ask) -> None:
        """Add a dependency before `run`; `ask` returns, or raises, as soon as it answers."""
        self._asks.setdefault(name, ask)

    def trouble(self, *names: str) -> str | None:
        """Return which of the named dependencies, or of all, is late, and since when; None if none is."""
        for name, since in self._since.items():
            if self._misses[name] >= MISSES and (not names or name in names):
                return f"{name} has not answered since {since:%H:%M:%S} UTC"
        return None

    @asynccontextmanager
    async def required(self, *names: str) -> AsyncIterator[None]:
        """Run a block that may need the named dependencies, and end it when it waits for one that is late.

        Raises:
            TransientError: one became late while the block ran, or is late and the block took more than a second.

        """
        limit = asyncio.timeout(GRACE_S if self.trouble(*names) else None)
        try:
            async with limit:
                for name in names:
                    self._waiting.setdefault(name, set()).add(limit)
                yield
        except TimeoutError:
            if limit.expired() and (reason := self.trouble(*names)):
                raise TransientError(reason, retry_after=RETRY_S) from None
            raise
        finally:
            for name in names:
                self._waiting[name].discard(limit)

    async def run(self) -> None:
        """Ask all dependencies until cancelled."""
        await asyncio.gather(*(self._keep_asking(name, ask) for name, ask in self._asks.items()))

    async def _keep_asking(self, name: str, ask: Ask) -> None:
        while True:
            await self._look(name, ask)
            await asyncio.sleep(PAUSE_S)

    async def _look(self, name: str, ask: Ask) -> None:
        asked, loop = self._clock(), asyncio.get_running_loop()
        began, limit = loop.time(), asyncio.timeout(self._limit)
        with suppress(Exception):  # a failure is an answer too: requests meet it as quickly
            async with limit:
                await ask()
        if limit.expired():
            if loop.time() - began < self._limit * LATE_LOOP:  # else this process did not run, and cannot tell
                self._missed(name, asked)
            return
        if self._misses.pop(name, 0) >= MISSES:
            log.info("dependency answers", dependency=name)
        self._since.pop(name, None)

    def _missed(self, name: str, asked: datetime) -> None:
        self._since.setdefault(name, asked)
        self._misses[name] = self._misses.get(name, 0) + 1
        if self._misses[name] == MISSES:
            log.warning("dependency late", dependency=name, since=self._since[name].isoformat(timespec="seconds"))
            for limit in self._waiting.get(name, ()):
                limit.reschedule(asyncio.get_running_loop().time())
