"""One atomic step from a stream to the next, and the entries that it reads and publishes.

Keys that are read are watched, and all writes go in one MULTI. The envelope of an entry has the names of CloudEvents,
and W3C's traceparent.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Generic

from faststream.redis import RedisBroker
from faststream.redis.message import bDATA_KEY
from faststream.redis.parser import BinaryMessageFormatV1
from pydantic import ValidationError
from redis.asyncio.client import Pipeline

from shared import telemetry
from shared.bus import import_progress
from shared.errors import PermanentError
from shared.papers.streams import E, Stream

PUBLISHED: Final = "published"
"""The header with the milliseconds at which the first entry of a chain was published; the first one has none."""

Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class RawEntry:
    """An entry as Redis gave it."""

    id: str
    data: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Entry(Generic[E]):
    """A decoded entry. `headers` has `ce-id`, `ce-time`, `ce-source`, `ce-type`, `traceparent`, `correlation_id`.

    Those of one that follows from another have `published`, too.
    """

    id: str
    event: E
    headers: Headers
    data: bytes

    @property
    def correlation_id(self) -> str:
        """The id that all entries of one poll or one import share."""
        return self.headers.get("correlation_id", "")

    @property
    def published(self) -> float:
        """The Unix seconds at which the entry that it follows from was published on the first stream."""
        given = self.headers.get(PUBLISHED, "")
        return min(self.added, int(given) / 1000 if given.isdecimal() else self.added)

    @property
    def added(self) -> float:
        """The Unix seconds, by the clock of Redis, at which it was added to its own stream."""
        return int(self.id.partition("-")[0]) / 1000

    @property
    def tracked(self) -> bool:
        """Whether its progress is counted, since a command waits for it."""
        return self.correlation_id.startswith(import_progress.IMPORT)

    @property
    def paper(self) -> str:
        """The id of the paper it is about, for the log."""
        about = getattr(self.event, "paper", None) or getattr(self.event, "item", None)
        return str(getattr(about, "id", ""))


def raw_entry(entry_id: bytes, fields: dict[bytes, bytes]) -> RawEntry:
    """Return an entry with its body; of an entry in another format, all fields are the body, for the dead letters."""
    data = fields.get(bDATA_KEY)
    return RawEntry(entry_id.decode("ascii"), repr(fields).encode() if data is None else data)


def unpacked(data: bytes) -> tuple[bytes, Headers]:
    """Return the body and the headers of an entry; headers that nobody of ours writes are left out."""
    body, headers = BinaryMessageFormatV1.parse(data)
    rows = headers.items() if isinstance(headers, dict) else ()
    return body, {name: value for name, value in rows if isinstance(value, str) and value.isprintable()}


def decode(stream: Stream[E], raw: RawEntry) -> Entry[E]:
    """Read an entry as its stream's event.

    Raises:
        PermanentError: the body is no such event; the text names the first field that is wrong.

    """
    body, headers = unpacked(raw.data)
    try:
        event = stream.event.model_validate_json(body)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"]) or "the body"
        message = f"not a {stream.event.__name__}: {where}: {problem['msg']}"
        raise PermanentError(message) from error
    return Entry(raw.id, event, headers, raw.data)


def envelope(stream: Stream[E], service: str, cause: Entry[E] | None, now: datetime | None = None) -> Headers:
    """Return the headers of a new event, in the trace of `cause`, and with the moment at which that began."""
    first = {PUBLISHED: str(round(cause.published * 1000))} if cause else {}
    parent = cause.headers.get("traceparent", "") if cause else ""
    trace = parent.split("-")[1] if parent.count("-") == 3 else _hex(128)  # noqa: PLR2004  # four parts
    return {
        "ce-specversion": "1.0",
        "ce-id": _hex(128),
        "ce-time": (now or datetime.now(UTC)).isoformat(),
        "ce-source": f"paperwire/{service}",
        "ce-type": stream.name,
        "traceparent": f"00-{trace}-{_hex(64)}-01",
    } | first


def _hex(bits: int) -> str:
    """Return an id that protects nothing, so that it needs no secure randomness, which is ten times slower."""
    return f"{random.getrandbits(bits):0{bits // 4}x}"  # see above


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
            if correlation.startswith(import_progress.IMPORT):
                import_progress.count(self.write, correlation, {field: count})

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
