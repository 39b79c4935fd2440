"""What runs by the clock beside the reading.

Claims are renewed, abandoned entries reclaimed, readers restarted, and streams trimmed; this process gives signs of
life, and looks for those of the others.
"""

import asyncio
import time
from collections.abc import Awaitable, Sequence
from typing import Any, Final

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.bus.consumer import Consumer
from shared.bus.heartbeats import Heartbeats
from shared.bus.outage_log import OutageLog
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
STOP_S: Final = 2.0
"""Seconds that the last command may take: a process that ends does not wait for a Redis that hangs."""
log = structlog.get_logger("bus")


class Watch:
    """Watches the readers of one process, and the Redis that they read from."""

    def __init__(
        self, settings: Settings, redis: "Redis[bytes]", pause: float = PROBE_S, outages: OutageLog | None = None
    ) -> None:
        """The caller closes `redis`. `pause` is the time between two probes, in seconds; `outages` those of the bus."""
        self._outages = outages or OutageLog()
        self._settings = settings
        self._redis = redis
        self._pause = pause
        self._heartbeats = Heartbeats(redis)
        self._steady_from = 0.0
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

    def start(self, services: Sequence[str] = ()) -> None:
        """Start to watch, and to give signs of life of the services of this process."""
        self._heartbeats.services = services
        consumers = [consumer for consumer, _ in self._readers]
        loops = [self._watching(), *map(self._reclaiming, consumers), *map(self._renewing, consumers)]
        self._tasks = [asyncio.create_task(loop) for loop in loops]

    async def stop(self) -> None:
        """Stop to watch."""
        await cancel(self._tasks)
        await self._calmly("end of heartbeats", asyncio.wait_for(self._heartbeats.stop(), STOP_S))

    @property
    def trouble(self) -> str | None:
        """Why the bus does not work, or None."""
        if not self.writes:
            return None
        if self._refused:
            return self._refused
        for consumer, reader in self._readers:
            if trouble := _trouble(consumer):
                return trouble
            if not reader.running:
                return f"not reading {consumer.stream.name}"
        stuck = next(filter(None, (progress.trouble for progress in self._progress.values())), None)
        return stuck or self._heartbeats.trouble

    @property
    def steady(self) -> bool:
        """Whether Redis has been in order for so long that whoever holds a claim could renew it."""
        return asyncio.get_running_loop().time() >= self._steady_from

    async def _reclaiming(self, consumer: Consumer[Any]) -> None:
        while not consumer.fuse.blown:
            await self._calmly(f"reclaiming for {consumer.group}", consumer.reclaim(own_only=not self.steady))
            await asyncio.sleep(self._settings.reclaim_idle / 3)

    async def _renewing(self, consumer: Consumer[Any]) -> None:
        while True:
            await asyncio.sleep(self._settings.reclaim_idle / 3)
            await self._calmly(f"claims of {consumer.group}", consumer.renew())

    async def _watching(self) -> None:
        """Trim streams and delete idle consumers once a minute; restart readers whose group was deleted."""
        loop = asyncio.get_running_loop()
        due = probed = loop.time()
        while True:
            await self._calmly("readers", self._revive())
            if self._refused or loop.time() >= probed:
                probed = loop.time() + self._pause
                await self._probe()
                await self._calmly("troubles", self._note())
                await self._calmly("progress", self._look())
            if loop.time() >= due:
                due = loop.time() + UPKEEP_S
                await self._calmly("upkeep", self._upkeep())
            await asyncio.sleep(min(1.0, self._pause))

    async def _probe(self) -> None:
        """Write a key and signs of life, to learn whether Redis accepts writes, and look for those of the others.

        While Redis refuses, nobody renews a claim: after it the others get the time to do so.
        """
        before = self._refused
        try:
            await self._redis.set(PROBE, b"", ex=60)
            await self._heartbeats.beat()
            await self._heartbeats.look()
        except (RedisError, OSError) as error:
            self._refused = outage(error) or str(error)
            self._steady_from = asyncio.get_running_loop().time() + self._settings.reclaim_idle
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

    async def _calmly(self, part: str, work: Awaitable[None]) -> None:
        """Do a part of the work; an outage is logged, and the part is done again at its time."""
        try:
            with self._outages.logged(part, self._pause, RedisError, OSError):  # a TimeoutError is an OSError
                await work
        except Exception:  # a defect of ours: nobody else would reclaim what is pending
            log.exception("upkeep failed", part=part)


def _trouble(consumer: Consumer[Any]) -> str | None:
    if consumer.fuse.blown:
        return f"the fuse of {consumer.stream.name} is blown: most of its entries became dead letters"
    return f"{consumer.stream.name} waits: {consumer.outage}" if consumer.outage else None
