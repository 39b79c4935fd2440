"""Renewal of the map: one indexer at a time builds it, in a worker process, when the index has grown."""

import asyncio
import importlib.util
import os
from collections.abc import Callable
from typing import Final

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.indexer.settings import IndexerSettings
from shared.board.paper_map import mapped_papers
from shared.bus.outage_log import OutageLog
from shared.coordination.lease import Lease
from shared.errors import PermanentError, TransientError
from shared.qdrant import PAPERS, read_or
from shared.qdrant.client_library import AsyncQdrantClient, models
from shared.settings import PREFIX
from shared.worker.protocol import CallFailedError, Limits
from shared.worker.worker import Worker

LEASE: Final = "map"
LEASE_S: Final = 60.0
LIMITS: Final = Limits(seconds=3_600.0, calls=1, start=600.0, niceness=19)
"""50,000 papers take some minutes. At the lowest priority, a busy machine also takes long to start the worker."""
MIN_GROWTH: Final = 0.02
"""The share of new papers from which a map is out of date."""
PAUSE_FACTOR: Final = 10.0
"""The pause after a map, as a multiple of the time that it took: an import needs the processor too."""
NOT_INSTALLED: Final = "This instance draws no map: openTSNE, which lays it out, is not installed on this platform."
log = structlog.get_logger("indexer")


def absence() -> str | None:
    """Return why this process cannot draw a map, or None if it can: openTSNE has no wheel for Linux on arm64."""
    return None if importlib.util.find_spec("openTSNE") else NOT_INSTALLED


class MapRenewal:
    """Keeps the map up to date. `clock` returns monotonic seconds."""

    def __init__(
        self, client: AsyncQdrantClient, redis: Redis, settings: IndexerSettings, clock: Callable[[], float]
    ) -> None:
        self._client = client
        self._redis = redis
        self._settings = settings
        self._clock = clock
        self._outages = OutageLog()

    async def run(self) -> None:
        """Renew the map whenever it is out of date."""
        pause = self._settings.map_interval
        while True:
            await asyncio.sleep(pause)
            started = self._clock()
            with self._outages.logged("map", pause, TransientError, PermanentError, RedisError, OSError):
                await self.renew()
            pause = max(self._settings.map_interval, PAUSE_FACTOR * (self._clock() - started))

    async def renew(self) -> bool:
        """Build the map if it is out of date and no other indexer builds it; return whether it was built.

        Raises:
            TransientError: Qdrant does not answer, or the worker fails.

        """
        count = (await read_or(self._client.count(PAPERS), models.CountResult(count=0))).count
        made_of = await mapped_papers(self._redis)
        if abs(count - made_of) <= MIN_GROWTH * made_of:
            return False
        lease = Lease(self._redis, LEASE, LEASE_S)
        if await lease.take():
            return False
        started = self._clock()
        async with lease.kept():
            await self._build()
        log.info("map built", papers=count, seconds=round(self._clock() - started, 1))
        return True

    async def _build(self) -> None:
        environment = {
            **os.environ,
            PREFIX + "REDIS_URL": self._settings.redis_url,
            PREFIX + "QDRANT_URL": self._settings.qdrant_url,
        }
        if self._settings.qdrant_api_key:
            environment[PREFIX + "QDRANT_API_KEY"] = self._settings.qdrant_api_key.get_secret_value()
        worker = Worker("services.indexer.paper_map.build:build_map", LIMITS, environment=environment)
        try:
            await worker.call(b"")
        except CallFailedError as error:
            raise TransientError(f"the map could not be computed: {error}") from error
        finally:
            await worker.close()
