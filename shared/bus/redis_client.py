"""The client of Redis: how it retries, and what it raises for a Redis that refuses commands for now."""

from typing import Any, Final

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ReadOnlyError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.outages import RefusedError, outage

CONNECTIONS: Final = 64
CONNECTION_S: Final = 20.0
"""Seconds that a command waits for a connection."""


class _Retry(Retry):  # type: ignore[misc]  # redis has no types
    """Retries, and raises `RefusedError` for what Redis refuses now and accepts later.

    FastStream stops reading, or reads in a tight loop, after any other `ResponseError`.
    """

    async def call_with_retry(self, do: Any, fail: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # as in the base
        try:
            return await super().call_with_retry(do, fail, *args, **kwargs)
        except ResponseError as error:
            if what := outage(error):
                raise RefusedError(what) from error
            raise


def retries() -> dict[str, Any]:
    """Return how a client retries: with pauses, also when a replica answers in the place of a master."""
    return {
        "retry": _Retry(ExponentialWithJitterBackoff(base=0.1, cap=2.0), retries=3),
        "retry_on_error": [RedisConnectionError, RedisTimeoutError, ReadOnlyError],
    }


def open_redis(url: str) -> "Redis[bytes]":
    """Return a Redis client, whose replies are bytes; the caller closes it.

    When all connections are in use, a command waits for one: the default pool would raise an error.
    """
    pool = BlockingConnectionPool.from_url(url, max_connections=CONNECTIONS, timeout=CONNECTION_S, **retries())
    return Redis.from_pool(pool)
