"""The loop that looks for pictures of papers: two papers at a time, and never before the polls of sources."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Final

import structlog

from services.fetcher.http.polite import HostBusyError
from services.fetcher.pictures.picture_search import Found, PictureSearch
from services.fetcher.pictures.picture_store import PictureStore
from shared import telemetry
from shared.board.rows import PictureWish
from shared.errors import TransientError
from shared.outages import POSSIBLE_OUTAGES, outage

PLACES: Final = 2
"""Papers that are looked for at once."""
PAUSE_S: Final = 2.0
"""Seconds between two looks at the wishes."""
UPKEEP_S: Final = 60.0
SEARCH_S: Final = 300.0
"""Seconds for one paper at all its places, including the waits for their hosts."""
AGAIN_S: Final = 6 * 3_600.0
"""Seconds until a picture that could not be fetched is looked for again."""
log = structlog.get_logger("fetcher")


class PictureLoop:
    """Looks for wanted pictures, keeps the number and age of pictures within bounds, and shows how many there are."""

    def __init__(
        self,
        store: PictureStore,
        search: PictureSearch,
        *,
        paused: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`paused` says whether nothing is to be fetched, as the disk is full; `clock` returns seconds."""
        self._store = store
        self._search = search
        self._paused = paused
        self._clock = clock
        self._upkeep: float | None = None
        self._last_error: str | None = None

    async def run(self) -> None:
        """Look until cancelled; what is being looked for then is looked for again after its lease."""
        while True:
            try:
                await self.round()
            except POSSIBLE_OUTAGES as error:
                if (what := outage(error)) is None:
                    raise
                log.warning("pictures wait", error=what)
            await asyncio.sleep(PAUSE_S)

    async def round(self) -> None:
        """Look for every picture that is wanted now, and keep the bounds."""
        if self._search.origins and not self._paused():
            while wishes := await self._store.claim(PLACES):
                looks = (self._look(work_id, wish) for work_id, wish in wishes.items())
                for failure in await asyncio.gather(*looks, return_exceptions=True):
                    if failure:
                        raise failure
                await self._keep_bounds()
        await self._keep_bounds()

    async def _keep_bounds(self) -> None:
        """Delete what is too old or too many, and show what is kept, once a minute."""
        now = self._clock()
        if self._upkeep is None or now - self._upkeep >= UPKEEP_S:
            await self._store.expire()
            await self._store.show(self._search.origins, self._last_error)
            self._upkeep = now

    async def _look(self, work_id: str, wish: PictureWish) -> None:
        """Look for the picture of one paper, and store the result."""
        try:
            async with asyncio.timeout(SEARCH_S):
                found, reasons = await self._search.search(wish)
        except HostBusyError as error:
            await self._store.postpone(work_id, error.retry_after or UPKEEP_S, counted=False)
        except TransientError as error:
            await self._failed(work_id, str(error), max(error.retry_after or 0.0, AGAIN_S))
        except TimeoutError:
            await self._failed(work_id, f"no result within {SEARCH_S:g} s", AGAIN_S)
        else:
            await self._settle(work_id, found, reasons)

    async def _settle(self, work_id: str, found: Found | None, reasons: list[str]) -> None:
        """Store a picture, or end the wish for one: there is none, or the paper was withdrawn meanwhile."""
        if found and await self._store.store(work_id, found):
            log.info("picture found", paper=work_id, origin=found.origin, bytes=len(found.picture.body))
            await self._count("found")
            return
        await self._store.forget([work_id])
        if reasons:
            log.info("picture not found", paper=work_id, reasons=reasons)
            await self._count("none")

    async def _failed(self, work_id: str, reason: str, wait: float) -> None:
        self._last_error = reason
        log.info("picture failed", paper=work_id, reason=reason, retry_in_s=round(wait))
        await self._store.postpone(work_id, wait, counted=True)
        await self._count("failed")

    async def _count(self, outcome: str) -> None:
        telemetry.PICTURES.labels(outcome).inc()
        await self._store.count(outcome)
