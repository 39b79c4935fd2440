"""The bus of one process: FastStream reads and publishes, `Consumer` handles, upkeep runs beside."""

import asyncio
import contextlib
import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator
from typing import Any

import structlog
from faststream import AckPolicy
from faststream.message import StreamMessage
from faststream.redis import RedisBroker, StreamSub
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ReadOnlyError, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.bus.consumer import Consumer, Handler
from shared.bus.hop import Hop
from shared.bus.upkeep import ensure_groups, forget_consumers, trim
from shared.papers.streams import E, Stream
from shared.settings import Settings
from shared.tasks import cancel

log = structlog.get_logger("bus")
POLL_MS = 1_000
UPKEEP_S = 60.0
CONNECTIONS = 64
CONNECTION_S = 20.0


def _retry() -> dict[str, Any]:
    """A replica in the master's place must not be asked in a hot loop."""
    return {
        "retry": Retry(ExponentialWithJitterBackoff(base=0.1, cap=2.0), retries=3),
        "retry_on_error": [RedisConnectionError, RedisTimeoutError, ReadOnlyError],
    }


def open_redis(url: str) -> "Redis[bytes]":
    """Make the one kind of Redis client (answers are bytes); the caller closes it.

    Who asks while all connections are in use waits for one: the ordinary pool would fail the hundred-and-first.
    """
    pool = BlockingConnectionPool.from_url(url, max_connections=CONNECTIONS, timeout=CONNECTION_S, **_retry())
    return Redis.from_pool(pool)


class _OneLine:
    """FastStream's logger: a line an operator can read, where it would print a traceback a second."""

    def log(self, level: int, msg: object, /, *, exc_info: object = None, extra: object = None) -> None:
        del extra
        if level >= logging.ERROR:
            log.warning("stream reader", problem=str(msg), error=str(exc_info) if exc_info else None)


class Bus:
    """Consume, publish, and keep the streams in order, for one process."""

    def __init__(self, settings: Settings, redis: "Redis[bytes]") -> None:
        """Use `redis`, which stays the caller's to close."""
        self.settings = settings
        self.redis = redis
        self.consumer = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self.broker = RedisBroker(
            settings.redis_url, apply_types=False, logger=_OneLine(), graceful_timeout=10.0, **_retry()
        )
        self.consumers: list[Consumer[Any]] = []
        self._subscribers: list[Any] = []
        self._tasks: list[asyncio.Task[None]] = []

    def consume(
        self, stream: Stream[E], group: str, handler: Handler[E], *, batch: int | None = None, lanes: int = 1
    ) -> None:
        """Register a handler for the entries of a stream; call before `start`.

        With more than one lane so many batches are in hand at once, in no order among them: while one waits for
        Redis or Qdrant, another is worked on.
        """
        for lane in range(lanes):
            consumer = Consumer(self, stream, group, f"{self.consumer}-{lane}", handler)
            self._subscribers.append(self._subscriber(consumer, batch or self.settings.batch, described=lane == 0))
            self.consumers.append(consumer)

    def produce(self, stream: Stream[Any]) -> None:
        """Say that this process publishes to a stream: its AsyncAPI document shows what `Hop.publish` writes there."""
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

        async def receive(rows: Any) -> None:  # noqa: ANN401  # what `_decode` gives
            await consumer.receive(rows)

        receive.__annotations__["rows"] = stream.event  # AsyncAPI describes one entry, not how many are read at once
        subscriber(receive)
        return subscriber

    async def start(self) -> None:
        """Make the groups, then read. Raises redis errors when Redis cannot be reached."""
        await ensure_groups(self.redis)
        await self.broker.start()
        self._tasks = [
            *(asyncio.create_task(self._reclaiming(consumer)) for consumer in self.consumers),
            asyncio.create_task(self._watching()),
        ]

    async def stop(self) -> None:
        """Drain: what is being handled ends and is acked; what was not begun stays for the next consumer."""
        for consumer in self.consumers:
            consumer.stop()
        await cancel(self._tasks)
        await self.broker.stop()

    @contextlib.asynccontextmanager
    async def hop(self, service: str) -> AsyncIterator[Hop]:
        """Open one atomic step of a service; the caller commits it."""
        async with self.redis.pipeline(transaction=True) as pipe:
            yield Hop(self.broker, pipe, service)

    @property
    def trouble(self) -> str | None:
        """Why this bus is not working, in words, or None."""
        for consumer, subscriber in zip(self.consumers, self._subscribers, strict=True):
            if consumer.fuse.blown:
                return f"the fuse of {consumer.stream.name} is blown: most entries end as dead letters"
            if not subscriber.running:
                return f"not reading {consumer.stream.name}"
        return None

    async def _reclaiming(self, consumer: Consumer[Any]) -> None:
        while not consumer.fuse.blown:
            await _calmly(consumer.reclaim())
            await asyncio.sleep(self.settings.reclaim_idle / 3)

    async def _watching(self) -> None:
        """Trim and forget once a minute; start again a reader that stopped because its group was gone."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            await _calmly(self._revive())
            if loop.time() >= due:
                due = loop.time() + UPKEEP_S
                await _calmly(self._upkeep())
            await asyncio.sleep(1)

    async def _revive(self) -> None:
        for consumer, subscriber in zip(self.consumers, self._subscribers, strict=True):
            if consumer.fuse.blown and subscriber.running:
                log.error("fuse blown, reading stopped", stream=consumer.stream.name)
                await subscriber.stop()
            elif not subscriber.running and not consumer.fuse.blown:
                log.warning("reader stopped, starting it again", stream=consumer.stream.name)
                await ensure_groups(self.redis)
                await subscriber.start()

    async def _upkeep(self) -> None:
        for consumer in self.consumers:
            await trim(self.redis, consumer.stream.name, self.settings.retention)
            await forget_consumers(self.redis, consumer.stream.name, consumer.group)


async def _parse(message: Any) -> StreamMessage[Any]:  # noqa: ANN401  # FastStream's raw message
    """Leave the bodies alone: one bad entry must not hold the batch, so each is decoded on its own later."""
    return StreamMessage(raw_message=message, body=b"")


async def _decode(message: StreamMessage[Any]) -> list[tuple[bytes, dict[bytes, bytes]]]:
    raw = message.raw_message
    return list(zip(raw["message_ids"], raw["data"], strict=True))


async def _calmly(work: Any) -> None:  # noqa: ANN401  # a coroutine of any kind
    try:
        await work
    except (RedisError, OSError) as error:
        log.warning("upkeep waits for Redis", error=str(error))
