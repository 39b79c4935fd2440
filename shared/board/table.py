"""Tables of the board, each one Redis hash of JSON objects, and the revisions of all works.

The enricher writes the revisions with its records, and the indexer compares them with the index. Each bucket of them is
a hash, which Redis keeps compact up to 512 works, half a million in all: 48 bytes a work.
"""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

import orjson
import structlog
from pydantic import TypeAdapter, ValidationError
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from shared.board.rows import DayRow, DiskRow, IndexRow, MailRow, PictureRow, PictureStockRow, ProviderRow, SourceRow
from shared.papers.names import BUCKETS, Recorded, bucket_of, point_id

R = TypeVar("R")
log = structlog.get_logger("board")
_COMPLETE: Final = "revisions:complete"


class Table(Generic[R]):
    """A hash of rows. Fields of a row that this version does not know are dropped when it is read."""

    def __init__(self, key: str, row: type[R]) -> None:
        """`key` names the hash in Redis."""
        self.key = key
        self.adapter: TypeAdapter[R] = TypeAdapter(row)

    def read(self, raw: bytes | None) -> R | None:
        """Read a row; None where there is none, or none that can be read, which is logged: its writer replaces it."""
        try:
            return self.adapter.validate_json(raw) if raw else None
        except ValidationError as error:
            log.warning("row unreadable", table=self.key, error=error.errors(include_url=False)[0]["msg"])
            return None

    def dump(self, row: R) -> bytes:
        """Write a row as JSON."""
        return orjson.dumps(row)

    async def rows(self, redis: "Redis[bytes]") -> dict[str, R]:
        """Return all rows by id, in the order of their ids."""
        found = await redis.hgetall(self.key)
        return {row_id.decode(): row for row_id in sorted(found) if (row := self.read(found[row_id])) is not None}

    async def ids(self, redis: "Redis[bytes]") -> set[str]:
        """Return the ids of all rows."""
        return {row_id.decode() for row_id in await redis.hkeys(self.key)}

    async def some(self, redis: "Redis[bytes]", ids: Sequence[str]) -> list[R | None]:
        """Return the rows of some ids, and None for those without one."""
        found = await redis.hmget(self.key, list(ids)) if ids else []
        return [self.read(raw) for raw in found]

    def put(self, redis: "Redis[bytes] | Pipeline[bytes]", rows: Mapping[str, R]) -> Awaitable[Any]:
        """Write rows by id, of which there must be one; on a pipeline, nothing is to be awaited."""
        written: Awaitable[Any] = redis.hset(self.key, mapping={key: self.dump(row) for key, row in rows.items()})
        return written

    def drop(self, redis: "Redis[bytes] | Pipeline[bytes]", ids: Iterable[str]) -> Awaitable[Any]:
        """Delete rows by id, of which there must be one; on a pipeline, nothing is to be awaited."""
        dropped: Awaitable[Any] = redis.hdel(self.key, *ids)
        return dropped


SOURCES: Final = Table("sources", SourceRow)
PROVIDERS: Final = Table("providers", ProviderRow)
LEDGER: Final = Table("ledger", DayRow)
DISK: Final = Table("disk", DiskRow)
INDEX: Final = Table("index", IndexRow)
MAIL: Final = Table("mail", MailRow)
PICTURES: Final = Table("pictures", PictureRow)
PICTURE_STOCK: Final = Table("picture-stock", PictureStockRow)
TABLES: Final[tuple[Table[Any], ...]] = (SOURCES, PROVIDERS, LEDGER, INDEX, DISK, MAIL, PICTURES, PICTURE_STOCK)
"""The tables whose rows are a contract between services."""


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
