"""The progress of imports: counters in Redis that every group increments, and that `paperwire import` follows."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.asyncio.client import Pipeline

IMPORT: Final = "import-"
"""A correlation id that begins so is that of an import."""
DEAD: Final = "dead"
"""The field of dead letters; the others are groups, streams, and what a handler notes."""
TTL_S: Final = 86_400
"""Seconds that the progress of an import is kept."""


def count(pipe: "Pipeline[bytes]", correlation: str, counts: Mapping[str, int]) -> None:
    """Increment fields of the progress of an import, in a transaction."""
    for field, number in counts.items():
        pipe.hincrby(key(correlation), field, number)
    pipe.expire(key(correlation), TTL_S)


async def read(redis: "Redis[bytes]", correlation: str) -> dict[str, int]:
    """Return the counters of an import."""
    row = await redis.hgetall(key(correlation))
    return {field.decode(): int(number) for field, number in row.items()}


def key(correlation: str) -> str:
    """Return the key of the counters of an import."""
    return f"progress:{correlation}"
