"""The `papers` collection as the notifier reads it. The indexer owns it; until it exists, it reads as empty."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from shared.embedding.embedder import text_of
from shared.embedding.vectors import words
from shared.papers.paper import Paper
from shared.papers.titles import title_letters
from shared.qdrant import BM25, DENSE, PAPERS, Qdrant, read_or
from shared.qdrant.client_library import QueryResponse, models

Vector = NDArray[np.float32]
_BATCH: Final = 256
_RANKED: Final = 5_000
"""Papers that one query ranks: their ids and scores alone are small."""
_HAVING: Final = 50_000
"""Papers with a term that one query lists: their ids alone are small."""
_PAGE_SIZE: Final = 64
"""Papers read at once: a larger page keeps the engine, the loop and the interpreter from the searches beside it."""
_NAMESAKES: Final = 8
"""Papers that are read for a title: it may be a part of theirs."""
_EXACT: Final = models.SearchParams(exact=True)
_FIELDS: Final = ["paper", "published_at"]


@dataclass(frozen=True, slots=True)
class IndexedPaper:
    """A paper of the index with its vector, and when it was published, or first seen if that is unknown."""

    paper: Paper
    vector: Vector
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Example:
    """What a subscription learns from a paper: its vector and its text."""

    vector: Vector
    text: str


@dataclass(frozen=True, slots=True)
class Scored:
    """A paper of the index and its score, which is 0 if no vector was compared."""

    paper: Paper
    score: float
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest of some papers to a vector."""

    id: str
    title: str
    score: float


