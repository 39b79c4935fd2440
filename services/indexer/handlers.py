"""Enriched works in, findable works out."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from services.indexer.papers import Known, QdrantPapers, Written
from services.indexer.point import payload
from shared import telemetry
from shared.bus import Entry, Hop
from shared.embedding.embedder import Embedder, SparseVector, text_of
from shared.embedding.vectors import pack_vector, sketch
from shared.papers.events import PaperEnriched, PaperIndexed
from shared.papers.paper import point_id
from shared.papers.streams import INDEXED

Enriched = Sequence[Entry[PaperEnriched]]
Vector = tuple[NDArray[np.float32], SparseVector | None]
"""Dense and sparse; without the latter it is the one that the index holds already."""
Vectors = dict[str, Vector]


class Indexing:
    """Embeds what has a new text, writes what has changed, tells what has happened."""

    def __init__(self, embedder: Embedder, papers: QdrantPapers) -> None:
        """Work with the process's model and the collection."""
        self._embedder = embedder
        self._papers = papers

    async def index(self, entries: Enriched, hop: Hop) -> None:
        """Index a batch. Seeing it again changes nothing in the index, and tells the same changes again."""
        now = datetime.now(UTC)
        latest = _latest(entries)
        gone = {point_id(name): name for entry in entries for name in entry.event.merged}
        known = await self._papers.known(list(latest))
        vectors = await self._vectors(latest, known)
        rows = [
            _written(point, event, vectors[point], now)
            for point, event in latest.items()
            if point not in gone and (point not in known or known[point].revision < event.revision)
        ]
        await self._papers.write(rows, list(gone))
        await self._papers.drop_joined(_doubtful(latest, known, rows))
        for entry in entries:
            if entry.event.changes:
                event = entry.event
                vector = pack_vector(vectors[point_id(event.paper.id)][0])
                indexed = PaperIndexed(
                    paper=event.paper, changes=event.changes, vector=vector, model=self._embedder.model, indexed_at=now
                )
                await hop.publish(INDEXED, indexed, entry)

    async def _vectors(self, latest: dict[str, PaperEnriched], known: dict[str, Known]) -> Vectors:
        """Give the vectors of every point: those of the index where the text is the same, else new ones."""
        vectors: Vectors = {point: (row.vector, None) for point, row in known.items()}
        new = [
            point
            for point, event in latest.items()
            if point not in known
            or (known[point].revision < event.revision and known[point].fingerprint != event.fingerprint)
        ]
        texts = [text_of(latest[point].paper.title, latest[point].paper.abstract) for point in new]
        if texts:
            dense, sparse = await self._embedder.papers(texts), await self._embedder.sparse_papers(texts)
            vectors |= {point: (dense[row], sparse[row]) for row, point in enumerate(new)}
            telemetry.EMBEDDED.inc(len(new))
        return vectors


def _written(point: str, event: PaperEnriched, vector: Vector, now: datetime) -> Written:
    dense, sparse = vector
    fields = {**payload(event, now), "sketch": sketch(dense)}
    return Written(point, fields, event.revision, dense if sparse else None, sparse)


def _doubtful(latest: dict[str, PaperEnriched], known: dict[str, Known], rows: Sequence[Written]) -> dict[str, str]:
    """Give the works whose points we may have made although they are a part of another by now.

    Those written whole; and those found as they were to be written, for we may have been stopped before we looked.
    """
    again = (point for point, row in known.items() if row.revision == latest[point].revision)
    return {latest[point].paper.id: point for point in (*again, *(row.point for row in rows if row.sparse))}


def _latest(entries: Enriched) -> dict[str, PaperEnriched]:
    """Keep the newest state of each work in the batch."""
    latest: dict[str, PaperEnriched] = {}
    for entry in entries:
        point = point_id(entry.event.paper.id)
        if point not in latest or latest[point].revision <= entry.event.revision:
            latest[point] = entry.event
    return latest
