"""Housekeeping of streams: groups made before anything is read, trimming, forgetting consumers long gone."""

import math
import time

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from shared.papers.streams import STREAMS

GONE_AFTER = 3_600_000
"""Milliseconds after which a consumer with nothing pending is forgotten."""

# The entries themselves stay where they are: 10,000 of them are some 30 MB.
_COUNT = "return #redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])"


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
    """Drop entries older than `retention` seconds that every group has acknowledged; give how many.

    Never by length: that would take unread and pending entries too.
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
    """Delete consumers that are long silent and hold nothing: deleting one with pending entries would lose them."""
    for consumer in await redis.xinfo_consumers(stream, group):
        if consumer["pending"] == 0 and consumer["idle"] > GONE_AFTER:
            await redis.xgroup_delconsumer(stream, group, consumer["name"])


async def lag(redis: "Redis[bytes]", stream: str, group: str, most: int = 10_000) -> dict[str, int]:
    """Count what a group has still to do: `waiting` (undelivered, at most `most`), `pending` (not yet acked).

    Redis before 7 does not know its lag, and later ones forget it after a deletion: then it is counted.
    """
    for row in await redis.xinfo_groups(stream):
        if row["name"].decode() == group:
            waiting = row.get("lag")
            if waiting is None:
                waiting = await redis.eval(_COUNT, 1, stream, b"(" + row["last-delivered-id"], most)
            return {"waiting": int(waiting), "pending": int(row["pending"])}
    return {"waiting": int(await redis.xlen(stream)), "pending": 0}


async def handled_until(redis: "Redis[bytes]", stream: str) -> float:
    """Give the Unix seconds up to which every group has handled what was published; infinite when nothing is left."""
    newest = (await redis.xinfo_stream(stream))["last-generated-id"]
    moments = [math.inf]
    for group in await redis.xinfo_groups(stream):
        oldest = (await redis.xpending(stream, group["name"]))["min"]
        if oldest or group["last-delivered-id"] != newest:
            moments.append(_parse(oldest or group["last-delivered-id"])[0] / 1000)
    return min(moments)
