"""The handler of enriched papers: works are embedded, written to the index, and published as indexed."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from services.indexer.papers import IndexedWork, PointWrite, QdrantPapers, payload
from shared import telemetry
from shared.bus import Entry, Hop
from shared.embedding.embedder import Embedder, PaperVectors, embed
from shared.embedding.vectors import pack_vector, sketch
from shared.papers.events import PaperEnriched, PaperIndexed
from shared.papers.names import point_id
from shared.papers.streams import INDEXED
from shared.qdrant import ANALYSED

Enriched = Sequence[Entry[PaperEnriched]]
Vector = NDArray[np.float32]
Vectors = dict[str, Vector]
"""Dense vectors by point."""
New = dict[str, PaperVectors]
"""The vectors of texts that are not in the index, by point."""


class Indexer:
    """Embeds new texts, writes changed works, and publishes their changes."""

    def __init__(self, embedder: Embedder, papers: QdrantPapers, *, with_endings: bool = True) -> None:
        """Use the embedder of the process and the `papers` collection; `with_endings` embeds last sentences too."""
        self._with_endings = with_endings
        self._embedder = embedder
        self._papers = papers

    async def index(self, entries: Enriched, hop: Hop) -> None:
        """Index a batch. A batch that is delivered again leaves the index as it is, and publishes the same changes."""
        now = datetime.now(UTC)
        states = _latest(entries)
        latest = {point: event for point, event in states.items() if not event.removed}
        joined = {point_id(work_id) for entry in entries for work_id in entry.event.merged}
        gone = joined | (states.keys() - latest.keys())
        known = await self._papers.known(list(latest))
        new = await self._new(latest, known)
        vectors = {point: work.vector for point, work in known.items()}
        vectors |= {point: one.dense for point, one in new.items()}
        writes = [
            _write(event, known.get(point), vectors[point], new.get(point), now)
            for point, event in latest.items()
            if point not in gone and (point not in known or known[point].revision < event.revision)
        ]
        await self._papers.write(writes, sorted(gone))
        await self._papers.drop_joined(_possibly_joined(latest, known, writes))
        for entry in entries:
            if entry.event.changes and point_id(entry.event.paper.id) in vectors:
                await hop.publish(INDEXED, self._indexed_event(entry.event, vectors, now), entry)

    def _indexed_event(self, event: PaperEnriched, vectors: Vectors, now: datetime) -> PaperIndexed:
        vector = pack_vector(vectors[point_id(event.paper.id)])
        model = self._embedder.model
        return PaperIndexed(paper=event.paper, changes=event.changes, vector=vector, model=model, indexed_at=now)

    async def _new(self, latest: dict[str, PaperEnriched], known: dict[str, IndexedWork]) -> New:
        """Embed every text that the index does not have."""
        new = [
            point
            for point, event in latest.items()
            if point not in known
            or (known[point].revision < event.revision and known[point].fingerprint != event.fingerprint)
        ]
        papers = [latest[point].paper for point in new]
        texts = [(paper.title, paper.abstract) for paper in papers]
        found = await embed(self._embedder, texts, with_endings=self._with_endings)
        telemetry.EMBEDDED.inc(len(new))
        return dict(zip(new, found, strict=True))


def _write(
    event: PaperEnriched, known: IndexedWork | None, dense: Vector, vectors: PaperVectors | None, now: datetime
) -> PointWrite:
    fields = {**payload(event, now), "sketch": sketch(dense)}
    if vectors is None and known:
        fields[ANALYSED] = known.analysis  # its other vectors are as they were
    return PointWrite(point_id(event.paper.id), fields, event.revision, vectors)


def _possibly_joined(
    latest: dict[str, PaperEnriched], known: dict[str, IndexedWork], writes: Sequence[PointWrite]
) -> dict[str, str]:
    """Return the works whose points this process may have created after they were joined to another work.

    These are the points that were written with vectors, and those that were found as they would be written: an earlier
    delivery may have ended between writing and checking.
    """
    again = (point for point, work in known.items() if work.revision == latest[point].revision)
    return {latest[point].paper.id: point for point in (*again, *(write.point for write in writes if write.vectors))}


def _latest(entries: Enriched) -> dict[str, PaperEnriched]:
    """Return the newest state of each work in the batch, by point; a work that comes back counts its revisions anew."""
    latest: dict[str, PaperEnriched] = {}
    for entry in entries:
        point = point_id(entry.event.paper.id)
        if point not in latest or latest[point].removed or latest[point].revision <= entry.event.revision:
            latest[point] = entry.event
    return latest
