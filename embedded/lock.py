"""The lock of a data directory: one process holds it, and other commands read its addresses from it.

The lock is the kernel's (flock): it ends with its process, however that ends, so no stale lock can remain. The same
file tells others who holds it and where to reach it.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from embedded.errors import DataDirError, DataDirInUse

LOCK_NAME = "paperwire.lock"
RETRY_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Instance:
    """The process that holds a data directory. An address is None until it has been published."""

    pid: int
    command: str
    started: str  # ISO 8601, UTC
    http_url: str | None = None
    redis_url: str | None = None
    qdrant_url: str | None = None


class Holder:
    """The lock while it is held. ``publish`` writes where other commands reach this instance."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]])  # the rest may hold keys
        self.instance = Instance(os.getpid(), command, datetime.now(UTC).isoformat(timespec="seconds"))
        self._write()

    def publish(
        self, *, http_url: str | None = None, redis_url: str | None = None, qdrant_url: str | None = None
    ) -> None:
        """Publish addresses; an omitted one keeps its value."""
        self.instance = replace(
            self.instance,
            http_url=http_url or self.instance.http_url,
            redis_url=redis_url or self.instance.redis_url,
            qdrant_url=qdrant_url or self.instance.qdrant_url,
        )
        self._write()

    def _write(self) -> None:
        # In place, not by rename: the lock belongs to this very file. A reader that sees half a line tries again.
        content = json.dumps(asdict(self.instance)).encode() + b"\n"
        os.pwrite(self._descriptor, content, 0)
        os.ftruncate(self._descriptor, len(content))


@contextmanager
def lock(data_dir: Path, patience_seconds: float = 0.5) -> Iterator[Holder]:
    """Hold ``data_dir`` (created if missing, readable by its owner alone) until the block ends.

    Raises:
        DataDirInUse: another process still holds it after ``patience_seconds``; the message names its pid.
        DataDirError: it cannot be created, written or locked.
    """
    descriptor = _open(data_dir)
    try:
        _acquire(descriptor, data_dir, patience_seconds)
        yield Holder(descriptor)
    finally:
        os.close(descriptor)  # and with it, the lock


def read_instance(data_dir: Path) -> Instance | None:
    """Return the process that holds ``data_dir``, or None."""
    try:
        descriptor = os.open(data_dir / LOCK_NAME, os.O_RDONLY)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DataDirError(f"The data directory {data_dir} cannot be used: {error.strerror}.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(descriptor)
    finally:
        os.close(descriptor)
    return None


def _open(data_dir: Path) -> int:
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(data_dir / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise DataDirError(f"The data directory {data_dir} cannot be used: {error.strerror}.") from error


def _acquire(descriptor: int, data_dir: Path, patience_seconds: float) -> None:
    # Patience covers a reader that looks at this very moment, and a killed holder that is still being cleaned up.
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise DataDirInUse(_held(descriptor, data_dir)) from None
        except OSError as error:
            raise DataDirError(
                f"The data directory {data_dir} is on a file system without locks: {error.strerror}."
            ) from error
        time.sleep(RETRY_SECONDS)


def _held(descriptor: int, data_dir: Path) -> str:
    holder = _read(descriptor)
    return f"The data directory {data_dir} is in use by process {holder.pid} ({holder.command})."


def _read(descriptor: int) -> Instance:
    deadline = time.monotonic() + 1.0
    while True:
        try:
            return Instance(**json.loads(os.pread(descriptor, 65_536, 0)))
        except ValueError:  # between its two steps of writing
            if time.monotonic() >= deadline:
                raise
        time.sleep(RETRY_SECONDS)
