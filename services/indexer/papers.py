"""The `papers` collection as the indexer writes it: the payload of a work, and the points."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time
from http import HTTPStatus
from typing import Any, Final

import numpy as np
import structlog
from numpy.typing import NDArray

from shared.embedding.embedder import Embedder, PaperVectors, Parts, SparseVector
from shared.embedding.vectors import ANALYSIS, words
from shared.errors import ConfigurationError, TransientError
from shared.moments import iso, parse_moment
from shared.papers.events import PaperEnriched
from shared.papers.paper import Paper
from shared.papers.partial_dates import last_day, precision
from shared.papers.person_names import known_keys
from shared.qdrant import ANALYSED, BM25, DENSE, ENDINGS, PAPERS, TITLE, ensure_papers, lacks_vector, outages
from shared.qdrant.client_library import AsyncQdrantClient, UnexpectedResponse, models

log = structlog.get_logger("indexer")
PAGE: Final = 1_000
"""Points that are read at once."""
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Where sample papers without a date are ordered: they are not of the day on which an instance began."""
RETRY_S: Final = 0.2
"""Seconds after which a write is tried again once the collection exists."""


@dataclass(frozen=True, slots=True)
class IndexedWork:
    """The fields of a work in the index."""

    fingerprint: str
    revision: int
    vector: NDArray[np.float32]
    analysis: int
    """The version of the analysis that its vectors are of; 0 if it is not stated."""


@dataclass(frozen=True, slots=True)
class PointWrite:
    """A point to write; without vectors, only its payload. It does not replace the same or a later revision."""

    point: str
    payload: dict[str, Any]
    revision: int
    vectors: PaperVectors | None = None


def payload(event: PaperEnriched, indexed_at: datetime) -> dict[str, Any]:
    """Return the payload of a work's point: the public paper, fields for filters and orders, and its trend."""
    paper = event.paper
    published = parse_moment(paper.published) if paper.published else None
    fields: dict[str, Any] = {
        "paper": paper.model_dump(mode="json"),
        "ids": list(event.aliases),
        **analysed(paper.title, paper.abstract, [author.name for author in paper.authors]),
        "source_names": list(dict.fromkeys(ref.source for ref in paper.sources)),
        "year": published.year if published else None,
        "has_code": bool(paper.links.code),
        "published_at": iso(published or (LONG_AGO if paper.sample else first_seen(paper)) or indexed_at),
        "published_until": published_until(paper),
        "first_seen": iso(seen) if (seen := first_seen(paper)) else None,
        "indexed_at": iso(indexed_at),
        "trending": paper.trending,
        "trend": event.trend and event.trend.model_dump(mode="json"),
        "readings": [reading.model_dump(mode="json", exclude_none=True) for reading in event.readings] or None,
        "fingerprint": event.fingerprint,
        "revision": event.revision,
    }
    return {field: value for field, value in fields.items() if value is not None}


def analysed(title: str, abstract: str, authors: Iterable[str]) -> dict[str, Any]:
    """Return the fields that words and names are found by, with the version of their analysis."""
    return {
        "author_keys": list(dict.fromkeys(key for author in authors for key in known_keys(author))),
        "words": {"title": " ".join(words(title)), "abstract": " ".join(words(abstract))},
        ANALYSED: ANALYSIS,
    }


def published_until(paper: Paper) -> str | None:
    """Return until when a paper was published of which a year or a month is known: its end, or when it was seen."""
    if paper.published is None or precision(paper.published) == "day":
        return None
    end = datetime.combine(last_day(paper.published), time.max, UTC)
    return iso(max(parse_moment(paper.published), min(end, first_seen(paper) or end)))


def first_seen(paper: Paper) -> datetime | None:
    """Return when the first source showed a paper, which orders a paper that has no date."""
    return min((parse_moment(ref.seen_at) for ref in paper.sources if ref.seen_at), default=None)


