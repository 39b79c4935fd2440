"""A consumer of one stream for one group: batches, retries, reclaim, dead letters.

How an entry ends: its handler's step commits (done); a dependency is down (tried again here, for as long as
it takes, without a count); it fails by itself (redelivered alone, and dead after `max_deliveries`); its
process dies (another consumer reclaims it after `reclaim_idle`).
"""

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final, Generic

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError, WatchError

from shared import telemetry
from shared.bus.dead import bury
from shared.bus.hop import Entry, Hop, RawEntry, decode, raw_entry
from shared.errors import PermanentError
from shared.moments import Backoff
from shared.outages import outage
from shared.papers.streams import E, Stream

Handler = Callable[[Sequence[Entry[E]], Hop], Awaitable[None]]
OUTAGES: Final = Backoff(base=0.2, cap=15.0)
"""Waits while a dependency is down."""
REDELIVERIES: Final = Backoff(base=0.2, cap=2.0)
log = structlog.get_logger("bus")


class Fuse:
    """Blows when more than half of the last `window` entries, and at least `least`, were dead letters."""

    def __init__(self, window: int = 200, least: int = 50) -> None:
        """Both are counts of entries."""
        self._outcomes: deque[bool] = deque(maxlen=window)
        self._least = least
        self.blown = False

    def record(self, *, dead: int = 0, handled: int = 0) -> None:
        """Count entries by their outcome."""
        self._outcomes.extend([True] * min(dead, self._outcomes.maxlen or 0))
        self._outcomes.extend([False] * min(handled, self._outcomes.maxlen or 0))
        lost = sum(self._outcomes)
        self.blown = self.blown or (lost >= self._least and lost * 2 > len(self._outcomes))


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, PermanentError) else f"{type(error).__name__}: {error}"


@dataclass(frozen=True, slots=True)
class Context:
    """What the consumers of a process share.

    `open_hop` opens an atomic step for a group. An entry that a silent consumer has held for `reclaim_idle` seconds is
    another's to take; at most `batch` are taken at once. After `max_deliveries` an entry is a dead letter.
    """

    redis: "Redis[bytes]"
    open_hop: Callable[[str], AbstractAsyncContextManager[Hop]]
    reclaim_idle: float
    batch: int
    max_deliveries: int


