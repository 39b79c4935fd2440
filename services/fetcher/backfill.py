"""Backfill: the past of an archive, page by page, behind live polling and no faster than the indexer follows."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import orjson

from services.fetcher.exclusive import Exclusive
from services.fetcher.publishing import CHUNK, publish_step
from services.fetcher.sources.port import Cursor
from shared.bus import Bus
from shared.bus.upkeep import lag
from shared.errors import ConfigurationError, TransientError
from shared.events import Item
from shared.streams import ENRICHED, FETCHED

ANNOUNCED: Final = "backfill"
"""What the items say of themselves: that they exist is no news to any subscriber."""
LOOK_S: Final = 1.0
"""Between two looks at how far the indexer is."""
WAITS: Final = (60.0, 3_600.0)
"""Seconds to wait after the first failure in a row, and at most; they double."""
Harvest = Callable[[str | None, date, date, Cursor | None], AsyncIterator[tuple[list[Item], Cursor]]]


@dataclass(frozen=True, slots=True)
class Stand:
    """How far a backfill is: the day it reads, the records so far, and what it waits for, in words."""

    day: date
    records: int
    refused: int = 0
    waits: str = ""


class Backfill:
    """One harvest of a set between two days. Run again, it goes on where it stopped, whatever stopped it."""

    def __init__(
        self,
        bus: Bus,
        harvest: Harvest,
        *,
        limit: int,
        show: Callable[[Stand], None],
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        """With more than `limit` papers before the enricher and the indexer it pauses, until they are half as many."""
        self._bus = bus
        self._harvest = harvest
        self._limit = limit
        self._show = show
        self._sleep = sleep
        self._stand = Stand(date.min, 0)

    async def run(self, set_spec: str | None, since: date, until: date) -> Stand:
        """Harvest until the end; what fails for the moment is waited for.

        Raises:
            ConfigurationError: the same backfill runs already.
            PermanentError: the archive does not know the set, or what else was asked.

        """
        key = f"backfill:arxiv:{set_spec or ''}:{since.isoformat()}"
        lease = Exclusive(self._bus.redis, key)
        if left := await lease.take():
            await self._pause("this backfill may be running already", left + 0.1)
            if await lease.take():  # it was renewed: somebody lives
                message = (
                    f"The backfill of {set_spec or 'all sets'} from {since} is already running: let it, or stop it."
                )
                raise ConfigurationError(message)
        async with lease.kept():
            return await self._run(key, set_spec, since, until)

    async def _run(self, key: str, set_spec: str | None, since: date, until: date) -> Stand:
        cursor = _extended(orjson.loads(await self._bus.redis.get(key) or b"{}"), until)
        failures = 0
        while not (cursor.get("done") and cursor.get("until") == until.isoformat()):
            self._stand = _stand(cursor, since)
            try:
                async for items, after in self._harvest(set_spec, since, until, cursor or None):
                    cursor = {**after, "until": until.isoformat()}
                    await self._publish(items, key, cursor)
                    self._stand, failures = _stand(cursor, since), 0
                    self._show(self._stand)
                    await self.drained(self._limit)
            except TransientError as error:
                failures += 1
                await self._pause(str(error), error.retry_after or min(WAITS[0] * 2 ** (failures - 1), WAITS[1]))
        return _stand(cursor, since)

    async def drained(self, limit: int) -> None:
        """Wait, where more than `limit` papers are on their way to the index, until half of them are."""
        if await self._behind() <= limit:
            return
        while (behind := await self._behind()) > limit // 2:
            await self._pause(f"{behind:,} papers are on their way to the index", LOOK_S)

    async def _behind(self) -> int:
        counts = [
            await lag(self._bus.redis, stream.name, group, most=self._limit + 1)
            for stream in (FETCHED, ENRICHED)
            for group in stream.groups
        ]
        return sum(count["waiting"] + count["pending"] for count in counts)

    async def _pause(self, why: str, seconds: float) -> None:
        self._show(Stand(self._stand.day, self._stand.records, self._stand.refused, why))
        await self._sleep(seconds)

    async def _publish(self, items: Sequence[Item], key: str, cursor: Cursor) -> None:
        """Publish a page; the cursor moves in the transaction of its last items."""
        told = [item.model_copy(update={"announced": ANNOUNCED}) for item in items]
        whole = max(len(told) - 1, 0) // CHUNK * CHUNK
        for start in range(0, whole, CHUNK):
            await publish_step(self._bus, told[start : start + CHUNK], ANNOUNCED)
        await publish_step(self._bus, told[whole:], ANNOUNCED, {key: orjson.dumps(cursor)})


def _extended(cursor: Cursor, until: date) -> Cursor:
    """Take up a finished harvest again where it is to go further now; its last day may have had more since."""
    if not cursor.get("done") or cursor["until"] >= until.isoformat():
        return {**cursor, "until": until.isoformat()} if cursor else {}
    return {**cursor, "done": False, "day": cursor["until"], "token": None}


def _stand(cursor: Cursor, since: date) -> Stand:
    day = date.fromisoformat(cursor["day"]) if cursor else since
    return Stand(day, cursor.get("records", 0), cursor.get("refused", 0))
