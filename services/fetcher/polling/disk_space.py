"""The free space of the disk: fetching warns when it gets short, and pauses before it is gone."""

import asyncio
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

import structlog
from redis.asyncio import Redis

from shared.board import DISK, DiskRow
from shared.bus.outage_log import OutageLog
from shared.outages import POSSIBLE_OUTAGES

GIB: Final = 1 << 30
CHECK_S: Final = 5.0
SHOWN_EVERY: Final = timedelta(minutes=1)
log = structlog.get_logger("fetcher")


class Space(NamedTuple):
    """The bytes of a disk, and those of them that are free."""

    total: int
    free: int


class DiskState(StrEnum):
    """What the free space permits."""

    OK = "ok"
    LOW = "low"
    PAUSED = "paused"


LIMITS: Final = ((DiskState.PAUSED, 0.05, 10 * GIB), (DiskState.LOW, 0.10, 20 * GIB))
"""The states by the part and by the bytes of the disk that are free: a state begins when both are less than that.

Of a large disk a twentieth is plenty, so the bytes are what counts there.
"""


def disk_state(space: Space) -> DiskState:
    """Return what the free space permits."""
    for state, part, most in LIMITS:
        if space.free < min(part * space.total, most):
            return state
    return DiskState.OK


def sentence(space: Space, state: DiskState) -> str:
    """Return what is short and what follows, in one clause."""
    percent = 100 * space.free / space.total if space.total else 0.0
    free = f"{percent:.1f}% of the disk is free ({space.free / (1 << 20):,.0f} MiB)"
    follows = {DiskState.LOW: ": free some space", DiskState.PAUSED: ": nothing is fetched until there is more"}
    return free + follows.get(state, "")


def space_of(directory: Path) -> Space:
    """Read the space of the disk that holds a directory, which need not exist yet."""
    while not directory.exists():
        directory = directory.parent
    usage = shutil.disk_usage(directory)
    return Space(usage.total, usage.free)


class DiskWatch:
    """Keeps what the free space permits: it is logged when it changes, and shown on the board."""

    def __init__(
        self,
        redis: "Redis[bytes]",
        read: Callable[[], Space],
        clock: Callable[[], datetime],
        outages: OutageLog | None = None,
    ) -> None:
        """`read` returns the space of the disk with the data, `clock` the time in UTC."""
        self._redis = redis
        self._read = read
        self._clock = clock
        self._outages = outages or OutageLog()
        self._shown: datetime | None = None
        self._told = DiskState.OK
        self.state = disk_state(read())

    async def run(self) -> None:
        """Check every few seconds until cancelled."""
        while True:
            with self._outages.logged("state of the disk", CHECK_S, *POSSIBLE_OUTAGES):
                await self.check()
            await asyncio.sleep(CHECK_S)

    async def check(self) -> DiskState:
        """Read the free space; return what it permits. Raises redis errors when it cannot be shown."""
        space, now = self._read(), self._clock()
        before, self.state = self._told, disk_state(space)
        self._told = self.state
        told = sentence(space, self.state)
        if self.state is not before:
            (log.info if self.state is DiskState.OK else log.warning)("disk checked", state=self.state, detail=told)
        if self.state is not before or self._shown is None or abs(now - self._shown) >= SHOWN_EVERY:
            row: DiskRow = {"name": "data", "state": self.state, "detail": told, "checked": now.isoformat()}
            await DISK.put(self._redis, {"data": {**row, "free": space.free, "total": space.total}})
            self._shown = now
        return self.state
