"""Tables of the board: each is one Redis hash of JSON objects, read and written through here only."""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

import orjson
from pydantic import TypeAdapter
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from shared.board.rows import DayRow, DiskRow, IndexRow, ProviderRow, SourceRow

R = TypeVar("R")


class Table(Generic[R]):
    """A hash of rows. Fields of a row that this version does not know are dropped when it is read."""

    def __init__(self, key: str, row: type[R]) -> None:
        """`key` names the hash in Redis."""
        self.key = key
        self.adapter: TypeAdapter[R] = TypeAdapter(row)

    def parse(self, raw: bytes) -> R:
        """Parse a row; raises ValueError if it is invalid."""
        return self.adapter.validate_json(raw)

    def dump(self, row: R) -> bytes:
        """Write a row as JSON."""
        return orjson.dumps(row)

    async def rows(self, redis: "Redis[bytes]") -> dict[str, R]:
        """Return all rows by id, in the order of their ids."""
        found = await redis.hgetall(self.key)
        return {row_id.decode(): self.parse(found[row_id]) for row_id in sorted(found)}

    async def ids(self, redis: "Redis[bytes]") -> set[str]:
        """Return the ids of all rows."""
        return {row_id.decode() for row_id in await redis.hkeys(self.key)}

    async def some(self, redis: "Redis[bytes]", ids: Sequence[str]) -> list[R | None]:
        """Return the rows of some ids, and None for those without one."""
        found = await redis.hmget(self.key, list(ids)) if ids else []
        return [self.parse(raw) if raw else None for raw in found]

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
TABLES: Final[tuple[Table[Any], ...]] = (SOURCES, PROVIDERS, LEDGER, INDEX, DISK)
"""The tables whose rows are a contract between services."""
