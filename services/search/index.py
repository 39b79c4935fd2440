"""The `papers` collection as search reads it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from numpy.typing import NDArray
from qdrant_client import models
from qdrant_client.http.models import QueryResponse

from services.search.conditions import STANDING, WITHDRAWN, begins, where
from services.search.fusion import Ranking
from services.search.query import Filters
from shared.embedding import SparseVector
from shared.qdrant import BM25, DENSE, EXACTLY, PAPERS, Qdrant, read_or

_NEVER = models.IsEmptyCondition(is_empty=models.PayloadField(key="trending"))
_WHOLE = ["paper", "ids", "trend", "readings"]  # of one paper, all that its reader may ask
_PAGE = ("paper", "sketch")
_PEOPLE = 64
"""Papers looked at for the names that begin in one way."""
_FEW = 16
"""Withdrawn papers that are looked for among 200 ranked ones: of arXiv's papers one in 200 is withdrawn."""
Json = Any


class Sort(StrEnum):
    """The orders that need no query."""

    NEWEST = "newest"
    TRENDING = "trending"


@dataclass(frozen=True, slots=True)
class Hit:
    """One point that was found; `payload` holds the fields that were asked for."""

    point: str
    score: float | None
    payload: dict[str, Any] = field(default_factory=dict)
    duplicates: tuple[str, ...] = ()  # the works that it stands for beside its own


@dataclass(frozen=True, slots=True)
class Vectors:
    """What a query is compared by; one of them may be missing."""

    dense: NDArray[Any] | None = None
    sparse: SparseVector | None = None


class Papers:
    """Reads papers. A collection that nobody made yet holds none; TransientError when Qdrant does not answer."""

    def __init__(self, client: Qdrant) -> None:
        """Use a client that stays the caller's."""
        self._client = client

    async def nearest(self, vectors: Vectors, filters: models.Filter, *, limit: int) -> tuple[Ranking, Ranking]:
        """Rank by closeness to a query: by its dense vector, and by its sparse one."""
        queries = _queries(vectors)
        if filters == STANDING:
            # A filter that lets nearly all papers through costs a quarter of the ranking: without it, and then without
            # the few withdrawn ones that were ranked, is the same.
            every, gone = await self._rankings(queries, (None, limit), (WITHDRAWN, _FEW))
            if not any(_crowded(every[name], gone[name]) for name in queries):
                left = {name: _without(every[name], gone[name]) for name in queries}
                return left.get(DENSE, ()), left.get(BM25, ())
        (found,) = await self._rankings(queries, (filters, limit))
        return found.get(DENSE, ()), found.get(BM25, ())

    async def ordered(
        self, filters: models.Filter, sort: Sort, *, limit: int, fields: Sequence[str] = ("paper",)
    ) -> list[Hit]:
        """List without a query. Of papers that never were trending, the newest follow the trending ones."""
        if sort is Sort.NEWEST:
            return await self._by("published_at", filters, limit, fields)
        rows = await self._by("trending", filters, limit, fields)
        if len(rows) < limit:
            others = models.Filter(must=[filters, _NEVER])
            rows += await self._by("published_at", others, limit - len(rows), fields)
        return rows

    async def last_day(self, filters: models.Filter) -> date | None:
        """Tell the newest day that any of the papers is listed under."""
        rows = await self._by("published_at", filters, 1, ("published_at",))
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

    async def like(
        self, positive: Sequence[str], negative: Sequence[str], filters: models.Filter, *, limit: int
    ) -> list[Hit]:
        """Recommend papers near some points and away from others; none of the given is among them."""
        given = models.RecommendInput(positive=list(positive), negative=list(negative))
        query = models.RecommendQuery(recommend=given)
        return await self._query(
            _PAGE, query=query, using=DENSE, query_filter=filters, limit=limit, search_params=EXACTLY
        )

    async def author_keys(self, beginnings: Iterable[str]) -> set[str]:
        """Give keys of authors that begin in one of some ways; of very many, some."""
        queries = [
            models.QueryRequest(filter=begins("author_keys", text), limit=_PEOPLE, with_payload=["author_keys"])
            for text in beginnings
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
        order = models.OrderByQuery(order_by=models.OrderBy(key=key, direction=models.Direction.DESC))
        rows = await self._query(fields, query=order, query_filter=filters, limit=limit)
        return [Hit(row.point, None, row.payload) for row in rows]

    async def _rankings(
        self, queries: Mapping[str, Json], *asked: tuple[models.Filter | None, int]
    ) -> list[dict[str, Ranking]]:
        """Rank by every vector, once for each filter and limit asked; in one request."""
        searches = [
            {"query": query, "using": name, "filter": filters, "limit": limit, "params": EXACTLY}
            for filters, limit in asked
            for name, query in queries.items()
        ]
        answers = await read_or(self._client.ask(PAPERS, "/query/batch", {"searches": searches}), []) if searches else []
        rankings = iter([[(point["id"], point["score"]) for point in answer["points"]] for answer in answers])
        return [{name: next(rankings, ()) for name in queries} for _ in asked]

    async def _batch(self, queries: list[models.QueryRequest]) -> list[QueryResponse]:
        return await read_or(self._client.query_batch_points(PAPERS, queries), [])

    async def _query(self, fields: Sequence[str], **query: Any) -> list[Hit]:  # noqa: ANN401  # Qdrant's own
        reading = self._client.query_points(PAPERS, with_payload=list(fields), **query)
        answer = await read_or(reading, QueryResponse(points=[]))
        return [Hit(str(point.id), round(point.score, 6), point.payload or {}) for point in answer.points]


def _queries(vectors: Vectors) -> dict[str, Json]:
    queries: dict[str, Json] = {}
    if vectors.dense is not None:
        queries[DENSE] = vectors.dense
    if vectors.sparse is not None and vectors.sparse.indices:  # a query of stopwords has none
        queries[BM25] = {"indices": vectors.sparse.indices, "values": vectors.sparse.values}
    return queries


def _crowded(every: Ranking, gone: Ranking) -> bool:
    """Tell whether more papers may be withdrawn among those ranked than were asked for."""
    return len(gone) == _FEW and bool(every) and gone[-1][1] >= every[-1][1]


def _without(every: Ranking, gone: Ranking) -> Ranking:
    points = {point for point, _ in gone}
    return [row for row in every if row[0] not in points] if points else every
