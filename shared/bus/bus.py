"""The bus of one process: FastStream reads and publishes, `Consumer` handles, and `Watch` runs beside them.

`open_redis` opens the client of Redis: how it retries, and what it raises for a Redis that refuses commands for now.
"""

import asyncio
import contextlib
import logging
import os
import secrets
import socket
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import structlog
from faststream import AckPolicy
from faststream.message import StreamMessage
from faststream.redis import RedisBroker, StreamSub
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.driver_info import DriverInfo
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ReadOnlyError, RedisError, ResponseError, WatchError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.bus.consumer import Consumer, Context, Handler
from shared.bus.hop import Hop
from shared.bus.outage_log import OutageLog
from shared.bus.upkeep import ensure_groups
from shared.bus.watch import PROBE_S, Watch
from shared.errors import ConfigurationError
from shared.outages import refusal
from shared.papers.streams import E, Stream
from shared.settings import Settings
from shared.shown_address import shown
from shared.tasks import cancel
from shared.time_limit import uncounted

log = structlog.get_logger("bus")
POLL_MS = 1_000
DRAIN_S = 5.0
"""Seconds that the batches in hand may take after a stop; a process has ten in all."""
REPEAT_S: Final = 60.0
"""Seconds until the same error of a reader is logged again."""
CONNECTIONS: Final = 64
CONNECTION_S: Final = 20.0
"""Seconds that a command waits for a connection."""


class _Retry(Retry):  # type: ignore[misc]  # redis has no types
    """Retries, and raises `RefusedError` for what Redis refuses now and accepts later.

    FastStream stops reading, or reads in a tight loop, after any other `ResponseError`. A handler that waits for Redis
    does not use up its time: when Redis hangs, no entry is to blame. redis-py raises `WatchError` also for transactions
    that failed; here it means that a key has changed, since who gets one begins again at once.
    """

    async def call_with_retry(self, do: Any, fail: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # as in the base
        try:
            with uncounted():
                return await super().call_with_retry(do, fail, *args, **kwargs)
        except WatchError as error:
            failure = error.__context__
            if isinstance(failure, RedisError):
                raise refusal(failure) or failure from None
            raise
        except ResponseError as error:
            if refused := refusal(error):
                raise refused from error
            raise


_DRIVER: Final = DriverInfo()
"""What each connection says of itself; the client would read its version from files for each."""


class _Pool(BlockingConnectionPool):  # type: ignore[misc]  # redis has no types
    """Connections, for which a handler waits without using up its time."""

    async def get_connection(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # as in the base
        with uncounted():
            return await super().get_connection(*args, **kwargs)


def retries() -> dict[str, Any]:
    """Return how a client retries: with pauses, also when a replica answers in the place of a master."""
    return {
        "retry": _Retry(ExponentialWithJitterBackoff(base=0.1, cap=2.0), retries=3),
        "retry_on_error": [RedisConnectionError, RedisTimeoutError, ReadOnlyError],
    }


def open_redis(url: str) -> "Redis[bytes]":
    """Return a Redis client, whose replies are bytes; the caller closes it.

    When all connections are in use, a command waits for one: the default pool would raise an error.

    Raises:
        ConfigurationError: the address, or an option in it, cannot be read.

    """
    try:
        pool = _Pool.from_url(url, max_connections=CONNECTIONS, timeout=CONNECTION_S, driver_info=_DRIVER, **retries())
        pool.connection_class(**pool.connection_kwargs)  # an option that it does not know
    except (TypeError, ValueError) as error:
        reason = str(error).removeprefix("AbstractConnection.__init__() ")
        message = f"PAPERWIRE_REDIS_URL is not valid: {reason} (given: {shown(url)}). See docs/servers.md."
        raise ConfigurationError(message) from error
    return Redis.from_pool(pool)


class _OneLine:
    """FastStream's logger: writes one line a minute where FastStream would print a traceback every second."""

    def __init__(self) -> None:
        self._last: tuple[str, str | None] | None = None
        self._quiet_until = 0.0

    def log(self, level: int, msg: object, /, *, exc_info: object = None, extra: object = None) -> None:
        del extra
        if level < logging.ERROR:
            return
        said, now = (str(msg), str(exc_info) if exc_info else None), time.monotonic()
        if said != self._last or now >= self._quiet_until:
            self._last, self._quiet_until = said, now + REPEAT_S
            log.warning("reader failed", problem=said[0], error=said[1])


class Bus:
    """Consumes, publishes and maintains the streams for one process."""

    def __init__(self, settings: Settings, redis: "Redis[bytes]", probe: float = PROBE_S) -> None:
        """The caller closes `redis`. `probe` is the time between two looks at Redis and the services, in seconds."""
        self.settings = settings
        self.redis = redis
        self.outages = OutageLog()
        self.consumer = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self.broker = RedisBroker(
            settings.redis_url, apply_types=False, logger=_OneLine(), graceful_timeout=DRAIN_S, **retries()
        )
        self.consumers: list[Consumer[Any]] = []
        self._context = Context(
            redis, self.hop, settings.reclaim_idle, settings.batch, settings.max_deliveries, settings.handler_limit
        )
        self._readers: list[Any] = []
        self._watch = Watch(settings, redis, probe, self.outages)

    def consume(
        self, stream: Stream[E], group: str, handler: Handler[E], *, batch: int | None = None, lanes: int = 1
    ) -> None:
        """Register a handler for the entries of a stream; call before `start`.

        With more than one lane, several batches are handled at once and in no order: while one waits for Redis or
        Qdrant, another makes progress.
        """
        for lane in range(lanes):
            consumer = Consumer(self._context, stream, group, f"{self.consumer}-{lane}", handler)
            reader = self._reader(consumer, batch or self.settings.batch, described=lane == 0)
            self.consumers.append(consumer)
            self._readers.append(reader)
            self._watch.add(consumer, reader)

    def produce(self, stream: Stream[Any]) -> None:
        """Register that this process publishes to a stream, for its AsyncAPI document."""
        self._watch.writes = True
        self.broker.publisher(stream=stream.name, schema=stream.event, title=stream.name)

    def _reader(self, consumer: Consumer[E], batch: int, *, described: bool) -> Any:  # noqa: ANN401  # FastStream's own
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

    async def start(self, services: Sequence[str] = ()) -> None:
        """Create the groups, then read, and give signs of life of the named services.

        Raises redis errors when Redis cannot be reached.
        """
        await ensure_groups(self.redis)
        await self.broker.start()
        self._watch.start(services)

    async def stop(self) -> None:
        """Finish and ack the batches in hand; entries that were not begun are left to the next consumer."""
        for consumer in self.consumers:
            consumer.stop()
        await self._watch.stop()
        await asyncio.gather(*map(_stop_reader, self._readers))
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
        return self._watch.trouble


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
