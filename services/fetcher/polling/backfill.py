"""Backfill: the past of an archive, page by page, behind live polling and no faster than the indexer follows."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import orjson

from services.fetcher.polling.publishing import CHUNK, publish_step
from services.fetcher.sources.port import BACKFILLED, Cursor
from shared.bus import Bus
from shared.bus.upkeep import lag
from shared.coordination.lease import Lease
from shared.errors import ConfigurationError, TransientError
from shared.papers.events import Item
from shared.papers.streams import ENRICHED, FETCHED
from shared.pauses import Backoff

LOOK_S: Final = 1.0
"""Between two looks at how far the indexer is."""
BACKOFF: Final = Backoff(base=60.0, cap=3_600.0, jitter=(1.0, 1.0))
"""Seconds to wait after the first failure in a row, and at most; they double."""
Harvest = Callable[[str | None, date, date, Cursor | None], AsyncIterator[tuple[list[Item], Cursor]]]


@dataclass(frozen=True, slots=True)
class HarvestProgress:
    """How far a backfill is: the day it reads, the records so far, and what it waits for, in words."""

    day: date
    records: int
    refused: int = 0
    waits: str = ""
    missing: int = 0
    """Records that the archive counts and does not show."""


class Backfill:
    """One harvest of a set between two days. Run again, it goes on where it stopped, whatever stopped it."""

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
        """With more than so many papers before the enricher and the indexer, or in their hands, it pauses.

        It goes on when half as many are. `archive` names what `harvest` reads: each has cursors of its own.
        """
        self._bus = bus
        self._harvest = harvest
        self._most = (most_waiting, most_pending)
        self._archive = archive
        self._show = show
        self._sleep = sleep
        self._progress = HarvestProgress(date.min, 0)

    async def run(self, set_spec: str | None, since: date, until: date) -> HarvestProgress:
        """Harvest until the end; what fails for the moment is waited for.

        Raises:
            ConfigurationError: the same backfill runs already.
            PermanentError: the archive does not know the set, or what else was asked.

        """
        key = f"backfill:{self._archive}:{set_spec or ''}:{since.isoformat()}"
        lease = Lease(self._bus.redis, key)
        if left := await lease.take():
            await self._pause("this backfill may be running already", left + 0.1)
            if await lease.take():  # it was renewed: somebody lives
                message = f"The backfill of {set_spec or 'all'} from {since} is already running: let it, or stop it."
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
            except TransientError as error:
                failures += 1
                await self._pause(str(error), error.retry_after or BACKOFF.delay(failures))
        return _progress(cursor, since)

    async def drained(self, waiting: int, pending: int) -> None:
        """Wait, where more papers than so many wait for the index or are in hand, until half of them do."""
        if await self._beyond(waiting, pending) is None:
            return
        while words := await self._beyond(waiting // 2, pending // 2):
            await self._pause(words, LOOK_S)

    async def _beyond(self, waiting: int, pending: int) -> str | None:
        """Say how many papers are on their way, where they are more than so many; else give None."""
        counts = [
            await lag(self._bus.redis, stream.name, group, most=max(self._most) + 1)
            for stream in (FETCHED, ENRICHED)
            for group in stream.groups
        ]
        found = tuple(sum(count[name] for count in counts) for name in ("waiting", "pending"))
        if found[0] <= waiting and found[1] <= pending:
            return None
        return f"{found[0]:,} papers wait for the index, and {found[1]:,} are in hand"

    async def _pause(self, why: str, seconds: float) -> None:
        self._show(replace(self._progress, waits=why))
        await self._sleep(seconds)

    async def _publish(self, items: Sequence[Item], key: str, cursor: Cursor) -> None:
        """Publish a page; the cursor moves in the transaction of its last items."""
        told = [item.model_copy(update={"announced": BACKFILLED}) for item in items]
        whole = max(len(told) - 1, 0) // CHUNK * CHUNK
        for start in range(0, whole, CHUNK):
            await publish_step(self._bus, told[start : start + CHUNK], BACKFILLED)
        await publish_step(self._bus, told[whole:], BACKFILLED, {key: orjson.dumps(cursor)})


def _extended(cursor: Cursor, until: date) -> Cursor:
    """Take up a finished harvest again where it is to go further now; its last day may have had more since.

    What is read by tokens begins without one, and what is read by numbers with the first.
    """
    if not cursor.get("done") or cursor["until"] >= until.isoformat():
        return {**cursor, "until": until.isoformat()} if cursor else {}
    return {**cursor, "done": False, "day": cursor["until"], "token": None, "start": 0}


def _progress(cursor: Cursor, since: date) -> HarvestProgress:
    day = date.fromisoformat(cursor["day"][:10]) if cursor else since
    return HarvestProgress(day, cursor.get("records", 0), cursor.get("refused", 0), missing=cursor.get("missing", 0))
