"""Why nobody works on a stream: what a process says that has stopped or waits, and groups without a living reader.

A process that has trouble with a stream writes it to Redis, where a command that waits for the work reads it.
"""

from typing import TYPE_CHECKING, Final

from shared.bus.progress import unfinished

if TYPE_CHECKING:
    from redis.asyncio import Redis

NOTE_S: Final = 15
"""Seconds that a note of trouble is kept; it is written again every five."""


async def note(redis: "Redis[bytes]", stream: str, group: str, trouble: str) -> None:
    """Note why a reader of a group does not read on."""
    await redis.set(_key(stream, group), trouble, ex=NOTE_S)


async def noted(redis: "Redis[bytes]", stream: str, group: str) -> str | None:
    """Return why a reader of a group does not read on, or None."""
    found = await redis.get(_key(stream, group))
    return found.decode() if found else None


async def abandoned(redis: "Redis[bytes]", stream: str, group: str, silence: float) -> bool:
    """Return whether a group has unfinished entries and no consumer that gave a sign for `silence` seconds.

    A consumer reads once a second, and renews its claims while a handler works.
    """
    if await unfinished(redis, stream, group) is None:
        return False
    consumers = await redis.xinfo_consumers(stream, group)
    return all(consumer["idle"] >= silence * 1000 for consumer in consumers)


def _key(stream: str, group: str) -> str:
    return f"trouble:{stream}:{group}"
