"""Dead letters: entries that could not be handled, stored with the reason, to be shown, replayed or dropped."""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from faststream.redis.message import bDATA_KEY
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from shared.bus import import_progress, scripts
from shared.bus.hop import RawEntry, unpacked

MAX_REASON = 2_000
_MOVE: Final = scripts.source("shared.bus", "move_to_dead")


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One dead letter: `id` in the dead-letter stream, `entry` in the stream it came from."""

    id: str
    entry: str
    stream: str
    group: str
    reason: str
    deliveries: int
    died_at: str
    correlation_id: str
    body: str


def add_dead_letter(
    pipe: "Pipeline[bytes]", stream: str, group: str, raw: RawEntry, reason: str, deliveries: int
) -> None:
    """Move one entry to its dead-letter stream: ack and add in one step, unless another consumer has settled it."""
    _, headers = unpacked(raw.data)
    correlation = headers.get("correlation_id", "")
    fields: dict[bytes | str, bytes | str | int] = {
        bDATA_KEY: raw.data,
        "reason": reason[:MAX_REASON],
        "group": group,
        "entry": raw.id,
        "deliveries": deliveries,
        "died_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "correlation_id": correlation,
    }
    progress = import_progress.key(correlation) if correlation.startswith(import_progress.IMPORT) else ""
    flat = itertools.chain.from_iterable(fields.items())
    pipe.eval(_MOVE, 3, stream, f"dead.{stream}", progress, group, raw.id, import_progress.TTL_S, *flat)


async def letters(redis: "Redis[bytes]", stream: str, *, limit: int = 100, only: str | None = None) -> list[DeadLetter]:
    """List the dead letters of a stream, oldest first; `only` is the id of one."""
    rows = await redis.xrange(f"dead.{stream}", min=only or "-", max=only or "+", count=limit)
    return [_letter(stream, row_id, fields) for row_id, fields in rows]


def _letter(stream: str, row_id: bytes, fields: dict[bytes, bytes]) -> DeadLetter:
    def text(name: str) -> str:
        return fields.get(name.encode(), b"").decode("utf-8", "replace")

    body, _ = unpacked(fields.get(bDATA_KEY, b""))
    return DeadLetter(
        id=row_id.decode(),
        entry=text("entry"),
        stream=stream,
        group=text("group"),
        reason=text("reason"),
        deliveries=int(text("deliveries") or 0),
        died_at=text("died_at"),
        correlation_id=text("correlation_id"),
        body=body.decode("utf-8", "replace"),
    )


async def replay(redis: "Redis[bytes]", stream: str, ids: list[str]) -> int:
    """Return dead letters to their stream, each in one transaction; return how many there were."""
    count = 0
    for letter_id in ids:
        for row_id, fields in await redis.xrange(f"dead.{stream}", min=letter_id, max=letter_id):
            async with redis.pipeline(transaction=True) as pipe:
                pipe.xadd(stream, {bDATA_KEY: fields[bDATA_KEY]})
                pipe.xdel(f"dead.{stream}", row_id)
                await pipe.execute()
            count += 1
    return count


async def drop(redis: "Redis[bytes]", stream: str, ids: list[str]) -> int:
    """Delete dead letters; return how many there were."""
    return int(await redis.xdel(f"dead.{stream}", *ids)) if ids else 0