class Consumer(Generic[E]):
    """Handles a stream's entries for a group; built by `Bus.consume`."""

    def __init__(self, context: Context, stream: Stream[E], group: str, name: str, handler: Handler[E]) -> None:
        """`handler` gets decoded entries and the step to write in; it may see an entry more than once."""
        self.stream = stream
        self.group = group
        self.name = name
        self.fuse = Fuse()
        self.outage: str | None = None
        """What this consumer is waiting for, or None."""
        self._context = context
        self._handler = handler
        self._turn = asyncio.Lock()
        self._stopping = False

    def stop(self) -> None:
        """Stop waiting for a dependency; pending entries are left to another consumer or to the next start."""
        self._stopping = True

    async def receive(self, rows: Sequence[tuple[bytes, dict[bytes, bytes]]]) -> None:
        """Handle the entries of one delivery."""
        async with self._turn:
            await self._receive(rows)

    async def _receive(self, rows: Sequence[tuple[bytes, dict[bytes, bytes]]]) -> None:
        if self.fuse.blown:
            return  # the entries stay pending, and another process reclaims them
        raws = [raw_entry(entry_id, fields) for entry_id, fields in rows]
        async with self._held([raw.id for raw in raws]):
            entries = []
            for raw in raws:
                try:
                    entries.append(decode(self.stream, raw))
                except PermanentError as error:
                    await self._bury(raw, str(error), 1)
            if entries:
                await self._attempt(entries)

    @contextlib.asynccontextmanager
    async def _held(self, ids: Sequence[str]) -> AsyncIterator[None]:
        """Renew the claim of entries for the time of the block, so that no other consumer reclaims them."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(self._context.reclaim_idle / 3)
                with contextlib.suppress(RedisError, OSError):
                    await self._context.redis.xclaim(self.stream.name, self.group, self.name, 0, list(ids), justid=True)

        renewal = asyncio.create_task(renew())
        try:
            yield
        finally:
            renewal.cancel()

    async def _attempt(self, entries: Sequence[Entry[E]]) -> None:
        if error := await self._try(entries):
            await self._isolate(entries, error)

    async def _try(self, entries: Sequence[Entry[E]]) -> Exception | None:
        """Handle entries, and return the error that they cause themselves; outages are waited out."""
        attempt = 0
        while not (self._stopping and attempt):
            try:
                await self._step(entries)
            except WatchError:
                await asyncio.sleep(random.random() / 100)  # noqa: S311  # two processes wrote the same key: avoid a second collision
            except Exception as error:  # noqa: BLE001  # no error of a handler may stop the stream
                if (what := outage(error)) is None:
                    return error
                self.outage = what if attempt else None  # one failure may be a restart
                delay = getattr(error, "retry_after", None) or OUTAGES.delay(attempt + 1, random.random())  # noqa: S311  # jitter is no secret
                log.warning("dependency failed", group=self.group, error=what, retry_in=round(delay, 1))
                await asyncio.sleep(delay)
                attempt += 1
            else:
                self.outage = None
                return None
        return None

    async def _isolate(self, entries: Sequence[Entry[E]], error: Exception) -> None:
        """Find the entries that fail alone, redeliver them a few times, then move them to the dead letters."""
        failing = dict.fromkeys(entries, error)
        for deliveries in range(1, self._context.max_deliveries + 1):
            if deliveries > 1 or len(entries) > 1:
                failing = await self._round(list(failing))
            failing = await self._bury_hopeless(failing, deliveries)
            if not failing or self._stopping or self.fuse.blown:
                return
            await self._redeliver(failing, deliveries)

    async def _bury_hopeless(self, failing: dict[Entry[E], Exception], deliveries: int) -> dict[Entry[E], Exception]:
        last = deliveries == self._context.max_deliveries
        kept = {}
        for entry, error in failing.items():
            if self.fuse.blown or not (last or isinstance(error, PermanentError)):
                kept[entry] = error
                continue
            with structlog.contextvars.bound_contextvars(paper=entry.paper, correlation_id=entry.correlation_id):
                await self._bury(RawEntry(entry.id, entry.data), _reason(error), deliveries)
        return kept

    async def _redeliver(self, failing: dict[Entry[E], Exception], deliveries: int) -> None:
        """Wait, then claim the entries again, which makes Redis count another delivery."""
        entry, error = next(iter(failing.items()))
        about = {"paper": entry.paper, "correlation_id": entry.correlation_id, "entries": len(failing)}
        log.warning("entries failed", group=self.group, deliveries=deliveries, exc_info=error, **about)
        await asyncio.sleep(REDELIVERIES.delay(deliveries, random.random()))  # noqa: S311  # jitter is no secret
        await self._context.redis.xclaim(self.stream.name, self.group, self.name, 0, [entry.id for entry in failing])

    async def _round(self, entries: Sequence[Entry[E]]) -> dict[Entry[E], Exception]:
        """Handle entries one by one, and return those that failed."""
        failed = {}
        for entry in entries:
            if not self._stopping and (error := await self._try([entry])):
                failed[entry] = error
        return failed

    async def _step(self, entries: Sequence[Entry[E]]) -> None:
        with telemetry.HANDLING.labels(self.stream.name, self.group).time():
            async with self._context.open_hop(self.group) as hop:
                await self._handler(entries, hop)
                kept = [entry for entry in entries if entry.id not in hop.rejected]
                hop.settle(self.group, self.stream.name, kept) if kept else None
                for entry in entries:
                    if entry.id in hop.rejected:
                        raw = RawEntry(entry.id, entry.data)
                        bury(hop.write, self.stream.name, self.group, raw, hop.rejected[entry.id], 1)
                await hop.commit()
        self._record(handled=len(kept), dead=len(hop.rejected))

    async def _bury(self, raw: RawEntry, reason: str, deliveries: int) -> None:
        log.error("entry buried", stream=self.stream.dead, entry=raw.id, reason=reason)
        async with self._context.redis.pipeline(transaction=True) as pipe:
            bury(pipe, self.stream.name, self.group, raw, reason, deliveries)
            await pipe.execute()
        self._record(dead=1)

    def _record(self, *, handled: int = 0, dead: int = 0) -> None:
        self.fuse.record(handled=handled, dead=dead)
        telemetry.ENTRIES.labels(self.stream.name, self.group, "handled").inc(handled)
        telemetry.ENTRIES.labels(self.stream.name, self.group, "dead").inc(dead)

    async def reclaim(self) -> None:
        """Claim and handle what a dead consumer left; an entry that was redelivered is handled alone."""
        async with self._turn:  # entries that this consumer is handling are not abandoned
            await self._reclaim()

    async def _reclaim(self) -> None:
        idle = int(self._context.reclaim_idle * 1000)
        pending: list[dict[str, Any]] = await self._context.redis.xpending_range(
            self.stream.name, self.group, min="-", max="+", count=self._context.batch, idle=idle
        )
        fresh = [row["message_id"] for row in pending if row["times_delivered"] == 1]
        if fresh:
            await self._receive(await self._claim(fresh, idle))
        for row in pending:
            if row["times_delivered"] > 1 and not self._stopping:
                await self._reclaim_alone(row["message_id"], row["times_delivered"], idle)

    async def _reclaim_alone(self, entry_id: bytes, deliveries: int, idle: int) -> None:
        for row_id, fields in await self._claim([entry_id], idle):
            if deliveries >= self._context.max_deliveries:
                reason = f"delivered {deliveries} times and never acknowledged: its consumers ended each time"
                await self._bury(raw_entry(row_id, fields), reason, deliveries)
            else:
                await self._receive([(row_id, fields)])

    async def _claim(self, ids: list[bytes], idle: int) -> list[tuple[bytes, dict[bytes, bytes]]]:
        """Claim entries, and return those that still exist; XCLAIM drops deleted ones from the pending list."""
        rows = await self._context.redis.xclaim(self.stream.name, self.group, self.name, idle, ids)
        found = [(row_id, fields) for row_id, fields in rows if row_id is not None and fields]
        log.info("entries reclaimed", group=self.group, entries=len(found)) if found else None
        return found
