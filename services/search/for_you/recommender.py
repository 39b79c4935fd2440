"""Reads the papers that a taste recommends out of the index."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from services.search.for_you.scoring import Closeness, Rankings, arranged, closeness
from services.search.for_you.taste import Taste
from services.search.query.filters import Filters
from services.search.ranking.fusion import Ranking
from services.search.ranking.paper_index import PaperIndex
from services.search.ranking.qdrant_filter import where
from shared.qdrant.client_library import models

WINDOWS: Final = (14, 60)
"""Days that papers may be old; a window of too few papers is followed by the next one, the last by all papers."""
ENOUGH: Final = 60
"""Papers that a window must have."""
CANDIDATES: Final = 200
"""Papers read from each ranking."""
MAX_ARRANGED: Final = 100
"""The closest papers, which are put in order."""
_FIELDS: Final = ("paper", "ids", "sketch", "trend", "published_at")


@dataclass(frozen=True, slots=True)
class Recommended:
    """What a taste recommends, the best first: the order, and of each point its closeness and its payload."""

    order: Ranking
    close: Mapping[str, Closeness]
    payloads: Mapping[str, Mapping[str, Any]]
    days: int | None
    """The age of the oldest that could be among them, in days; None if there is no limit."""


class Recommender:
    """Recommends papers. `now` returns the moment in UTC."""

    def __init__(self, papers: PaperIndex, now: Callable[[], datetime]) -> None:
        self._papers = papers
        self._now = now

    async def recommend(self, taste: Taste, filters: Filters) -> Recommended:
        """Return the papers that are close to what was liked; none without a liked paper."""
        if not taste.liked:
            return Recommended((), {}, {}, None)
        wanted, days = await self._window(filters)
        close = closeness(taste, await self._rankings(taste, wanted))
        best = list(islice(close, MAX_ARRANGED + len(taste.seen)))
        found = await self._papers.get(best, _FIELDS)
        new = (point for point in best if point in found and taste.seen.isdisjoint(found[point]["ids"]))
        payloads = {point: found[point] for point in islice(new, MAX_ARRANGED)}
        return Recommended(arranged(close, payloads, self._now()), close, payloads, days)

    async def _window(self, filters: Filters) -> tuple[models.Filter, int | None]:
        """Return the filter of the shortest window that has enough papers, and its days."""
        today = self._now().date()
        for days in WINDOWS:
            wanted = where(filters, Filters(since=today - timedelta(days=days)))
            if await self._papers.count(wanted) >= ENOUGH:
                return wanted, days
        return where(filters), None

    async def _rankings(self, taste: Taste, wanted: models.Filter) -> Rankings:
        near = [one.point for one in taste.compared]
        mean = {"recommend": {"positive": [one.point for one in taste.liked], "strategy": "average_vector"}}
        queries: Sequence[Any] = [mean, *near, *taste.away]
        first, *others = await self._papers.rankings(queries, wanted, CANDIDATES)
        return Rankings(first, others[: len(near)], others[len(near) :])
