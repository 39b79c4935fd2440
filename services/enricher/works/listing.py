"""Listing the revisions of records that were stored by versions that did not list them; new ones are listed at once."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError, WatchError

from services.enricher.works.records import unpack
from services.enricher.works.work import Work
from shared.board.table import mark_complete, revisions_complete, write_revisions
from shared.bus.outage_log import OutageLog
from shared.errors import PermanentError, TransientError
from shared.time_limit import in_thread

CHECK_S: Final = 60.0
"""Seconds between checks: a Redis that was restored or emptied is listed again."""
PART: Final = 200
"""Records of one transaction."""
log = structlog.get_logger("enricher")


async def keep_listed(redis: "Redis[bytes]", outages: OutageLog) -> None:
    """List records until cancelled, whenever the list is not complete."""
    while True:
        with outages.logged("listing of records", CHECK_S, RedisError, OSError, TransientError):
            await list_records(redis)
        await asyncio.sleep(CHECK_S)


async def list_records(redis: "Redis[bytes]") -> int:
    """List the revision of every record unless that was done; return how many were listed.

    Several enrichers may do this at once, while others write: a revision is written in a transaction that watches its
    record.
    """
    if await revisions_complete(redis):
        return 0
    listed, cursor = 0, 0
    while True:
        cursor, keys = await redis.scan(cursor, match="work:*", count=1_000)
        for start in range(0, len(keys), PART):
            listed += await _list_part(redis, keys[start : start + PART])
        if cursor == 0:
            break
    await mark_complete(redis)
    if listed:
        log.info("revisions listed", works=listed)
    return listed


async def _list_part(redis: "Redis[bytes]", keys: Sequence[bytes]) -> int:
    while True:
        async with redis.pipeline(transaction=True) as pipe:
            await pipe.watch(*keys)
            records = dict(zip(keys, await pipe.mget(keys), strict=True))
            works = await in_thread(_unpack_all, records)
            pipe.multi()
            write_revisions(pipe, {work.paper.id: work.revision for work in works})
            try:
                await pipe.execute()
            except WatchError:
                continue
            return len(works)


def _unpack_all(records: Mapping[bytes, bytes | None]) -> list[Work]:
    works = []
    for key, record in records.items():
        try:
            works += [unpack(key.decode(), record)] if record else []
        except PermanentError as error:
            log.warning("record unreadable", error=str(error))
    return works
