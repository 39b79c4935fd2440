"""One stream entry: its bytes, its envelope (CloudEvents names and W3C traceparent), its event."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic

from faststream.redis.message import bDATA_KEY
from faststream.redis.parser import BinaryMessageFormatV1
from pydantic import ValidationError

from shared.errors import PermanentError
from shared.papers.streams import E, Stream

Headers = dict[str, str]
TRACKED = "import-"
"""A correlation id that begins so has its progress counted, entry by entry, in `progress:<id>`."""


@dataclass(frozen=True, slots=True)
class RawEntry:
    """An entry as Redis gave it."""

    id: str
    data: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Entry(Generic[E]):
    """A decoded entry. `headers` has `ce-id`, `ce-time`, `ce-source`, `ce-type`, `traceparent`, `correlation_id`."""

    id: str
    event: E
    headers: Headers
    data: bytes

    @property
    def correlation_id(self) -> str:
        """The id that all entries of one poll or one import share."""
        return self.headers.get("correlation_id", "")

    @property
    def tracked(self) -> bool:
        """Whether its progress is counted, since a command waits for it."""
        return self.correlation_id.startswith(TRACKED)

    @property
    def paper(self) -> str:
        """The id of the paper it is about, for the log."""
        about = getattr(self.event, "paper", None) or getattr(self.event, "item", None)
        return str(getattr(about, "id", ""))


def raw_entry(entry_id: bytes, fields: dict[bytes, bytes]) -> RawEntry:
    """Return an entry with its body; of an entry in another format, all fields are the body, for the dead letters."""
    data = fields.get(bDATA_KEY)
    return RawEntry(entry_id.decode("ascii"), repr(fields).encode() if data is None else data)


def decode(stream: Stream[E], raw: RawEntry) -> Entry[E]:
    """Read an entry as its stream's event.

    Raises:
        PermanentError: the body is no such event; the text names the first field that is wrong.

    """
    body, headers = BinaryMessageFormatV1.parse(raw.data)
    try:
        event = stream.event.model_validate_json(body)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"]) or "the body"
        message = f"not a {stream.event.__name__}: {where}: {problem['msg']}"
        raise PermanentError(message) from error
    return Entry(raw.id, event, headers, raw.data)


def envelope(stream: Stream[E], service: str, cause: Entry[E] | None, now: datetime | None = None) -> Headers:
    """Return the headers of a new event, in the trace of `cause`."""
    parent = cause.headers.get("traceparent", "") if cause else ""
    trace = parent.split("-")[1] if parent.count("-") == 3 else _hex(128)  # noqa: PLR2004  # four parts
    return {
        "ce-specversion": "1.0",
        "ce-id": _hex(128),
        "ce-time": (now or datetime.now(UTC)).isoformat(),
        "ce-source": f"paperwire/{service}",
        "ce-type": stream.name,
        "traceparent": f"00-{trace}-{_hex(64)}-01",
    }


def _hex(bits: int) -> str:
    """Return an id that protects nothing, so that it needs no secure randomness, which is ten times slower."""
    return f"{random.getrandbits(bits):0{bits // 4}x}"  # see above
