"""The free space of the disk: fetching warns when it gets short, and pauses before it is gone."""

import shutil
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

import structlog

GIB: Final = 1 << 30
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
    """Keeps what the free space permits, and logs each change of it."""

    def __init__(self, read: Callable[[], Space]) -> None:
        """`read` returns the space of the disk with the data."""
        self._read = read
        self._state = DiskState.OK

    def check(self) -> tuple[DiskState, str]:
        """Read the free space; return what it permits, and the clause about it."""
        space = self._read()
        state = disk_state(space)
        told = sentence(space, state)
        if state is not self._state:
            (log.info if state is DiskState.OK else log.warning)("disk space changed", state=state.value, detail=told)
            self._state = state
        return state, told
