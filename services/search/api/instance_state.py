"""The state of the instance as the services report it in Redis."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.board import (
    DISK,
    LEDGER,
    MAIL,
    PICTURE_STOCK,
    PICTURES,
    PROVIDERS,
    SOURCES,
    DayRow,
    DiskRow,
    MailRow,
    PictureStockRow,
    ProviderRow,
    SourceRow,
)
from shared.board.api_documents import read_documents
from shared.board.paper_map import map_exists, read_map, read_map_absence
from shared.board.picture_wishes import read_picture
from shared.board.rows import PictureRow
from shared.bus.upkeep import lag
from shared.errors import TransientError
from shared.papers.streams import STREAMS

LEDGER_ROWS = 200


class InstanceState:
    """Reads lag, dead letters, sources and providers; raises TransientError when Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        """The caller closes the client."""
        self._redis = redis

    async def streams(self) -> list[dict[str, Any]]:
        """Return the backlog, the pending entries and the dead letters of every group of every stream."""
        async with _reading():
            return [
                {
                    "stream": stream.name,
                    "group": group,
                    **await lag(self._redis, stream.name, group),
                    "dead": await self._redis.xlen(stream.dead),
                }
                for stream in STREAMS
                for group in stream.groups
            ]

    async def sources(self) -> list[SourceRow]:
        """Return the sources by name, as the fetcher wrote them."""
        async with _reading():
            return list((await SOURCES.rows(self._redis)).values())

    async def providers(self) -> list[ProviderRow]:
        """Return the metadata providers by name, as the enricher wrote them."""
        async with _reading():
            return list((await PROVIDERS.rows(self._redis)).values())

    async def disk(self) -> DiskRow | None:
        """Return the free space of the disk, as the fetcher last read it, or None before it has."""
        async with _reading():
            return (await DISK.rows(self._redis)).get("data")

    async def mail(self) -> MailRow | None:
        """Return how many addresses refuse mail, or None if none ever did."""
        async with _reading():
            return (await MAIL.rows(self._redis)).get("addresses")

    async def pictures(self, ids: Sequence[str]) -> list[PictureRow | None]:
        """Return what is known of the pictures of works, None for those without one."""
        async with _reading():
            return await PICTURES.some(self._redis, ids)

    async def picture(self, work_id: str) -> bytes | None:
        """Return the picture of a work as WebP, or None if there is none."""
        async with _reading():
            return await read_picture(self._redis, work_id)

    async def picture_stock(self) -> PictureStockRow | None:
        """Return how many pictures are kept, as the fetcher last counted them, or None before it has."""
        async with _reading():
            return (await PICTURE_STOCK.rows(self._redis)).get("all")

    async def documents(self) -> list[dict[str, Any]]:
        """Return the OpenAPI documents of all services, as their processes wrote them."""
        async with _reading():
            return await read_documents(self._redis)

    async def map(self) -> bytes | None:
        """Return the points of the map of papers, gzipped, or None while there is no map."""
        async with _reading():
            return await read_map(self._redis)

    async def has_map(self) -> bool:
        """Return whether there is a map of papers."""
        async with _reading():
            return await map_exists(self._redis)

    async def map_absence(self) -> str | None:
        """Return why this instance draws no map, or None if it draws one."""
        async with _reading():
            return await read_map_absence(self._redis)

    async def ledger(self) -> list[DayRow]:
        """Return the newest announcement days, as the fetcher wrote them."""
        async with _reading():
            rows = list((await LEDGER.rows(self._redis)).values())
        rows.sort(key=lambda row: (row["day"], row["source"], row["category"]), reverse=True)
        return rows[:LEDGER_ROWS]


@asynccontextmanager
async def _reading() -> AsyncIterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise TransientError(f"Redis does not answer: {error}") from error
