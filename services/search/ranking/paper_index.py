"""The `papers` collection as search reads it."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final

from services.search.query.filters import Filters
from services.search.ranking.fusion import Ranking
from services.search.ranking.list_points import ListPoints
from services.search.ranking.own_lists import LOOKS, OwnLists, within
from services.search.ranking.qdrant_filter import begins, where
from services.search.ranking.retrieval import Vectors, nearest, nearest_of_lists
from services.search.ranking.second_look import second_look
from services.search.ranking.vector_search import VectorSearch, rankings
from shared.qdrant import PAPERS, Qdrant, lacks_vector, read_or
from shared.qdrant.client_library import QueryResponse, UnexpectedResponse, models

_NEVER = models.IsEmptyCondition(is_empty=models.PayloadField(key="trending"))
_DATED = models.FieldCondition(key="year", range=models.Range(gte=0))
_UNDATED = models.IsEmptyCondition(is_empty=models.PayloadField(key="year"))
_PARTLY_DATED = models.FieldCondition(
    key="published_until", range=models.DatetimeRange(gte=datetime.min.replace(tzinfo=UTC))
)
_WHOLE = ["paper", "ids", "trend", "readings"]  # of one paper, all that its reader may ask
_PAGE = ("paper", "sketch")
_PEOPLE = 64
"""Papers read for the names with one prefix."""


class Sort(StrEnum):
    """The sort orders that need no query."""

    NEWEST = "newest"
    TRENDING = "trending"


_ORDERS: Final[Mapping[Sort, Sequence[tuple[str, *tuple[models.Condition, ...]]]]] = {
    Sort.NEWEST: (("published_at", _DATED), ("published_at", _UNDATED)),
    Sort.TRENDING: (("trending", _DATED), ("published_at", _NEVER, _DATED), ("published_at", _UNDATED)),
}
"""The keys that papers are listed by, one after the other, with the conditions of each.

Papers without a date come by the day on which they were seen: it says not when they appeared, so that they are last."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One point that was found; `payload` holds the fields that were asked for."""

    point: str
    score: float | None
    payload: dict[str, Any] = field(default_factory=dict)
    duplicates: tuple[str, ...] = ()  # the works that it stands for beside its own


