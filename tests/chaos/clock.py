"""The wall clock of the processes under test: an offset in a file, which a small library adds to the time they read."""

import os
import shutil
import struct
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Europe/Paris")
DIGEST_AT: Final = "02:30"
"""The hour of digests: it occurs twice on the last Sunday of October, and never on the last Sunday of March."""
STARTS: Final = (datetime(2026, 10, 25, 0, 10, tzinfo=UTC), datetime(2026, 3, 29, 0, 10, tzinfo=UTC))
"""Where the clock of a run starts: twenty minutes before the first digest, on a day on which clocks change."""
_SOURCE: Final = Path(__file__).parent / "clock.c"


def compiler() -> str | None:
    """Return the C compiler, or None where clocks cannot be moved."""
    return shutil.which("cc") if os.name == "posix" and Path("/proc").is_dir() else None


class Clock:
    """A clock that the harness moves. Without a compiler it is the clock of the machine."""

    def __init__(self, folder: Path, start: datetime) -> None:
        self._file = folder / "clock"
        self._offset = 0
        self.environment: dict[str, str] = {}
        if found := compiler():
            library = folder / "clock.so"
            subprocess.run([found, "-O2", "-shared", "-fPIC", "-o", library, _SOURCE, "-ldl"], check=True)
            self.environment = {"LD_PRELOAD": str(library), "CHAOS_CLOCK": str(self._file)}
            self._write(int(start.timestamp() - time.time()))

    @property
    def movable(self) -> bool:
        """Whether the clock can be moved."""
        return bool(self.environment)

    def now(self) -> datetime:
        """Return the time that the processes read."""
        return datetime.fromtimestamp(time.time() + self._offset, UTC)

    def move(self, seconds: float) -> None:
        """Move the clock."""
        self._write(self._offset + round(seconds))

    def until_digest(self) -> float:
        """Return the seconds until the next hour at which a digest is due."""
        now = self.now()
        return min((due - now).total_seconds() for due in digest_hours(now) if due > now)

    def _write(self, offset: int) -> None:
        self._offset = offset
        with self._file.open("r+b" if self._file.exists() else "wb") as file:  # in place: processes have mapped it
            file.write(struct.pack("q", offset))


def digest_hours(around: datetime) -> list[datetime]:
    """Return when digests are due on the days around a moment, by the rules of RFC 5545, section 3.3.5."""
    today = around.astimezone(ZONE).date()
    wall = datetime.strptime(DIGEST_AT, "%H:%M").time()  # noqa: DTZ007  # a time of day has no zone
    days = [today + timedelta(days=n) for n in range(-3, 4)]
    return [datetime.combine(day, wall, ZONE).astimezone(UTC) for day in days]
