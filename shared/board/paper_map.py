"""The map of papers: the indexer writes it, search serves it."""

from typing import Final

from redis.asyncio import Redis

_KEY: Final = "map"


async def write_map(redis: "Redis[bytes]", papers: int, body: bytes | None) -> None:
    """Write a map of gzipped JSON, or None for too few papers; `papers` is how many the index had at that time."""
    fields: dict[str, bytes | int] = {"papers": papers} if body is None else {"papers": papers, "body": body}
    await redis.hset(_KEY, mapping=fields)


async def read_map(redis: "Redis[bytes]") -> bytes | None:
    """Return the gzipped JSON of the map, if there is one."""
    body: bytes | None = await redis.hget(_KEY, "body")
    return body


async def map_exists(redis: "Redis[bytes]") -> bool:
    """Return whether there is a map."""
    return bool(await redis.hexists(_KEY, "body"))


async def write_map_absence(redis: "Redis[bytes]", reason: str | None) -> None:
    """Write why this instance draws no map, in a sentence for readers, or None if it draws one."""
    if reason is None:
        await redis.hdel(_KEY, "absence")
    else:
        await redis.hset(_KEY, "absence", reason)


async def read_map_absence(redis: "Redis[bytes]") -> str | None:
    """Return why this instance draws no map, or None if it draws one."""
    reason: bytes | None = await redis.hget(_KEY, "absence")
    return reason.decode() if reason else None


async def mapped_papers(redis: "Redis[bytes]") -> int:
    """Return how many papers the index had when the map was last built."""
    return int(await redis.hget(_KEY, "papers") or 0)
