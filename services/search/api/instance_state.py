"""What Redis knows of the instance's work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.bus.upkeep import lag
from shared.errors import TransientError
from shared.http.directory import documents
from shared.papers.streams import STREAMS

SOURCES = "sources"
"""The hash of sources: the fetcher writes one JSON object a name."""
LEDGER = "ledger"
"""The hash of announcement days: the fetcher writes one JSON object a `source|category|day`."""
LEDGER_ROWS = 200
MAP = "map"
"""The hash of the map of papers: the indexer writes its gzipped points as `body`."""
PROVIDERS = "providers"
"""The hash of metadata providers: the enricher writes one JSON object a name."""


class InstanceState:
    """Reads lag, dead letters, sources and providers; TransientError when Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        """Use a client that stays the caller's."""
        self._redis = redis

    async def streams(self) -> list[dict[str, Any]]:
        """Tell for every group of every stream what waits, what is being handled, what is dead."""
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

    async def sources(self) -> list[dict[str, Any]]:
        """Give the sources by name, as the fetcher wrote them."""
        async with _reading():
            rows = await self._redis.hgetall(SOURCES)
        return [orjson.loads(rows[name]) for name in sorted(rows)]

    async def providers(self) -> list[dict[str, Any]]:
        """Give the metadata providers by name, as the enricher wrote them."""
        async with _reading():
            rows = await self._redis.hgetall(PROVIDERS)
        return [orjson.loads(rows[name]) for name in sorted(rows)]

    async def documents(self) -> list[dict[str, Any]]:
        """Give the OpenAPI documents of all services, as their processes wrote them."""
        async with _reading():
            return await documents(self._redis)

    async def map(self) -> bytes | None:
        """Give the points of the map of papers, gzipped, if there is a map."""
        async with _reading():
            body: bytes | None = await self._redis.hget(MAP, "body")
        return body

    async def ledger(self) -> list[dict[str, Any]]:
        """Give the newest announcement days, as the fetcher wrote them."""
        async with _reading():
            rows = [orjson.loads(row) for row in await self._redis.hvals(LEDGER)]
        rows.sort(key=lambda row: (row["day"], row["source"], row["category"]), reverse=True)
        return rows[:LEDGER_ROWS]


@asynccontextmanager
async def _reading() -> AsyncIterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise TransientError(f"Redis does not answer: {error}") from error
