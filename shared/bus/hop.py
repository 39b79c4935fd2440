"""One atomic step from a stream to the next: keys that are read are watched, and all writes go in one MULTI."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from faststream.redis import RedisBroker
from redis.asyncio.client import Pipeline

from shared import telemetry
from shared.bus.entry import TRACKED, Entry, envelope
from shared.papers.streams import E, Stream

PROGRESS_TTL = 86_400
"""Seconds that the progress of an import is kept."""


class Hop:
    """The step of a handler and its entries. All that it writes, the acks included, is written, or nothing is."""

    def __init__(self, broker: RedisBroker, pipe: "Pipeline[bytes]", service: str) -> None:
        """Write through `pipe`; publish as `service`."""
        self._broker = broker
        self._pipe = pipe
        self._service = service
        self._published: Counter[tuple[str, str]] = Counter()
        self._noted: Counter[tuple[str, str]] = Counter()
        self.rejected: dict[str, str] = {}
        self._then: list[Callable[[], None]] = []

    async def read(self, keys: Sequence[str]) -> list[bytes | None]:
        """Read string keys and watch them: if one changes before the step ends, the handler runs again."""
        if not keys:
            return []
        await self._pipe.watch(*keys)
        values: list[bytes | None] = await self._pipe.mget(keys)
        return values

    @property
    def write(self) -> "Pipeline[bytes]":
        """The transaction to add commands to. After its first use, `read` is not possible any more."""
        if self._pipe.watching and not self._pipe.explicit_transaction:
            self._pipe.multi()
        return self._pipe

    async def publish(self, stream: Stream[E], event: E, cause: Entry[Any] | str) -> None:
        """Add an event to a stream, as a part of this step; `cause` is the entry it follows, or a correlation id."""
        parent = None if isinstance(cause, str) else cause
        headers = envelope(stream, self._service, parent)
        correlation = cause if isinstance(cause, str) else cause.correlation_id
        await self._broker.publish(
            event.model_dump_json(exclude_none=True).encode(),
            stream=stream.name,
            headers=headers,
            correlation_id=correlation,
            pipeline=self.write,
        )
        self._published[stream.name, correlation] += 1

    def then(self, call: Callable[[], None]) -> None:
        """Register a function to call after the commit."""
        self._then.append(call)

    def note(self, field: str, entry: Entry[Any]) -> None:
        """Count an entry in another field of the progress of its import as well."""
        self._noted[field, entry.correlation_id] += 1

    def reject(self, entry: Entry[Any], reason: str) -> None:
        """Send one entry of the batch to the dead letters; the rest goes on."""
        self.rejected[entry.id] = reason

    def settle(self, group: str, stream: str, entries: Sequence[Entry[Any]]) -> None:
        """Ack the entries and count the progress of the imports they belong to."""
        self.write.xack(stream, group, *(entry.id for entry in entries))
        done = Counter({(group, c): n for c, n in Counter(entry.correlation_id for entry in entries).items()})
        for (field, correlation), count in (done + self._published + self._noted).items():
            if correlation.startswith(TRACKED):
                self.write.hincrby(f"progress:{correlation}", field, count)
                self.write.expire(f"progress:{correlation}", PROGRESS_TTL)

    async def commit(self) -> None:
        """Run the transaction.

        Raises:
            redis.WatchError: something that was read has changed since.

        """
        await self.write.execute()
        for (stream, _), count in self._published.items():
            telemetry.PUBLISHED.labels(stream).inc(count)
        for call in self._then:
            call()
