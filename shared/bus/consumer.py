"""A consumer of one stream for one group: batches, retries, reclaim, dead letters.

How an entry ends: its handler's step commits (done); a dependency is down (tried again here, for as long as
it takes, without a count); it fails by itself (redelivered alone, and dead after `max_deliveries`); its
process dies (another consumer reclaims it after `reclaim_idle`).
"""

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Final, Generic

import structlog
from redis.asyncio import Redis
from redis.exceptions import WatchError

from shared import telemetry
from shared.bus.dead import add_dead_letter
from shared.bus.hop import Entry, Hop, RawEntry, decode, raw_entry
from shared.bus.isolation import PART, Isolation
from shared.bus.pending import Claimable, Pending, Rows
from shared.errors import PermanentError
from shared.moments import Backoff
from shared.outages import outage
from shared.papers.streams import E, Stream
from shared.time_limit import time_limit

Handler = Callable[[Sequence[Entry[E]], Hop], Awaitable[None]]
OUTAGES: Final = Backoff(base=0.2, cap=15.0)
"""Waits while a dependency is down."""
log = structlog.get_logger("bus")


@dataclass(frozen=True, slots=True)
class Context:
    """What the consumers of a process share.

    `open_hop` opens an atomic step for a group. An entry that a silent consumer has held for `reclaim_idle` seconds is
    another's to take; at most `batch` are taken at once. After `max_deliveries` an entry is a dead letter.
    A handler may take `handler_limit` seconds for one entry alone, and half of that for several.
    """

    redis: "Redis[bytes]"
    open_hop: Callable[[str], AbstractAsyncContextManager[Hop]]
    reclaim_idle: float
    batch: int
    max_deliveries: int
    handler_limit: float
    in_hand: set[tuple[str, str, str]] = field(default_factory=set)
    """Stream, group and id of what this process handles: a process that is starved reclaims nothing from itself."""
    names: set[str] = field(default_factory=set)
    """The consumers of this process."""


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
        context.names.add(name)
        self._context = context
        self._handler = handler
        self._held: set[str] = set()
        self._pending = Pending(context.redis, stream.name, group, name)
        self._turn = asyncio.Lock()
        self._stopping = False
        self._isolation = Isolation(self, context.max_deliveries, context.handler_limit)

    @property
    def stopping(self) -> bool:
        """Whether nothing new is to be begun, since the process ends or the fuse is blown."""
        return self._stopping or self.fuse.blown

    def stop(self) -> None:
        """Stop waiting for a dependency; pending entries are left to another consumer or to the next start."""
        self._stopping = True

    async def close(self) -> None:
        """Cancel what is handled beside the reading, after `stop`."""
        await self._isolation.close()

    async def receive(self, rows: Sequence[tuple[bytes, dict[bytes, bytes]]]) -> None:
        """Handle the entries of one delivery."""
        async with self._turn:
            await self._receive(rows)

    async def _receive(self, rows: Sequence[tuple[bytes, dict[bytes, bytes]]]) -> None:
        if self.fuse.blown:
            return  # the entries stay pending, and another process reclaims them
        raws = [raw_entry(entry_id, fields) for entry_id, fields in rows]
        with self.held([raw.id for raw in raws]):
            entries = []
            for raw in raws:
                try:
                    entries.append(decode(self.stream, raw))
                except PermanentError as error:
                    await self.add_dead_letter(raw, str(error), 1)
            if entries:
                await self._attempt(entries)

    @contextlib.contextmanager
    def held(self, ids: Sequence[str]) -> Iterator[None]:
        """Keep the claim of entries for the time of the block, so that no other consumer reclaims them."""
        keys = {self._key(id_) for id_ in ids}
        self._context.in_hand.update(keys)
        self._held.update(ids)
        try:
            yield
        finally:
            self._held.difference_update(ids)
            self._context.in_hand.difference_update(keys)

    async def renew(self) -> None:
        """Claim what is held once more, so that it is not idle. Raises redis errors."""
        if self._held:
            await self._pending.renew(list(self._held))

    def _key(self, id_: str) -> tuple[str, str, str]:
        return self.stream.name, self.group, id_

    async def _attempt(self, entries: Sequence[Entry[E]]) -> None:
        """Handle entries; those that fail, or take too long, are isolated while the next are handled."""
        if self._isolation.dividing and len(entries) > PART:
            await self._isolation.begin(entries, None)
        elif error := await self.attempt(entries, self._context.handler_limit / 2):
            await self._isolation.begin(entries, error)

    async def attempt(self, entries: Sequence[Entry[E]], limit: float) -> Exception | None:
        """Handle entries, and return the error that they cause themselves; outages are waited out.

        The handler is cancelled after `limit` seconds.
        """
        attempt = 0
        while not (self._stopping and attempt):
            try:
                await self._step(entries, limit)
            except WatchError:
                await asyncio.sleep(random.random() / 100)  # noqa: S311  # two processes wrote the same key: avoid a second collision
            except Exception as error:  # noqa: BLE001  # no error of a handler may stop the stream
                if (what := outage(error)) is None:
                    return error
                self.outage = what if attempt else None  # one failure may be a restart
                delay = getattr(error, "retry_after", None) or OUTAGES.delay(attempt + 1, random.random())  # noqa: S311  # jitter is no secret
                log.warning("dependency failed", group=self.group, error=what) if not attempt else None
                await asyncio.sleep(delay)
                attempt += 1
            else:
                self.outage = None
                log.info("dependency answers", group=self.group) if attempt else None
                return None
        return None

    async def _step(self, entries: Sequence[Entry[E]], limit: float) -> None:
        with telemetry.HANDLING.labels(self.stream.name, self.group).time():
            async with self._context.open_hop(self.group) as hop:
                await self._handle(entries, hop, limit)
                kept = [entry for entry in entries if entry.id not in hop.rejected]
                hop.settle(self.group, self.stream.name, kept) if kept else None
                for entry in entries:
                    if entry.id in hop.rejected:
                        raw = RawEntry(entry.id, entry.data)
                        add_dead_letter(hop.write, self.stream.name, self.group, raw, hop.rejected[entry.id], 1)
                await hop.commit()
        self._record(handled=len(kept), dead=len(hop.rejected))

    async def _handle(self, entries: Sequence[Entry[E]], hop: Hop, limit: float) -> None:
        """Run the handler. The commit has no limit: a transaction that is cancelled may have been executed."""
        async with time_limit(limit):
            await self._handler(entries, hop)

    async def add_dead_letter(self, raw: RawEntry, reason: str, deliveries: int) -> None:
        """Move an entry to the dead letters."""
        async with self._context.redis.pipeline(transaction=True) as pipe:
            add_dead_letter(pipe, self.stream.name, self.group, raw, reason, deliveries)
            (moved,) = await pipe.execute()
        if moved:  # else another consumer was quicker, as this process was slow
            log.error("dead_letter written", stream=self.stream.dead, entry=raw.id, reason=reason)
            self._record(dead=1)

    async def redeliver(self, ids: Sequence[str]) -> None:
        """Claim entries again, which counts another delivery."""
        await self._pending.redeliver(ids)

    def _record(self, *, handled: int = 0, dead: int = 0) -> None:
        self.fuse.record(handled=handled, dead=dead)
        telemetry.ENTRIES.labels(self.stream.name, self.group, "handled").inc(handled)
        telemetry.ENTRIES.labels(self.stream.name, self.group, "dead").inc(dead)

    async def reclaim(self, *, own_only: bool = False) -> None:
        """Claim and handle what nobody handles; an entry that was redelivered is handled alone.

        What was delivered to this process, and lost on the way to it, is claimed without counting another delivery.
        With `own_only`, entries of other processes are left alone: they may be alive and unable to renew their claims.
        """
        async with self._turn:  # entries that this consumer is handling are not abandoned
            found = await self._pending.idle(self._idle_ms, self._context.batch)
            rows = [row for row in found if self._key(row.id.decode()) not in self._context.in_hand]
            lost = [row for row in rows if row.consumer in self._context.names]
            await self._reclaim(lost, 0)
            if not own_only:
                await self._reclaim([row for row in rows if row not in lost], 1)

    @property
    def _idle_ms(self) -> int:
        return int(self._context.reclaim_idle * 1000)

    async def _reclaim(self, rows: Sequence[Claimable], more: int) -> None:
        """Claim and handle entries, as delivered so many times `more`."""
        if fresh := [row.id for row in rows if row.deliveries == 1]:
            await self._receive(await self._claim(fresh, 1 + more))
        for row in rows:
            if row.deliveries > 1 and not self._stopping:
                await self._reclaim_alone(row, more)

    async def _reclaim_alone(self, row: Claimable, more: int) -> None:
        for row_id, fields in await self._claim([row.id], row.deliveries + more):
            if more and row.deliveries >= self._context.max_deliveries:
                reason = f"delivered {row.deliveries} times and never acknowledged: its consumers ended each time"
                await self.add_dead_letter(raw_entry(row_id, fields), reason, row.deliveries)
            else:
                await self._receive([(row_id, fields)])

    async def _claim(self, ids: Sequence[bytes], deliveries: int) -> Rows:
        found = await self._pending.claim(ids, deliveries, self._idle_ms)
        log.info("entries reclaimed", group=self.group, entries=len(found)) if found else None
        return found
