"""What works are compared with, kept in Redis: of each group the paces last seen, four bytes each."""

import asyncio
from array import array
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from services.enricher.works.signals import Noted, Yardstick, bar
from services.enricher.works.trending import FIELDS, Group, Norm, norm

MOST: Final = 512
"""Samples of a group, of which a field has at most 88, and strengths of a field: its median is then within a tenth of a
standard deviation."""
FRESH_S: Final = 60.0
"""Seconds that a process goes by what it has read."""
_STRENGTH: Final = "strength"
# For each field of the hash, in threes: name, bytes to add, bytes to keep.
_APPEND: Final = """
for i = 1, #ARGV, 3 do
  local kept = (redis.call('HGET', KEYS[1], ARGV[i]) or '') .. ARGV[i + 1]
  redis.call('HSET', KEYS[1], ARGV[i], string.sub(kept, -tonumber(ARGV[i + 2])))
end
"""


class Samples:
    """Reads and adds samples; one hash a field of research, `trend:<field>`."""

    def __init__(self, redis: "Redis[bytes]", clock: Callable[[], datetime]) -> None:
        """Use a client that stays the caller's; `clock` gives the time in UTC."""
        self._redis = redis
        self._clock = clock
        self._read = Yardstick()
        self._read_at = 0.0

    async def yardstick(self) -> Yardstick:
        """Give what works are compared with, at most a minute old."""
        now = self._clock().timestamp()
        if not 0 <= now - self._read_at < FRESH_S:
            async with self._redis.pipeline(transaction=False) as pipe:
                for name in FIELDS:
                    pipe.hgetall(f"trend:{name}")
                rows = await pipe.execute()
            self._read = await asyncio.to_thread(_summed, dict(zip(FIELDS, rows, strict=True)))
            self._read_at = now
        return self._read

    @staticmethod
    def add(pipe: "Pipeline[bytes]", noted: Iterable[Noted]) -> None:
        """Add what was noted, as a part of a transaction."""
        rows: dict[str, dict[str, array[float]]] = {}
        for each in noted:
            for (field, octave, signal), pace in each.paces.items():
                rows.setdefault(field, {}).setdefault(f"{octave}:{signal}", array("f")).append(pace)
            if each.paces and each.strength:
                rows.setdefault(each.strength[0], {}).setdefault(_STRENGTH, array("f")).append(each.strength[1])
        for field, groups in rows.items():
            arguments: list[str | bytes | int] = []
            for name, values in groups.items():
                arguments += [name, values.tobytes(), 4 * MOST]
            pipe.eval(_APPEND, 1, f"trend:{field}", *arguments)


def _summed(rows: Mapping[str, Mapping[bytes, bytes]]) -> Yardstick:
    norms: dict[Group, Norm] = {}
    bars: dict[str, float] = {}
    for field, row in rows.items():
        for name, data in row.items():
            values = array("f")
            values.frombytes(data)
            octave, _, signal = name.decode().partition(":")
            if signal:
                norms[Group(field, int(octave), signal)] = norm(values)
            else:
                bars[field] = bar(values)
    return Yardstick(norms, bars)
