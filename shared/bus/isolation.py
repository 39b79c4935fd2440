"""Isolation: which entries of a batch fail, or take too long, by themselves.

It runs beside the reading, so that the entries behind do not wait. A batch is divided into parts and the parts that
fail into entries; several run at once, so that poisons in one batch use up their time together.
"""

import asyncio
import math
import random
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Final, Generic, Protocol, TypeVar

import structlog

from shared.bus.hop import Entry, RawEntry
from shared.errors import PermanentError
from shared.moments import Backoff
from shared.outages import outage
from shared.papers.streams import E
from shared.tasks import cancel
from shared.time_limit import TookTooLongError

PART: Final = 16
"""Entries that are tried together at least, before each is tried alone."""
AT_ONCE: Final = 8
"""Parts of a consumer, and also single entries, that are tried at once; each may hold a connection to Redis."""
BATCHES: Final = 16
"""Batches of a consumer that are isolated at once; then it reads no more for a while."""
DIVIDED_BATCHES: Final = 20
"""Batches after a slow one that are divided at once, since poisons come together."""
SLOW_DELIVERIES: Final = 2
"""Deliveries after which an entry is dead that took too long each time: a third would end like the others."""
REDELIVERIES: Final = Backoff(base=0.2, cap=2.0)
T = TypeVar("T")
log = structlog.get_logger("bus")


class Attempts(Protocol[E]):
    """What isolation needs of a consumer."""

    group: str

    @property
    def stopping(self) -> bool:
        """Whether nothing new is to be begun."""

    def held(self, ids: Sequence[str]) -> AbstractContextManager[None]:
        """Keep the claim of entries for the time of a block."""

    async def attempt(self, entries: Sequence[Entry[E]], limit: float) -> Exception | None:
        """Handle entries, and return the error that they cause themselves."""

    async def add_dead_letter(self, raw: RawEntry, reason: str, deliveries: int) -> None:
        """Move an entry to the dead letters."""

    async def redeliver(self, ids: Sequence[str]) -> None:
        """Have Redis count another delivery."""


class Isolation(Generic[E]):
    """Isolates the batches of one consumer."""

    def __init__(self, consumer: Attempts[E], max_deliveries: int, limit: float) -> None:
        """`limit` is the time of one entry alone, in seconds."""
        self._consumer = consumer
        self._max_deliveries = max_deliveries
        self._limit = limit
        self._batches = asyncio.Semaphore(BATCHES)
        self._parts = asyncio.Semaphore(AT_ONCE)
        self._singles = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self.dividing = 0
        """Batches that are still divided from the start, as one was slow lately."""

    async def begin(self, entries: Sequence[Entry[E]], error: Exception | None) -> None:
        """Isolate a batch that failed with `error`, or that is handled in parts as others were slow."""
        self._note(error)
        await self._batches.acquire()
        task = asyncio.create_task(self._run(entries, error))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def close(self) -> None:
        """Cancel what runs; the entries stay pending."""
        await cancel(self._tasks)

    def _note(self, error: Exception | None) -> None:
        self.dividing = DIVIDED_BATCHES if isinstance(error, TookTooLongError) else max(self.dividing - 1, 0)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._batches.release()
        self._tasks.discard(task)
        if task.cancelled() or not (error := task.exception()):
            return
        if what := outage(error):  # the entries are reclaimed, and isolated again
            log.warning("isolation delayed", group=self._consumer.group, error=what)
        else:
            log.error("isolation failed", group=self._consumer.group, exc_info=error)

    async def _run(self, entries: Sequence[Entry[E]], error: Exception | None) -> None:
        with self._consumer.held([entry.id for entry in entries]):
            if error and len(entries) == 1:
                failing = {entries[0]: error}
            else:
                failing = await self._alone(await self._suspects(entries))
            for deliveries in range(1, self._max_deliveries + 1):
                failing = await self._remove_final(failing, deliveries)
                if not failing or self._consumer.stopping:
                    return
                await self._redeliver(failing, deliveries)
                failing = await self._alone(list(failing))

    async def _suspects(self, entries: Sequence[Entry[E]]) -> list[Entry[E]]:
        """Handle entries part by part, and return those of the parts that failed."""
        if len(entries) <= PART:
            return list(entries)
        size = max(PART, math.isqrt(len(entries)))
        parts = [entries[start : start + size] for start in range(0, len(entries), size)]
        errors = await asyncio.gather(*(self._attempt(part, self._parts, self._limit / 2) for part in parts))
        for error in errors:
            self._note(error) if error else None
        return [entry for part, error in zip(parts, errors, strict=True) if error for entry in part]

    async def _alone(self, entries: Sequence[Entry[E]]) -> dict[Entry[E], Exception]:
        """Handle each entry alone, and return those that failed."""
        errors = await asyncio.gather(*(self._attempt([entry], self._singles, self._limit) for entry in entries))
        return {entry: error for entry, error in zip(entries, errors, strict=True) if error}

    async def _attempt(self, entries: Sequence[Entry[E]], places: asyncio.Semaphore, limit: float) -> Exception | None:
        async with places:
            return None if self._consumer.stopping else await self._consumer.attempt(entries, limit)

    async def _remove_final(self, failing: dict[Entry[E], Exception], deliveries: int) -> dict[Entry[E], Exception]:
        kept = {}
        for entry, error in failing.items():
            if self._consumer.stopping or not self._is_final(error, deliveries):
                kept[entry] = error
                continue
            with structlog.contextvars.bound_contextvars(paper=entry.paper, correlation_id=entry.correlation_id):
                await self._consumer.add_dead_letter(RawEntry(entry.id, entry.data), _reason(error), deliveries)
        return kept

    def _is_final(self, error: Exception, deliveries: int) -> bool:
        slow = isinstance(error, TookTooLongError) and deliveries >= SLOW_DELIVERIES
        return slow or deliveries == self._max_deliveries or isinstance(error, PermanentError)

    async def _redeliver(self, failing: dict[Entry[E], Exception], deliveries: int) -> None:
        """Wait, then claim the entries again; while Redis is silent this waits too, so that nothing is counted."""
        entry, error = next(iter(failing.items()))
        about = {"paper": entry.paper, "correlation_id": entry.correlation_id, "entries": len(failing)}
        trace = {"error": str(error)} if isinstance(error, TookTooLongError) else {"exc_info": error}
        log.warning("entries failed", group=self._consumer.group, deliveries=deliveries, **trace, **about)
        await asyncio.sleep(REDELIVERIES.delay(deliveries, random.random()))  # noqa: S311  # jitter is no secret
        await self._consumer.redeliver([entry.id for entry in failing])


def _reason(error: Exception) -> str:
    if isinstance(error, TookTooLongError):
        return f"The handler {error} for this entry alone."
    return str(error) if isinstance(error, PermanentError) else f"{type(error).__name__}: {error}"
