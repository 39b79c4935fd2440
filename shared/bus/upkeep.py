"""Maintenance of streams: create groups, trim, delete consumers that are gone, and measure the backlog."""

import math
import time

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from shared.bus import scripts
from shared.papers.streams import STREAMS

GONE_AFTER = 3_600_000
"""Milliseconds after which a consumer with nothing pending is deleted."""


async def ensure_groups(redis: "Redis[bytes]") -> None:
    """Create every group of the stream table at 0, so that nothing published before a first start is lost."""
    for stream in STREAMS:
        for group in stream.groups:
            try:
                await redis.xgroup_create(stream.name, group, id="0", mkstream=True)
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise


async def trim(redis: "Redis[bytes]", stream: str, retention: float, now: float | None = None) -> int:
    """Delete entries older than `retention` seconds that every group has acknowledged, and return how many.

    Trimming by length would delete unread and pending entries too.
    """
    limit = int(((time.time() if now is None else now) - retention) * 1000)
    keep = (limit, 0)
    for group in await redis.xinfo_groups(stream):
        summary = await redis.xpending(stream, group["name"])
        keep = min(keep, _parse(summary["min"] or group["last-delivered-id"]))
    return int(await redis.xtrim(stream, minid=f"{max(keep[0], 0)}-{keep[1]}", approximate=False))


def _parse(entry_id: bytes) -> tuple[int, int]:
    milliseconds, _, sequence = entry_id.decode().partition("-")
    return int(milliseconds), int(sequence or 0)


async def forget_consumers(redis: "Redis[bytes]", stream: str, group: str) -> None:
    """Delete consumers that are silent for long and have nothing pending: with a consumer its pending entries go."""
    for consumer in await redis.xinfo_consumers(stream, group):
        if consumer["pending"] == 0 and consumer["idle"] > GONE_AFTER:
            await redis.xgroup_delconsumer(stream, group, consumer["name"])


async def lag(redis: "Redis[bytes]", stream: str, group: str, most: int = 10_000) -> dict[str, int]:
    """Return the backlog of a group: `waiting` (undelivered, up to `most`) and `pending` (not yet acked).

    Redis before 7 has no lag of groups, and later ones lose it after a deletion: then the entries are counted.
    """
    for row in await redis.xinfo_groups(stream):
        if row["name"].decode() == group:
            waiting = row.get("lag")
            if waiting is None:
                count = scripts.register(redis, __package__ or "", "count_entries")
                waiting = await count(keys=[stream], args=[b"(" + row["last-delivered-id"], most])
            return {"waiting": int(waiting), "pending": int(row["pending"])}
    return {"waiting": int(await redis.xlen(stream)), "pending": 0}


async def newest(redis: "Redis[bytes]", stream: str) -> bytes:
    """Return the id of the newest entry of a stream."""
    id_: bytes = (await redis.xinfo_stream(stream))["last-generated-id"]
    return id_


async def handled_through(redis: "Redis[bytes]", stream: str, last: bytes) -> bool:
    """Return whether every group has handled all entries up to the id `last`."""
    for group in await redis.xinfo_groups(stream):
        oldest = (await redis.xpending(stream, group["name"]))["min"]
        if _parse(group["last-delivered-id"]) < _parse(last) or (oldest and _parse(oldest) <= _parse(last)):
            return False
    return True


async def handled_until(redis: "Redis[bytes]", stream: str) -> float:
    """Return the Unix seconds up to which every group has handled all entries; infinite when nothing is left."""
    last = await newest(redis, stream)
    moments = [math.inf]
    for group in await redis.xinfo_groups(stream):
        oldest = (await redis.xpending(stream, group["name"]))["min"]
        if oldest or group["last-delivered-id"] != last:
            moments.append(_parse(oldest or group["last-delivered-id"])[0] / 1000)
    return min(moments)
