"""When a reader was here last: what came since then is new to them.

Search notes the visits, as it serves the pages; nothing else of a reader is written by it.
"""

from dataclasses import dataclass
from typing import Any, Final

from redis.asyncio import Redis

ABSENCE: Final = 30 * 60.0
"""Seconds without a page after which the next page begins another visit."""
NOTED: Final = 60.0
"""Seconds between two notes of one visit."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit, in Unix seconds: `since` is the end of the one before, and `at` when a page was last shown."""

    since: float
    at: float

    @classmethod
    def after(cls, before: "Visit | None", now: float) -> "Visit":
        """Return the visit that a page at this moment belongs to; nothing is new at the first one."""
        if before is None:
            return cls(now, now)
        if now - before.at >= ABSENCE:
            return cls(before.at, now)
        return cls(before.since, now) if now - before.at >= NOTED else before

    @classmethod
    def read(cls, raw: Any) -> "Visit | None":  # noqa: ANN401  # what redis-py returns
        """Read the fields `since` and `at`, or None where they are not there."""
        return cls(*map(float, raw)) if all(raw) else None


async def note_visit(redis: "Redis[bytes]", owner: str, visit: Visit) -> None:
    """Write a visit."""
    await redis.hset(visit_key(owner), mapping={"since": visit.since, "at": visit.at})


def visit_key(owner: str) -> str:
    """Return the key of the last visit of an owner."""
    return f"reading:visit:{owner}"
