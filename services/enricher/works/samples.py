"""The samples that works are compared with, in Redis: the latest paces of each group, four bytes each."""

import asyncio
from array import array
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from services.enricher.works.signals import SignalUpdate, Yardstick, bar
from services.enricher.works.trending import FIELDS, Group, Norm, compute_norm
from shared.bus import scripts

MAX_SAMPLES: Final = 512
"""The samples that a group keeps, of which a field has at most 88: enough for a median within a tenth of a standard
deviation."""
FRESH_S: Final = 60.0
"""Seconds for which a process uses a yardstick that it has read."""
_STRENGTH: Final = "strength"
_APPEND: Final = scripts.source(__package__ or "", "append_samples")


class Samples:
    """Reads and adds samples; each field of research has one hash, `trend:<field>`."""

    def __init__(self, redis: "Redis[bytes]", clock: Callable[[], datetime]) -> None:
        """The caller closes `redis`; `clock` returns the time in UTC."""
        self._redis = redis
        self._clock = clock
        self._read = Yardstick()
        self._read_at = 0.0

    async def yardstick(self) -> Yardstick:
        """Return what works are compared with, at most a minute old."""
        now = self._clock().timestamp()
        if not 0 <= now - self._read_at < FRESH_S:
            async with self._redis.pipeline(transaction=False) as pipe:
                for field in FIELDS:
                    pipe.hgetall(f"trend:{field}")
                rows = await pipe.execute()
            self._read = await asyncio.to_thread(_yardstick, dict(zip(FIELDS, rows, strict=True)))
            self._read_at = now
        return self._read

    @staticmethod
    def add(pipe: "Pipeline[bytes]", updates: Iterable[SignalUpdate]) -> None:
        """Add the samples of works whose signals were updated, as part of a transaction."""
        rows: dict[str, dict[str, array[float]]] = {}
        for each in updates:
            for (field, octave, signal), pace in each.paces.items():
                rows.setdefault(field, {}).setdefault(f"{octave}:{signal}", array("f")).append(pace)
            if each.paces and each.strength:
                rows.setdefault(each.strength[0], {}).setdefault(_STRENGTH, array("f")).append(each.strength[1])
        for field, groups in rows.items():
            arguments: list[str | bytes | int] = []
            for group, values in groups.items():
                arguments += [group, values.tobytes(), 4 * MAX_SAMPLES]
            pipe.eval(_APPEND, 1, f"trend:{field}", *arguments)


def _yardstick(rows: Mapping[str, Mapping[bytes, bytes]]) -> Yardstick:
    norms: dict[Group, Norm] = {}
    bars: dict[str, float] = {}
    for field, row in rows.items():
        for name, data in row.items():
            values = array("f")
            values.frombytes(data)
            octave, _, signal = name.decode().partition(":")
            if signal:
                norms[Group(field, int(octave), signal)] = compute_norm(values)
            else:
                bars[field] = bar(values)
    return Yardstick(norms, bars)
