"""Writes the engine's log to disk before a change is acknowledged: one sync for all changes that wait (group commit).

The engine appends to files that it has mapped into memory, and does not sync them: after a power cut they are as the
kernel happened to write them, up to half a minute old.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path

from embedded.qdrant.errors import DiskFailed
from shared.files import sync
from shared.group_commit import GroupCommit

CLOCK_NS = 2_000_000_000
log = logging.getLogger("embedded.qdrant")


class LogSync:
    """The syncs of one log: one at a time, in a thread. Changes that are made meanwhile share the next one."""

    def __init__(self, directory: Path, sync_log: Callable[[], None] | None = None) -> None:
        self._directory = directory
        self._sync_log = sync_log or ChangedFiles(directory).sync
        self._commit = GroupCommit(self._sync)
        self.failure: str | None = None

    async def synced(self) -> None:
        """Return once everything that was appended before this call is on disk.

        Raises:
            DiskFailed: the disk failed. The kernel may then drop what it could not write, so no later sync counts.
        """
        self.check()
        await self._commit.done()

    def check(self) -> None:
        """Raise DiskFailed if a sync has failed."""
        if self.failure:
            raise DiskFailed(self.failure)

    async def _sync(self) -> None:
        self.check()
        try:
            await asyncio.to_thread(self._sync_log)
        except OSError as error:
            self.failure = (
                f"Service internal error: {self._directory} cannot be written to disk ({error.strerror}). "
                "Check the disk and its free space."
            )
            log.critical(self.failure)
            raise DiskFailed(self.failure) from error


class ChangedFiles:
    """Writes to disk what has changed in a directory: a sync of an unchanged file would wait for the device, too."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._settled: dict[Path, int] = {}  # the time of change of each file that need not be synced again
        self._files: set[Path] = set()

    def sync(self) -> None:
        """Sync the changed files and their names; look again if the engine renames or adds one meanwhile."""
        while True:
            files = set(self._directory.iterdir())
            try:
                settled = {file: changed for file in files if (changed := self._sync_file(file)) is not None}
            except FileNotFoundError:
                continue
            if files != self._files:
                sync(self._directory)
            self._files, self._settled = files, settled
            if files == set(self._directory.iterdir()):
                return

    def _sync_file(self, file: Path) -> int | None:
        """Sync a file if it may have changed; return the time of its last change once that tells whether it does."""
        changed = file.stat().st_mtime_ns
        if self._settled.get(file) != changed:
            sync(file)
        # The clock of file systems is coarse: a file may change again at the time that it already shows.
        return changed if abs(time.time_ns() - changed) > CLOCK_NS else None
