"""Reads the papers that a taste recommends out of the index."""

from collections.abc import Callable, Mapping
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
from services.search.ranking.vector_search import VectorSearch, scoring, sparse_query
from services.search.similar.likeness import wanted_terms
from shared.embedding.vectors import SparseVector
from shared.qdrant import BM25, DENSE
from shared.qdrant.client_library import models

WINDOWS: Final = (14, 60)
"""Days that papers may be old; a window of too few papers is followed by the next one, the last by all papers."""
ENOUGH: Final = 60
"""Papers that a window must have."""
CANDIDATES: Final = 200
"""Papers read from each ranking."""
MAX_WORDED: Final = 24
"""Liked papers whose words are compared, the newest."""
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
        liked, near = [one.point for one in taste.liked], [one.point for one in taste.compared]
        worded = liked[:MAX_WORDED]
        vectors = await self._papers.vectors(worded, BM25)
        words = sparse_query(wanted_terms([SparseVector(**row[BM25]) for row in vectors.values() if row.get(BM25)], []))
        mean = {"recommend": {"positive": liked, "strategy": "average_vector"}}
        found = await self._papers.rankings(
            [
                *(VectorSearch(DENSE, query, wanted, CANDIDATES) for query in (mean, *near, *taste.away)),
                VectorSearch(BM25, words, wanted, CANDIDATES + len(worded)),
                scoring(BM25, words, worded),
            ]
        )
        first, *others, by_words, own = found
        mean_own = sum(score for _, score in own) / len(worded)
        return Rankings(first, others[: len(near)], others[len(near) :], by_words, mean_own)
