"""The bus of one process: FastStream reads and publishes, `Consumer` handles, and upkeep runs beside them."""

import asyncio
import contextlib
import logging
import os
import secrets
import socket
import time
from collections.abc import AsyncIterator
from typing import Any

import structlog
from faststream import AckPolicy
from faststream.message import StreamMessage
from faststream.redis import RedisBroker, StreamSub
from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.bus.consumer import Consumer, Context, Handler
from shared.bus.hop import Hop
from shared.bus.progress import Progress, unfinished
from shared.bus.redis_client import retries
from shared.bus.upkeep import ensure_groups, forget_consumers, trim
from shared.outages import outage
from shared.papers.streams import E, Stream
from shared.settings import Settings
from shared.tasks import cancel

log = structlog.get_logger("bus")
POLL_MS = 1_000
UPKEEP_S = 60.0
PROBE = "probe"
"""The key that is written to learn whether Redis accepts writes."""
PROBE_S = 5.0
DRAIN_S = 5.0
"""Seconds that the batches in hand may take after a stop; a process has ten in all."""


class _OneLine:
    """FastStream's logger: writes one line where FastStream would print a traceback every second."""

    def log(self, level: int, msg: object, /, *, exc_info: object = None, extra: object = None) -> None:
        del extra
        if level >= logging.ERROR:
            log.warning("reader failed", problem=str(msg), error=str(exc_info) if exc_info else None)


