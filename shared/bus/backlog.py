"""Metrics of the backlog of all streams."""

import time
from typing import Final

from prometheus_client import Gauge
from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.bus.progress import unfinished
from shared.bus.upkeep import lag
from shared.papers.streams import STREAMS

BACKLOG: Final = Gauge(
    "paperwire_backlog",
    "Entries that a group has not read (waiting) or not acknowledged (pending)",
    ["stream", "group", "state"],
)
OLDEST: Final = Gauge(
    "paperwire_oldest_unfinished_seconds", "Age of the oldest entry that a group has not finished", ["stream", "group"]
)
DEAD: Final = Gauge("paperwire_dead_letters", "Entries that could not be handled", ["stream"])


async def measure(redis: "Redis[bytes]") -> None:
    """Set the gauges of all streams; every process does, since the one that handles a stream may have ended.

    When Redis does not answer, the gauges are cleared.
    """
    try:
        for stream in STREAMS:
            for group in stream.groups:
                for state, count in (await lag(redis, stream.name, group)).items():
                    BACKLOG.labels(stream.name, group, state).set(count)
                left = await unfinished(redis, stream.name, group)
                OLDEST.labels(stream.name, group).set(left.age(time.time()) if left else 0)
            DEAD.labels(stream.name).set(await redis.xlen(stream.dead))
    except RedisError:  # the bus logs it
        forget()


def forget() -> None:
    """Clear the gauges of all streams: old values would mislead."""
    for gauge in (BACKLOG, OLDEST, DEAD):
        gauge.clear()