class QdrantPapers:
    """Reads and writes points; a write that was acknowledged can be found.

    A collection that is missing is an outage of Qdrant, as when it was restored without it: whatever finds it missing
    creates it again and fails with `TransientError`, so that its caller tries again.
    """

    def __init__(self, client: AsyncQdrantClient, embedder: Embedder) -> None:
        """The collection holds vectors of `embedder`. The caller closes both."""
        self._client = client
        self._embedder = embedder
        self.lost = False
        """Whether the index lost all papers and was not compared with the records since."""

    async def ensure(self) -> None:
        """Create the collection if it does not exist; raises as `ensure_papers`."""
        await ensure_papers(self._client, self._embedder.model, self._embedder.size)

    async def known(self, points: Sequence[str]) -> dict[str, IndexedWork]:
        """Return the points that exist, by id.

        Raises:
            TransientError: Qdrant does not answer.

        """
        async with self._present():
            records = await self._client.retrieve(
                PAPERS, list(points), with_payload=["fingerprint", "revision", ANALYSED], with_vectors=[DENSE]
            )
        return {str(record.id): _indexed_work(record) for record in records}

    async def write(self, writes: Sequence[PointWrite], gone: Sequence[str] = ()) -> None:
        """Write points and payloads, then delete the points `gone`, in one request; wait until they can be found.

        Qdrant compares the revisions, as another indexer may have written since these works were read.

        Raises:
            TransientError: Qdrant does not answer.

        """
        operations: list[models.UpdateOperation] = []
        for revision in sorted({each.revision for each in writes if each.vectors}):
            fresh = [_point(each) for each in writes if each.vectors and each.revision == revision]
            upsert = models.PointsList(points=fresh, update_filter=models.Filter(must=_older(revision)))
            operations.append(models.UpsertOperation(upsert=upsert))
        for each in writes:
            if each.vectors is None:
                which = models.Filter(must=[models.HasIdCondition(has_id=[each.point]), _older(each.revision)])
                change = models.SetPayload(payload=each.payload, filter=which)
                operations.append(models.OverwritePayloadOperation(overwrite_payload=change))
        if gone:
            operations.append(models.DeleteOperation(delete=models.PointIdsList(points=list(gone))))
        if operations:
            async with self._present():
                await self._client.batch_update_points(PAPERS, operations, wait=True)

    async def drop_joined(self, works: Mapping[str, str]) -> None:
        """Delete those of some works (points by work id) that were joined to another work meanwhile.

        It is called after writing. An indexer that joins two works writes the one that stays before it deletes the
        other, so either that write is seen here, or the deletion follows our write.

        Raises:
            TransientError: Qdrant does not answer.

        """
        if not works:
            return
        named = models.FieldCondition(key="ids", match=models.MatchAny(any=list(works)))
        others = models.Filter(must=[named], must_not=[models.HasIdCondition(has_id=list(works.values()))])
        async with self._present():
            records, _ = await self._client.scroll(PAPERS, others, limit=len(works), with_payload=["ids"])
        joined = {each for record in records for each in (record.payload or {}).get("ids", ())} & works.keys()
        await self.write([], [works[work_id] for work_id in sorted(joined)])

    async def count(self) -> int:
        """Return how many points there are; raises as `known`."""
        async with self._present():
            return (await self._client.count(PAPERS, exact=True)).count

    async def revisions(self, first: str, end: str | None) -> dict[str, int]:
        """Return the revisions of the points from id `first` to before `end`; raises as `known`."""
        found: dict[str, int] = {}
        offset: models.ExtendedPointId | None = first
        while offset is not None and (end is None or str(offset) < end):
            async with self._present():
                records, offset = await self._client.scroll(
                    PAPERS, limit=PAGE, offset=offset, with_payload=["revision"]
                )
            found |= {str(record.id): int((record.payload or {}).get("revision", 0)) for record in records}
        return {point: revision for point, revision in found.items() if end is None or point < end}

    async def work_ids(self, points: Sequence[str]) -> list[str]:
        """Return the ids of the works of some points; raises as `known`."""
        if not points:
            return []
        async with self._present():
            records = await self._client.retrieve(PAPERS, list(points), with_payload=["paper.id"])
        papers = [(record.payload or {}).get("paper", {}) for record in records]
        return [str(paper["id"]) for paper in papers if "id" in paper]

    @asynccontextmanager
    async def _present(self) -> AsyncIterator[None]:
        """Turn failures of Qdrant into `TransientError`; create the collection again where it is missing."""
        try:
            async with outages():
                yield
        except UnexpectedResponse as error:
            if lacks_vector(error):
                await self.ensure()  # it was restored from before the vector was added
                raise TransientError("a vector was missing in the papers collection", retry_after=RETRY_S) from error
            if error.status_code != HTTPStatus.NOT_FOUND:
                raise
            await self._create_again()
            message = "the papers collection was missing in Qdrant and was created again"
            raise TransientError(message, retry_after=RETRY_S) from error

    async def _create_again(self) -> None:
        self.lost = True
        log.error("collection missing", collection=PAPERS)
        try:
            await self.ensure()
        except (ConfigurationError, UnexpectedResponse) as error:
            raise TransientError(f"the papers collection cannot be created again: {error}") from error


def _older(revision: int) -> models.FieldCondition:
    return models.FieldCondition(key="revision", range=models.Range(lt=revision))


def _indexed_work(record: models.Record) -> IndexedWork:
    payload = record.payload or {}
    vectors = record.vector if isinstance(record.vector, dict) else {}
    vector = np.asarray(vectors.get(DENSE), dtype=np.float32)
    revision, analysis = (int(payload.get(field, 0)) for field in ("revision", ANALYSED))
    return IndexedWork(str(payload.get("fingerprint")), revision, vector, analysis)


def _point(write: PointWrite) -> models.PointStruct:
    if write.vectors is None:
        raise ValueError(f"point {write.point} has no vectors to upsert")
    vectors = {DENSE: write.vectors.dense.tolist(), **vectors_of(write.vectors.sparse, write.vectors.parts)}
    return models.PointStruct(id=write.point, vector=vectors, payload=write.payload)


def vectors_of(sparse: SparseVector, parts: Parts) -> dict[str, Any]:
    """Return the vectors of a point but for that of its whole text, as Qdrant takes them."""
    return {
        BM25: models.SparseVector(indices=sparse.indices, values=sparse.values),
        TITLE: parts.title.tolist(),
        **({ENDINGS: parts.endings.tolist()} if len(parts.endings) else {}),
    }