class Bus:
    """Consumes, publishes and maintains the streams for one process."""

    def __init__(self, settings: Settings, redis: "Redis[bytes]") -> None:
        """The caller closes `redis`."""
        self.settings = settings
        self.redis = redis
        self.consumer = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self.broker = RedisBroker(
            settings.redis_url, apply_types=False, logger=_OneLine(), graceful_timeout=DRAIN_S, **retries()
        )
        self.consumers: list[Consumer[Any]] = []
        self._context = Context(
            redis, self.hop, settings.reclaim_idle, settings.batch, settings.max_deliveries, settings.handler_limit
        )
        self._subscribers: list[Any] = []
        self._progress: dict[tuple[str, str], Progress] = {}
        self._produces = False
        self._refused: str | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def consume(
        self, stream: Stream[E], group: str, handler: Handler[E], *, batch: int | None = None, lanes: int = 1
    ) -> None:
        """Register a handler for the entries of a stream; call before `start`.

        With more than one lane, several batches are handled at once and in no order: while one waits for Redis or
        Qdrant, another makes progress.
        """
        self._progress[stream.name, group] = Progress()
        for lane in range(lanes):
            consumer = Consumer(self._context, stream, group, f"{self.consumer}-{lane}", handler)
            self._subscribers.append(self._subscriber(consumer, batch or self.settings.batch, described=lane == 0))
            self.consumers.append(consumer)

    def produce(self, stream: Stream[Any]) -> None:
        """Register that this process publishes to a stream, for its AsyncAPI document."""
        self._produces = True
        self.broker.publisher(stream=stream.name, schema=stream.event, title=stream.name)

    def _subscriber(self, consumer: Consumer[E], batch: int, *, described: bool) -> Any:  # noqa: ANN401  # FastStream's own
        stream = consumer.stream
        subscriber = self.broker.subscriber(
            stream=StreamSub(
                stream.name,
                group=consumer.group,
                consumer=consumer.name,
                batch=True,
                max_records=batch,
                polling_interval=POLL_MS,
            ),
            ack_policy=AckPolicy.MANUAL,
            parser=_parse,
            decoder=_decode,
            title=f"{stream.name}:{consumer.group}",
            include_in_schema=described,
        )

        async def receive(rows: Any) -> None:  # noqa: ANN401  # what `_decode` returns
            await consumer.receive(rows)

        receive.__annotations__["rows"] = stream.event  # AsyncAPI describes one entry, not a batch
        subscriber(receive)
        return subscriber

    async def start(self) -> None:
        """Create the groups, then read. Raises redis errors when Redis cannot be reached."""
        await ensure_groups(self.redis)
        await self.broker.start()
        self._tasks = [
            *(asyncio.create_task(self._reclaiming(consumer)) for consumer in self.consumers),
            asyncio.create_task(self._watching()),
        ]

    async def stop(self) -> None:
        """Finish and ack the batches in hand; entries that were not begun are left to the next consumer."""
        for consumer in self.consumers:
            consumer.stop()
        await cancel(self._tasks)
        await asyncio.gather(*map(_stop_reader, self._subscribers))
        await self.broker.stop()
        for consumer in self.consumers:
            await consumer.close()

    @contextlib.asynccontextmanager
    async def hop(self, service: str) -> AsyncIterator[Hop]:
        """Open one atomic step of a service; the caller commits it."""
        async with self.redis.pipeline(transaction=True) as pipe:
            yield Hop(self.broker, pipe, service)

    @property
    def trouble(self) -> str | None:
        """Why this bus does not work, or None."""
        for consumer, subscriber in zip(self.consumers, self._subscribers, strict=True):
            if consumer.fuse.blown:
                return f"the fuse of {consumer.stream.name} is blown: most of its entries became dead letters"
            if not subscriber.running:
                return f"not reading {consumer.stream.name}"
            if consumer.outage:
                return f"{consumer.stream.name} waits: {consumer.outage}"
        return self._refused or next(filter(None, (progress.trouble for progress in self._progress.values())), None)

    async def _reclaiming(self, consumer: Consumer[Any]) -> None:
        while not consumer.fuse.blown:
            await _calmly(consumer.reclaim())
            await asyncio.sleep(self.settings.reclaim_idle / 3)

    async def _watching(self) -> None:
        """Trim streams and delete idle consumers once a minute; restart readers whose group was deleted."""
        loop = asyncio.get_running_loop()
        due = probed = loop.time()
        while True:
            await _calmly(self._revive())
            if self._refused or loop.time() >= probed:
                probed = loop.time() + PROBE_S
                await self._probe()
                await _calmly(self._look())
            if loop.time() >= due:
                due = loop.time() + UPKEEP_S
                await _calmly(self._upkeep())
            await asyncio.sleep(1)

    async def _probe(self) -> None:
        """Write a key, to learn whether Redis accepts writes: a service that only reads can do without."""
        if not (self.consumers or self._produces):
            return
        before = self._refused
        try:
            await self.redis.set(PROBE, b"", ex=60)
        except (RedisError, OSError) as error:
            self._refused = outage(error) or str(error)
            log.warning("redis refuses writes", reason=self._refused) if before != self._refused else None
        else:
            self._refused = None
            log.info("redis accepts writes") if before else None

    async def _look(self) -> None:
        """Look whether the groups of this process make progress."""
        for (stream, group), progress in self._progress.items():
            before, left = progress.trouble, await unfinished(self.redis, stream, group)
            progress.look(stream, left, time.monotonic(), time.time())
            if progress.trouble and not before:
                log.warning("no progress", group=group, reason=progress.trouble)

    async def _revive(self) -> None:
        for consumer, subscriber in zip(self.consumers, self._subscribers, strict=True):
            if consumer.fuse.blown and subscriber.running:
                log.error("reader stopped", reason="most entries become dead letters", stream=consumer.stream.name)
                await subscriber.stop()
            elif not subscriber.running and not consumer.fuse.blown:
                log.warning("reader restarted", stream=consumer.stream.name)
                await ensure_groups(self.redis)
                await subscriber.start()

    async def _upkeep(self) -> None:
        for consumer in self.consumers:
            await trim(self.redis, consumer.stream.name, self.settings.retention)
            await forget_consumers(self.redis, consumer.stream.name, consumer.group)


async def _stop_reader(subscriber: Any) -> None:  # noqa: ANN401  # FastStream's own
    """Stop a reader and wait for its end.

    FastStream does not wait: a reader that saw its connection closed first would connect and read once more, and what
    it got would stay pending for `reclaim_idle` seconds.
    """
    readers = list(subscriber.tasks)
    await subscriber.stop()
    await cancel(readers)


async def _parse(message: Any) -> StreamMessage[Any]:  # noqa: ANN401  # FastStream's raw message
    """Skip FastStream's decoding: each entry is decoded on its own later, so that a bad one does not fail the batch."""
    return StreamMessage(raw_message=message, body=b"")


async def _decode(message: StreamMessage[Any]) -> list[tuple[bytes, dict[bytes, bytes]]]:
    raw = message.raw_message
    return list(zip(raw["message_ids"], raw["data"], strict=True))


async def _calmly(work: Any) -> None:  # noqa: ANN401  # a coroutine of any kind
    try:
        await work
    except (RedisError, OSError) as error:
        log.warning("upkeep failed", error=str(error))
