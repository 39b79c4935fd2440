"""Backfills: harvest the past of an archive page by page, behind live polling and no faster than it is indexed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import orjson

from services.fetcher.polling.outcome import CHUNK, publish_step
from services.fetcher.sources.port import BACKFILLED, Cursor
from shared.bus import Bus
from shared.bus.upkeep import lag
from shared.coordination.lease import Lease
from shared.errors import ConfigurationError
from shared.moments import Backoff
from shared.outages import POSSIBLE_OUTAGES, outage
from shared.papers.events import Item
from shared.papers.streams import ENRICHED, FETCHED

LOOK_S: Final = 1.0
"""Seconds between two looks at how far the indexer is."""
BACKOFF: Final = Backoff(base=60.0, cap=3_600.0, jitter=(1.0, 1.0))
"""Seconds to wait after the first failure in a row, and at most; they double."""
Harvest = Callable[[str | None, date, date, Cursor | None], AsyncIterator[tuple[list[Item], Cursor]]]


@dataclass(frozen=True, slots=True)
class HarvestProgress:
    """The progress of a backfill: its current day, the records so far, and what it is waiting for, in words."""

    day: date
    records: int
    refused: int = 0
    waits: str = ""
    missing: int = 0
    """Records that the archive counts but does not show."""


class Backfill:
    """One harvest of a set or query between two days. Run again, it continues where it stopped."""

    def __init__(  # noqa: PLR0913  # its collaborators, and both limits
        self,
        bus: Bus,
        harvest: Harvest,
        *,
        most_waiting: int,
        most_pending: int,
        show: Callable[[HarvestProgress], None],
        archive: str = "arxiv",
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        """It pauses while more papers than these are waiting for or pending in the enricher and the indexer.

        It continues when half as many are. `archive` identifies what `harvest` reads: each has its own cursors.
        """
        self._bus = bus
        self._harvest = harvest
        self._most = (most_waiting, most_pending)
        self._archive = archive
        self._show = show
        self._sleep = sleep
        self._progress = HarvestProgress(date.min, 0)

    async def run(self, set_spec: str | None, since: date, until: date) -> HarvestProgress:
        """Harvest until the end; after a transient error wait and continue.

        Raises:
            ConfigurationError: the same backfill is already running.
            PermanentError: the archive rejects the request, for example because it does not know the set.

        """
        key = f"backfill:{self._archive}:{set_spec or ''}:{since.isoformat()}"
        lease = Lease(self._bus.redis, key)
        if left := await lease.take():
            await self._pause("this backfill may be running already", left + 0.1)
            if await lease.take():  # it was renewed: its process is alive
                message = (
                    f"The backfill of {set_spec or 'all'} from {since} is already running: wait for it, or stop it."
                )
                raise ConfigurationError(message)
        async with lease.kept():
            return await self._run(key, set_spec, since, until)

    async def _run(self, key: str, set_spec: str | None, since: date, until: date) -> HarvestProgress:
        cursor = _extended(orjson.loads(await self._bus.redis.get(key) or b"{}"), until)
        failures = 0
        while not (cursor.get("done") and cursor.get("until") == until.isoformat()):
            self._progress = _progress(cursor, since)
            try:
                async for items, after in self._harvest(set_spec, since, until, cursor or None):
                    cursor = {**after, "until": until.isoformat()}
                    await self._publish(items, key, cursor)
                    self._progress, failures = _progress(cursor, since), 0
                    self._show(self._progress)
                    await self.drained(*self._most)
            except POSSIBLE_OUTAGES as error:
                if (what := outage(error)) is None:
                    raise
                failures += 1
                await self._pause(what, getattr(error, "retry_after", None) or BACKOFF.delay(failures))
        return _progress(cursor, since)

    async def drained(self, waiting: int, pending: int) -> None:
        """Wait while more papers than these are waiting or pending, until half as many are."""
        if await self._beyond(waiting, pending) is None:
            return
        while words := await self._beyond(waiting // 2, pending // 2):
            await self._pause(words, LOOK_S)

    async def _beyond(self, waiting: int, pending: int) -> str | None:
        """Return how many papers are on their way, in words, if they exceed the limits; else None."""
        counts = [
            await lag(self._bus.redis, stream.name, group, most=max(self._most) + 1)
            for stream in (FETCHED, ENRICHED)
            for group in stream.groups
        ]
        found = tuple(sum(count[name] for count in counts) for name in ("waiting", "pending"))
        if found[0] <= waiting and found[1] <= pending:
            return None
        return f"{found[0]:,} papers are waiting to be indexed, {found[1]:,} are pending"

    async def _pause(self, why: str, seconds: float) -> None:
        self._show(replace(self._progress, waits=why))
        await self._sleep(seconds)

    async def _publish(self, items: Sequence[Item], key: str, cursor: Cursor) -> None:
        """Publish a page; the cursor moves in the transaction of its last items."""
        announced = [item.model_copy(update={"announced": BACKFILLED}) for item in items]
        whole = max(len(announced) - 1, 0) // CHUNK * CHUNK
        for start in range(0, whole, CHUNK):
            await publish_step(self._bus, announced[start : start + CHUNK], BACKFILLED)
        await publish_step(self._bus, announced[whole:], BACKFILLED, {key: orjson.dumps(cursor)})


def _extended(cursor: Cursor, until: date) -> Cursor:
    """Reopen a finished harvest that now has a later end; its last day is read again, since it may have more records.

    The reopened day is read from its start: without a token, from number 0.
    """
    if not cursor.get("done") or cursor["until"] >= until.isoformat():
        return {**cursor, "until": until.isoformat()} if cursor else {}
    return {**cursor, "done": False, "day": cursor["until"], "token": None, "start": 0}


def _progress(cursor: Cursor, since: date) -> HarvestProgress:
    day = date.fromisoformat(cursor["day"][:10]) if cursor else since
    return HarvestProgress(day, cursor.get("records", 0), cursor.get("refused", 0), missing=cursor.get("missing", 0))
