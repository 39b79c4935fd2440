"""The revisions of all works: the enricher writes them with its records, the indexer compares them with the index.

Each bucket is a hash, which Redis keeps compact up to 512 works, half a million in all: 48 bytes a work.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from shared.papers.names import BUCKETS, Recorded, bucket_of, point_id

_COMPLETE: Final = "revisions:complete"


def write_revisions(pipe: "Pipeline[bytes]", written: Mapping[str, int], removed: Iterable[str] = ()) -> None:
    """Write the revisions of works, and remove works, in the transaction that does the same to their records."""
    for work, revision in written.items():
        pipe.hset(_key(bucket_of(work)), work, revision)
    for work in removed:
        pipe.hdel(_key(bucket_of(work)), work)


async def read_revisions(redis: "Redis[bytes]", buckets: Sequence[int]) -> dict[str, Recorded]:
    """Return the works of some buckets by the ids of their points."""
    async with redis.pipeline(transaction=False) as pipe:
        for bucket in buckets:
            pipe.hgetall(_key(bucket))
        rows = await pipe.execute()
    works = [Recorded(work.decode(), int(revision)) for row in rows for work, revision in row.items()]
    return {point_id(each.work): each for each in works}


async def count_works(redis: "Redis[bytes]") -> int:
    """Return how many works have a record."""
    async with redis.pipeline(transaction=False) as pipe:
        for bucket in range(BUCKETS):
            pipe.hlen(_key(bucket))
        return sum(await pipe.execute())


async def revisions_complete(redis: "Redis[bytes]") -> bool:
    """Return whether the revision of every record is written, also of those from before revisions were."""
    return bool(await redis.exists(_COMPLETE))


async def mark_complete(redis: "Redis[bytes]") -> None:
    """Note that the revision of every record is written."""
    await redis.set(_COMPLETE, 1)


def _key(bucket: int) -> str:
    return f"revisions:{bucket:03x}"
