"""A query of the arXiv API as a source: new and revised papers among its results."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from services.fetcher.ledger.calendar import Calendar, arxiv_calendar
from services.fetcher.ledger.observation import Observation
from services.fetcher.sources.arxiv.api_client import ArxivApi
from services.fetcher.sources.arxiv.arxiv_text import bare_id
from services.fetcher.sources.port import Cursor, Poll, Refusal
from shared.errors import TransientError
from shared.papers.events import Item

LOOK_BACK: Final = timedelta(days=10)
"""Papers appear under their date of submission, days before their announcement: every poll looks this far back."""
MAX_RESULTS: Final = 5_000
"""Results read in one poll."""
AGAIN_S: Final = 1_200.0


class ArxivQuery:
    """The results of a query by their last change; its language is the API's, as in `cat:cs.CL AND ti:parsing`."""

    def __init__(
        self,
        name: str,
        query: str,
        api: ArxivApi,
        clock: Callable[[], datetime],
        calendar: Calendar | None = None,
    ) -> None:
        """`clock` returns the time with its zone; the default calendar is arXiv's."""
        self.name = name
        self._query = query
        self._api = api
        self._clock = clock
        self._calendar = calendar or arxiv_calendar()

    async def poll(self, cursor: Cursor) -> Poll:
        """Read the results that changed lately; return those not returned before. Raises like every source."""
        now = self._clock()
        items, refusals, short = await self._recent(f"{(now - LOOK_BACK).astimezone(UTC):%Y-%m-%dT%H:%M:%S}")
        known = set(cursor.get("known", ()))
        fresh = [item for item in items if _key(item) not in known]
        keys = {_key(item) for item in items}
        day = self._calendar.day_of(now).isoformat()
        tally = _tally(cursor.get("tally", {}), day, fresh)
        # After a short answer the known results are kept, so that none is returned twice.
        memory = {"known": sorted(keys | known if short else keys), "tally": tally}
        seen = Observation(
            category=self._query[:100],
            day=day,
            received=tally["received"],
            expected=tally["received"] + short,
            missing=short,
            counts={"new": tally["new"], "revised": tally["revised"]},
        )
        detail = f"{short} results were not shown" if short else f"{len(items)} results of the last days, none new"
        state, again = ("partial", AGAIN_S) if short else ("ok", None)
        return Poll([_announced(item) for item in fresh], refusals, memory, detail, state, again, (seen,))

    async def _recent(self, horizon: str) -> tuple[list[Item], list[Refusal], int]:
        """Read results, newest change first, until they are older than the horizon; count those that are missing."""
        items: dict[str, Item] = {}
        refusals: list[Refusal] = []
        start = short = total = 0
        while start < min(MAX_RESULTS, self._api.depth):
            found = await self._api.slice(
                start, search_query=self._query, sortBy="lastUpdatedDate", sortOrder="descending"
            )
            total = max(total, found.total)
            if start == 0 and total and not found.entries:
                message = f"the API counts {total:,} results but returned none"
                raise TransientError(message)
            short += max(min(self._api.page, total - start) - found.entries, 0)
            items |= {item.id: item for item in found.items if (item.updated or horizon) >= horizon}
            refusals += found.refusals
            start += self._api.page
            if start >= total or any(item.updated and item.updated < horizon for item in found.items):
                break
        return list(items.values()), refusals, short


def _key(item: Item) -> str:
    return f"{bare_id(item.id)}|{item.version or 0}"


def _announced(item: Item) -> Item:
    """Set what the API does not say: a first version is new, a later one a replacement."""
    return item.model_copy(update={"announced": "replace" if (item.version or 1) > 1 else "new"})


def _tally(before: dict[str, Any], day: str, fresh: list[Item]) -> dict[str, Any]:
    """Return the counts of a day, including new items."""
    tally: dict[str, Any] = before if before.get("day") == day else {"day": day, "received": 0, "new": 0, "revised": 0}
    revised = sum((item.version or 1) > 1 for item in fresh)
    counts = {"received": len(fresh), "new": len(fresh) - revised, "revised": revised}
    return {**tally, **{name: tally[name] + count for name, count in counts.items()}}
