"""The `papers` collection as the notifier reads it; the indexer owns it. One that nobody made yet holds none."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.models import QueryResponse

from shared.papers.paper import Paper
from shared.qdrant import DENSE, PAPERS, read_or

Vector = NDArray[np.float32]
_PAGE: Final = 256
_EXACT: Final = models.SearchParams(exact=True)
_FIELDS: Final = ["paper", "published_at"]


@dataclass(frozen=True, slots=True)
class Known:
    """A paper of the index, with its vector and when it came out, or was first seen if it does not say."""

    paper: Paper
    vector: Vector
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Scored:
    """A paper of the index and its score; 0 where meaning does not count."""

    paper: Paper
    score: float
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Nearest:
    """The paper of some that is nearest to another."""

    id: str
    title: str
    score: float


class IndexedPapers:
    """Reads papers. TransientError when Qdrant does not answer."""

    def __init__(self, client: AsyncQdrantClient) -> None:
        """Use a client that stays the caller's."""
        self._client = client

    async def vectors(self, ids: Sequence[str]) -> dict[str, Vector]:
        """Fetch the vectors of papers, by every id they are known by."""
        points, _ = await self._scroll(_known_as(ids), 2 * len(ids), ["ids"], with_vectors=[DENSE]) if ids else ([], 0)
        return {name: _dense(point) for point in points for name in (point.payload or {}).get("ids", ())}

    async def one(self, paper: str) -> Known | None:
        """Read one paper by any of its ids."""
        points, _ = await self._scroll(_known_as([paper]), 1, _FIELDS, with_vectors=[DENSE])
        return _known(points[0]) if points else None

    async def count(self, where: models.Filter) -> int:
        """Count papers."""
        reading = self._client.count(PAPERS, count_filter=where, exact=True)
        return (await read_or(reading, models.CountResult(count=0))).count

    async def edge(self, where: models.Filter, direction: models.Direction) -> datetime | None:
        """Give when the first or the last of some papers came out."""
        order = models.OrderBy(key="published_at", direction=direction)
        points, _ = await self._scroll(where, 1, _FIELDS[1:], order_by=order)
        return _moment(points[0].payload) if points else None

    async def nearest(self, asked: Sequence[tuple[Vector, Sequence[str]]]) -> list[Nearest | None]:
        """Find for each vector the nearest of the papers with these ids."""
        fields = ["paper.id", "paper.title"]
        requests = [
            models.QueryRequest(
                query=vector.tolist(), using=DENSE, filter=_known_as(ids), limit=1, with_payload=fields, params=_EXACT
            )
            for vector, ids in asked
        ]
        answers: list[QueryResponse] = []
        for start in range(0, len(requests), _PAGE):
            chunk = requests[start : start + _PAGE]
            nothing = [QueryResponse(points=[]) for _ in chunk]
            answers += await read_or(self._client.query_batch_points(PAPERS, chunk), nothing)
        return [_nearest(answer.points[0]) if answer.points else None for answer in answers]

    async def near(self, vector: Vector, where: models.Filter, least: float) -> AsyncIterator[list[Scored]]:
        """Walk through papers that score at least `least`, the nearest first, page by page."""
        start = 0
        while True:
            reading = self._client.query_points(
                PAPERS, query=vector.tolist(), using=DENSE, query_filter=where, score_threshold=least, limit=_PAGE,
                offset=start, with_payload=_FIELDS, search_params=_EXACT,
            )  # fmt: skip
            points = (await read_or(reading, QueryResponse(points=[]))).points
            yield [_scored(point.payload, point.score) for point in points]
            if len(points) < _PAGE:
                return
            start += _PAGE

    async def all(self, where: models.Filter) -> AsyncIterator[list[Scored]]:
        """Walk through papers in no order, page by page."""
        offset: Any = None
        while True:
            points, offset = await self._scroll(where, _PAGE, _FIELDS, offset=offset)
            yield [_scored(point.payload, 0.0) for point in points]
            if offset is None:
                return

    async def _scroll(
        self,
        where: models.Filter,
        limit: int,
        fields: Sequence[str],
        **more: Any,  # noqa: ANN401  # Qdrant's own
    ) -> tuple[list[models.Record], Any]:
        reading = self._client.scroll(PAPERS, scroll_filter=where, limit=limit, with_payload=list(fields), **more)
        return await read_or(reading, ([], None))


def _known_as(ids: Sequence[str]) -> models.Filter:
    return models.Filter(must=[models.FieldCondition(key="ids", match=models.MatchAny(any=list(ids)))])


def _moment(payload: dict[str, Any] | None) -> datetime:
    return datetime.fromisoformat((payload or {})["published_at"])


def _dense(point: models.Record) -> Vector:
    vectors: Any = point.vector
    return np.asarray(vectors[DENSE], np.float32)


def _paper(payload: dict[str, Any] | None) -> Paper:
    return Paper.model_validate((payload or {})["paper"])


def _known(point: models.Record) -> Known:
    return Known(_paper(point.payload), _dense(point), _moment(point.payload))


def _scored(payload: dict[str, Any] | None, score: float) -> Scored:
    return Scored(_paper(payload), score, _moment(payload))


def _nearest(point: models.ScoredPoint) -> Nearest:
    paper = (point.payload or {})["paper"]
    return Nearest(paper["id"], paper["title"], round(point.score, 6))