class IndexedPapers:
    """Read papers. Every method raises TransientError if Qdrant does not answer."""

    def __init__(self, client: Qdrant) -> None:
        """Take a client, which the caller closes."""
        self._client = client

    async def examples(self, ids: Sequence[str]) -> dict[str, Example]:
        """Return the vectors and the texts of papers, by every id that they are known by."""
        fields = ["ids", "paper.title", "paper.abstract"]
        points, _ = await self._scroll(_known_as(ids), 2 * len(ids), fields, with_vectors=[DENSE]) if ids else ([], 0)
        found = [(point.payload or {}, _dense(point)) for point in points]
        return {id_: Example(vector, _text(payload)) for payload, vector in found for id_ in payload.get("ids", ())}

    async def those(self, ids: Sequence[str]) -> dict[str, IndexedPaper]:
        """Return papers with their vectors, by their own ids."""
        asked = [ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH)]
        pages = [await self._scroll(_known_as(part), 2 * len(part), _FIELDS, with_vectors=[DENSE]) for part in asked]
        found = [_known(point) for points, _ in pages for point in points]
        return {one.paper.id: one for one in found}

    async def one(self, paper: str) -> IndexedPaper | None:
        """Return a paper by any of its ids, or None."""
        points, _ = await self._scroll(_known_as([paper]), 1, _FIELDS, with_vectors=[DENSE])
        return _known(points[0]) if points else None

    async def current(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return papers as they are now, in JSON, by every id that they are known by."""
        if not ids:
            return {}
        # Without the client's models, which cost the event loop a second for the papers of a full reading list.
        asked = {"filter": _known_as(ids), "limit": 2 * len(ids), "with_payload": ["ids", "paper"]}
        found = await read_or(self._client.ask(PAPERS, "/scroll", asked), {"points": []})
        payloads = [point["payload"] for point in found["points"]]
        return {id_: payload["paper"] for payload in payloads for id_ in payload["ids"]}

    async def named(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the ids of papers, by every id that they are known by."""
        points, _ = await self._scroll(_known_as(ids), 2 * len(ids), ["ids", "paper.id"]) if ids else ([], 0)
        payloads = [point.payload or {} for point in points]
        return {id_: payload["paper"]["id"] for payload in payloads for id_ in payload["ids"]}

    async def titled(self, titles: Sequence[str]) -> dict[str, str]:
        """Return the ids of papers, by those of some titles that are theirs, whatever their signs and accents.

        Each title has to identify a work, as `title_letters` says.
        """
        phrases = [" ".join(words(title)) for title in titles]
        conditions = [models.FieldCondition(key="words.title", match=models.MatchPhrase(phrase=one)) for one in phrases]
        where, most = models.Filter(should=[*conditions]), _NAMESAKES * len(titles)
        points, _ = await self._scroll(where, most, ["paper.id", "paper.title"]) if titles else ([], 0)
        papers = [(point.payload or {})["paper"] for point in points]
        found = {title_letters(paper["title"]): paper["id"] for paper in papers}
        return {title: found[letters] for title in titles if (letters := title_letters(title)) in found}

    async def count(self, where: models.Filter) -> int:
        """Return the number of papers that a filter matches."""
        reading = self._client.count(PAPERS, count_filter=where, exact=True)
        return (await read_or(reading, models.CountResult(count=0))).count

    async def edge(self, where: models.Filter, direction: models.Direction) -> datetime | None:
        """Return when the first or last of the filtered papers was published, or None if there are none."""
        order = models.OrderBy(key="published_at", direction=direction)
        points, _ = await self._scroll(where, 1, _FIELDS[1:], order_by=order)
        return _moment(points[0].payload) if points else None

    async def nearest(self, asked: Sequence[tuple[Vector, Sequence[str]]]) -> list[Nearest | None]:
        """Return for each vector the nearest of the papers with the given ids, or None."""
        fields = ["paper.id", "paper.title"]
        requests = [
            models.QueryRequest(
                query=vector.tolist(), using=DENSE, filter=_known_as(ids), limit=1, with_payload=fields, params=_EXACT
            )
            for vector, ids in asked
        ]
        answers: list[QueryResponse] = []
        for start in range(0, len(requests), _BATCH):
            chunk = requests[start : start + _BATCH]
            nothing = [QueryResponse(points=[]) for _ in chunk]
            answers += await read_or(self._client.query_batch_points(PAPERS, chunk), nothing)
        return [_nearest(answer.points[0]) if answer.points else None for answer in answers]

    async def ranked(
        self, vector: Vector, where: models.Filter, least: float
    ) -> AsyncIterator[Sequence[tuple[str, float]]]:
        """Yield the points and the cosines of papers with a cosine of at least `least`, the nearest first."""
        asked = {"query": vector, "using": DENSE, "filter": where, "score_threshold": least, "params": _EXACT}
        async for page in self._points(asked, _RANKED):
            yield page

    async def having(self, term: int, where: models.Filter) -> AsyncIterator[Sequence[str]]:
        """Yield the points of papers whose title or abstract has a term, in no order."""
        asked = {"query": {"indices": [term], "values": [1.0]}, "using": BM25, "filter": where}
        async for page in self._points(asked, _HAVING):
            yield [point for point, _ in page]

    async def _points(self, asked: Mapping[str, Any], size: int) -> AsyncIterator[Sequence[tuple[str, float]]]:
        start = 0
        while True:
            request = {**asked, "limit": size, "offset": start}
            found = await read_or(self._client.ask(PAPERS, "/query", request), {"points": []})
            yield [(point["id"], point["score"]) for point in found["points"]]
            if len(found["points"]) < size:
                return
            start += size

    async def read(self, scores: Sequence[tuple[str, float]]) -> AsyncIterator[list[Scored]]:
        """Yield papers by their points, in order, page by page; those deleted meanwhile are left out."""
        for first in range(0, len(scores), _PAGE_SIZE):
            page = scores[first : first + _PAGE_SIZE]
            asked = {"ids": [point for point, _ in page], "with_payload": _FIELDS}
            found = await read_or(self._client.ask(PAPERS, "", asked), [])
            payloads = {point["id"]: point["payload"] for point in found}
            rows = [(payloads[point], score) for point, score in page if point in payloads]
            yield await asyncio.to_thread(_scored_page, rows)

    async def all(self, where: models.Filter) -> AsyncIterator[list[Scored]]:
        """Yield papers in no order, page by page."""
        offset: Any = None
        while True:
            asked = {"filter": where, "limit": _PAGE_SIZE, "with_payload": _FIELDS, "offset": offset}
            found = await read_or(self._client.ask(PAPERS, "/scroll", asked), {"points": []})
            yield await asyncio.to_thread(_scored_page, [(point["payload"], 0.0) for point in found["points"]])
            offset = found.get("next_page_offset")
            if offset is None:
                return

    async def _scroll(
        self,
        where: models.Filter,
        limit: int,
        fields: Sequence[str],
        **more: Any,  # noqa: ANN401  # options of Qdrant's
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


def _text(payload: dict[str, Any]) -> str:
    paper = payload.get("paper", {})
    return text_of(paper.get("title", ""), paper.get("abstract", ""))


def _paper(payload: dict[str, Any] | None) -> Paper:
    return Paper.model_validate((payload or {})["paper"])


def _known(point: models.Record) -> IndexedPaper:
    return IndexedPaper(_paper(point.payload), _dense(point), _moment(point.payload))


def _scored(payload: dict[str, Any] | None, score: float) -> Scored:
    return Scored(_paper(payload), score, _moment(payload))


def _scored_page(rows: Sequence[tuple[dict[str, Any] | None, float]]) -> list[Scored]:
    """Validate the papers of a page, which takes too long for the event loop."""
    return [_scored(payload, score) for payload, score in rows]


def _nearest(point: models.ScoredPoint) -> Nearest:
    paper = (point.payload or {})["paper"]
    return Nearest(paper["id"], paper["title"], round(point.score, 6))