class PaperIndex:
    """Reads papers; a collection that does not exist has none. Raises TransientError when Qdrant does not answer."""

    def __init__(self, client: Qdrant, clock: Callable[[], float] = time.monotonic) -> None:
        """The caller closes the client; `clock` returns seconds."""
        self._client = client
        self._lists = ListPoints(client, clock)

    async def nearest(
        self, vectors: Vectors, filters: models.Filter, *, limit: int, own: OwnLists | None = None
    ) -> tuple[Ranking, Ranking]:
        """Rank by closeness to a query: by its dense vector, and by its sparse one."""
        if own and own.large:
            points = await self._lists.of(own)
            if found := await nearest_of_lists(self._client, vectors, filters, points, limit):
                return found
        return await nearest(self._client, vectors, within(filters, own), limit)

    async def second_look(self, text: str, vectors: Vectors, points: Sequence[str]) -> tuple[Ranking, dict[str, float]]:
        """Compare some papers with a query once more: by their titles, and by its pairs of words."""
        return await second_look(self._client, text, vectors, points)

    async def ordered(
        self, filters: models.Filter, sort: Sort, *, limit: int, fields: Sequence[str] = ("paper",)
    ) -> list[Hit]:
        """List without a query. The newest papers follow the trending ones, and those without a date come last."""
        rows: list[Hit] = []
        for key, *conditions in _ORDERS[sort]:
            if len(rows) < limit:
                these = models.Filter(must=[filters, *conditions])
                rows += await self._by(key, these, limit - len(rows), fields)
        return rows

    async def ordered_points(
        self, filters: models.Filter, sort: Sort, *, limit: int, own: OwnLists | None = None
    ) -> list[str]:
        """List the points of papers without a query, as `ordered` does."""
        if own and own.large:
            points = await self._lists.of(own)
            for look in LOOKS:
                hits = await self.ordered(filters, sort, limit=look, fields=())
                kept = [hit.point for hit in hits if points.lets_through(hit.point)]
                if len(kept) >= limit or len(hits) < look:
                    return kept[:limit]
        return [hit.point for hit in await self.ordered(within(filters, own), sort, limit=limit, fields=())]

    async def last_day(self, filters: models.Filter) -> date | None:
        """Return the newest day of all papers whose day is known."""
        whole = models.Filter(must=[filters], must_not=[_PARTLY_DATED])
        rows = await self._by("published_at", whole, 1, ("published_at",))
        return date.fromisoformat(rows[0].payload["published_at"][:10]) if rows else None

    async def known(self, ids: Sequence[str]) -> dict[str, Hit]:
        """Find works by canonical ids, withdrawn ones too: each id that is known, with its paper."""
        reading = self._client.scroll(PAPERS, where(Filters(ids=tuple(ids))), limit=len(ids), with_payload=_WHOLE)
        records, _ = await read_or(reading, ([], None))
        found = [Hit(str(record.id), None, record.payload or {}) for record in records]
        return {known: hit for hit in found for known in hit.payload["ids"]}

    async def get(self, points: Sequence[str], fields: Sequence[str] = _PAGE) -> dict[str, dict[str, Any]]:
        """Fetch papers by point id."""
        if not points:
            return {}
        records = await read_or(self._client.ask(PAPERS, "", {"ids": points, "with_payload": fields}), [])
        return {record["id"]: record["payload"] for record in records}

    async def vectors(self, points: Sequence[str], *names: str) -> dict[str, dict[str, Any]]:
        """Read vectors of some names by point and name, as Qdrant's JSON; one that a point does not have is left out.

        The last name may be new: without it, where an index of an earlier version does not know it.
        """
        body = {"ids": points, "with_payload": False, "with_vector": names}
        try:
            records = await read_or(self._client.ask(PAPERS, "", body), [])
        except UnexpectedResponse as error:
            if not lacks_vector(error) or len(names) == 1:
                raise
            return await self.vectors(points, *names[:-1])
        return {record["id"]: record.get("vector") or {} for record in records}

    async def rankings(self, searches: Sequence[VectorSearch]) -> list[Ranking]:
        """Rank by several vectors, in one request."""
        return await rankings(self._client, searches)

    async def author_keys(self, prefixes: Iterable[str]) -> set[str]:
        """Return keys of authors with one of the prefixes; of very many, some."""
        queries = [
            models.QueryRequest(filter=begins("author_keys", text), limit=_PEOPLE, with_payload=["author_keys"])
            for text in prefixes
        ]
        found = await self._batch(queries) if queries else []
        return {key for answer in found for point in answer.points for key in (point.payload or {})["author_keys"]}

    async def count(self, filters: models.Filter | None = None) -> int:
        """Count the papers that a filter lets through, or all."""
        return (await read_or(self._client.count(PAPERS, filters, exact=True), models.CountResult(count=0))).count

    async def facet(self, key: str, filters: models.Filter, *, limit: int) -> list[tuple[str | int | bool, int]]:
        """Count the papers of each value of a field, the most frequent first."""
        reading = self._client.facet(PAPERS, key, facet_filter=filters, limit=limit)
        answer = await read_or(reading, models.FacetResponse(hits=[]))
        return [(hit.value, hit.count) for hit in answer.hits]

    async def _by(self, key: str, filters: models.Filter, limit: int, fields: Sequence[str]) -> list[Hit]:
        query = {"order_by": {"key": key, "direction": "desc"}}
        body = {"query": query, "filter": filters, "limit": limit, "with_payload": list(fields)}
        answer = await read_or(self._client.ask(PAPERS, "/query", body), {"points": []})
        return [Hit(point["id"], None, point.get("payload") or {}) for point in answer["points"]]

    async def _batch(self, queries: list[models.QueryRequest]) -> list[QueryResponse]:
        return await read_or(self._client.query_batch_points(PAPERS, queries), [])
