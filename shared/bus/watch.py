"""What runs by the clock beside the reading: abandoned entries are reclaimed, readers restarted, streams trimmed."""

import asyncio
import time
from collections.abc import Awaitable
from typing import Any, Final

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.bus.consumer import Consumer
from shared.bus.progress import Progress, unfinished
from shared.bus.readers import note
from shared.bus.upkeep import ensure_groups, forget_consumers, trim
from shared.outages import outage
from shared.settings import Settings
from shared.tasks import cancel

UPKEEP_S: Final = 60.0
PROBE: Final = "probe"
"""The key that is written to learn whether Redis accepts writes."""
PROBE_S: Final = 5.0
log = structlog.get_logger("bus")


class Watch:
    """Watches the readers of one process, and the Redis that they read from."""

    def __init__(self, settings: Settings, redis: "Redis[bytes]") -> None:
        """The caller closes `redis`."""
        self._settings = settings
        self._redis = redis
        self._readers: list[tuple[Consumer[Any], Any]] = []
        self._progress: dict[tuple[str, str], Progress] = {}
        self._refused: str | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.writes = False
        """Whether this process writes to Redis: one that only reads works although Redis refuses writes."""

    def add(self, consumer: Consumer[Any], reader: Any) -> None:  # noqa: ANN401  # FastStream's subscriber
        """Watch a consumer and its reader; call before `start`."""
        self._readers.append((consumer, reader))
        self._progress.setdefault((consumer.stream.name, consumer.group), Progress())
        self.writes = True

    def start(self) -> None:
        """Start to watch."""
        reclaiming = (asyncio.create_task(self._reclaiming(consumer)) for consumer, _ in self._readers)
        self._tasks = [*reclaiming, asyncio.create_task(self._watching())]

    async def stop(self) -> None:
        """Stop to watch."""
        await cancel(self._tasks)

    @property
    def trouble(self) -> str | None:
        """Why the bus does not work, or None."""
        if self._refused:
            return self._refused
        for consumer, reader in self._readers:
            if trouble := _trouble(consumer):
                return trouble
            if not reader.running:
                return f"not reading {consumer.stream.name}"
        return next(filter(None, (progress.trouble for progress in self._progress.values())), None)

    async def _reclaiming(self, consumer: Consumer[Any]) -> None:
        while not consumer.fuse.blown:
            await _calmly(consumer.reclaim())
            await asyncio.sleep(self._settings.reclaim_idle / 3)

    async def _watching(self) -> None:
        """Trim streams and delete idle consumers once a minute; restart readers whose group was deleted."""
        loop = asyncio.get_running_loop()
        due = probed = loop.time()
        while True:
            await _calmly(self._revive())
            if self._refused or loop.time() >= probed:
                probed = loop.time() + PROBE_S
                await self._probe()
                await _calmly(self._note())
                await _calmly(self._look())
            if loop.time() >= due:
                due = loop.time() + UPKEEP_S
                await _calmly(self._upkeep())
            await asyncio.sleep(1)

    async def _probe(self) -> None:
        """Write a key, to learn whether Redis accepts writes."""
        if not self.writes:
            return
        before = self._refused
        try:
            await self._redis.set(PROBE, b"", ex=60)
        except (RedisError, OSError) as error:
            self._refused = outage(error) or str(error)
            log.warning("redis refuses writes", reason=self._refused) if before != self._refused else None
        else:
            self._refused = None
            log.info("redis accepts writes") if before else None

    async def _note(self) -> None:
        """Note the troubles of consumers where a command that waits for them reads it."""
        for consumer, _ in self._readers:
            if trouble := _trouble(consumer):
                await note(self._redis, consumer.stream.name, consumer.group, trouble)

    async def _look(self) -> None:
        """Look whether the groups of this process make progress."""
        for (stream, group), progress in self._progress.items():
            before, left = progress.trouble, await unfinished(self._redis, stream, group)
            progress.look(stream, left, time.monotonic(), time.time())
            if progress.trouble and not before:
                log.warning("no progress", group=group, reason=progress.trouble)

    async def _revive(self) -> None:
        for consumer, reader in self._readers:
            if consumer.fuse.blown and reader.running:
                log.error("reader stopped", reason="most entries become dead letters", stream=consumer.stream.name)
                await reader.stop()
                await self._note()
            elif not reader.running and not consumer.fuse.blown:
                log.warning("reader restarted", stream=consumer.stream.name)
                await ensure_groups(self._redis)
                await reader.start()

    async def _upkeep(self) -> None:
        for consumer, _ in self._readers:
            await trim(self._redis, consumer.stream.name, self._settings.retention)
            await forget_consumers(self._redis, consumer.stream.name, consumer.group)


def _trouble(consumer: Consumer[Any]) -> str | None:
    if consumer.fuse.blown:
        return f"the fuse of {consumer.stream.name} is blown: most of its entries became dead letters"
    return f"{consumer.stream.name} waits: {consumer.outage}" if consumer.outage else None


async def _calmly(work: Awaitable[None]) -> None:
    try:
        await work
    except (RedisError, OSError) as error:
        log.warning("upkeep failed", error=str(error))
    except Exception:  # a defect of ours: nobody else would reclaim what is pending
        log.exception("upkeep failed")
