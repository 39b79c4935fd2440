"""Whether a group makes progress: what it has not finished, and since when nothing of it changed."""

from dataclasses import dataclass
from typing import Any, Final

from redis.asyncio import Redis

STALLED_S: Final = 120.0
"""A poison is dead after half a minute, and a batch is embedded within a minute on a machine with much else to do."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What a group has not finished: its oldest entry, the newest that was delivered, and how many are pending."""

    oldest: bytes
    delivered: bytes
    pending: int

    def age(self, now: float) -> float:
        """Return the age in seconds of the oldest entry at `now`, a Unix time."""
        return max(now - int(self.oldest.partition(b"-")[0]) / 1000, 0.0)


async def unfinished(redis: "Redis[bytes]", stream: str, group: str) -> Unfinished | None:
    """Return what a group has not finished, or None when nothing is left."""
    groups: list[dict[str, Any]] = await redis.xinfo_groups(stream)
    delivered = next((row["last-delivered-id"] for row in groups if row["name"].decode() == group), b"0-0")
    summary = await redis.xpending(stream, group)
    oldest = summary["min"]
    if oldest is None:
        waiting = await redis.xrange(stream, min=b"(" + delivered, count=1)
        if not waiting:
            return None
        oldest = waiting[0][0]
    return Unfinished(oldest, delivered, summary["pending"])


class Progress:
    """Compares what a group has not finished from one look to the next; every process of the group sees the same."""

    def __init__(self) -> None:
        """Begin with nothing known."""
        self._last: Unfinished | None = None
        self._since = 0.0
        self.trouble: str | None = None

    def look(self, stream: str, left: Unfinished | None, at: float, now: float) -> None:
        """Take what is unfinished, and set `trouble`: why the group is stuck, or None.

        `at` is in seconds of a clock that nobody sets, `now` is the Unix time.
        """
        if left is None or left != self._last:
            self._last, self._since = left, at
        still = at - self._since
        if left is None or still < STALLED_S:
            self.trouble = None
        else:
            age = f"its oldest unfinished entry is {left.age(now):.0f} seconds old"
            self.trouble = f"{stream} makes no progress: {age}, and nothing was settled for {still:.0f} seconds"
