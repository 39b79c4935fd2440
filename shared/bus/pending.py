"""The pending entries of a group, as one consumer finds and claims them.

A claim sets the number of deliveries instead of adding to it. The client repeats a command whose reply was lost, and a
repeated addition would count deliveries that never were.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from redis.asyncio import Redis

Rows = list[tuple[bytes, dict[bytes, bytes]]]


@dataclass(frozen=True, slots=True)
class Claimable:
    """A pending entry that nobody renewed for a while: its id, its consumer, and how often it was delivered."""

    id: bytes
    consumer: str
    deliveries: int


class Pending:
    """Finds and claims pending entries."""

    def __init__(self, redis: "Redis[bytes]", stream: str, group: str, consumer: str) -> None:
        """Claim for `consumer` of `group`."""
        self._redis = redis
        self._stream = stream
        self._group = group
        self._consumer = consumer

    async def idle(self, idle_ms: int, most: int) -> list[Claimable]:
        """Return entries that nobody renewed for `idle_ms` milliseconds, oldest first, and `most` of them at most."""
        rows = await self._redis.xpending_range(self._stream, self._group, "-", "+", most, idle=idle_ms)
        return [Claimable(row["message_id"], row["consumer"].decode(), row["times_delivered"]) for row in rows]

    async def claim(self, ids: Sequence[bytes], deliveries: int, idle_ms: int = 0) -> Rows:
        """Claim entries as delivered `deliveries` times, and return those that still exist and are idle for so long."""
        owner = (self._stream, self._group, self._consumer)
        rows = await self._redis.xclaim(*owner, idle_ms, list(ids), retrycount=deliveries)
        return [(id_, fields) for id_, fields in rows if id_ is not None and fields]  # Redis drops deleted ones

    async def renew(self, ids: Sequence[str]) -> None:
        """Claim entries again as they are, so that they are not idle."""
        await self._redis.xclaim(self._stream, self._group, self._consumer, 0, list(ids), justid=True)

    async def redeliver(self, ids: Sequence[str]) -> None:
        """Claim entries as delivered once more than before."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for id_ in ids:
                pipe.xpending_range(self._stream, self._group, id_, id_, 1)
            found = await pipe.execute()
        for row in (row for rows in found for row in rows):
            await self.claim([row["message_id"]], row["times_delivered"] + 1)
