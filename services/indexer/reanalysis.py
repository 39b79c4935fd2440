"""After a change of the analysis of words, names and titles: reads the points of the index again, in the background.

Searches go on meanwhile; a point that was not read yet is found by meaning, and by words that the change left alone.
A start that was interrupted goes on where it stopped, as each point states the version of its analysis.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import structlog

from services.indexer.papers import analysed, vectors_of
from shared.bus.outage_log import OutageLog
from shared.embedding.embedder import Embedder, Parts, Text, embed_parts, text_of
from shared.embedding.vectors import ANALYSIS
from shared.errors import TransientError
from shared.qdrant import ANALYSED, PAPERS, ensure_papers, lacks_vector, read_or
from shared.qdrant.client_library import AsyncQdrantClient, UnexpectedResponse, models

PAGE: Final = 256
"""Points that are read and written at once."""
AT_ONCE: Final = 32
"""Papers whose parts are embedded before the texts of new papers have their turn."""
REPORT: Final = 40
"""Pages between two lines of the log: some 10,000 papers."""
RETRY_S: Final = 5.0
CHECK_S: Final = 600.0
_EARLIER: Final = models.Filter(must_not=[models.FieldCondition(key=ANALYSED, match=models.MatchValue(value=ANALYSIS))])
_FIELDS: Final = ["paper.title", "paper.abstract", "paper.authors", "revision"]
log = structlog.get_logger("indexer")


class Reanalysis:
    """Writes words, names, sparse vectors and those of titles, of points whose analysis is an earlier one."""

    def __init__(self, client: AsyncQdrantClient, embedder: Embedder, *, with_endings: bool = True) -> None:
        """The caller closes both; `with_endings` embeds the last sentences of abstracts too."""
        self._with_endings = with_endings
        self._client = client
        self._embedder = embedder
        self._outages = OutageLog()

    async def run(self) -> None:
        """Write all points that need it at start, and those of a snapshot that was restored since."""
        while True:
            pause = RETRY_S
            with self._outages.logged("reanalysis", RETRY_S, TransientError):
                await self.finish()
                pause = CHECK_S
            await asyncio.sleep(pause)

    async def finish(self) -> int:
        """Write all points that need it; return how many.

        Raises:
            TransientError: Qdrant does not answer.

        """
        left = (await read_or(self._client.count(PAPERS, _EARLIER, exact=True), models.CountResult(count=0))).count
        done = 0
        while points := await self.page():
            if done % (REPORT * PAGE) == 0:
                log.info("reanalysis running", done=done, of=left)
            await self.write(points)
            done += len(points)
        if done:
            log.info("reanalysis finished", papers=done)
        return done

    async def page(self) -> list[models.Record]:
        """Return some points of an earlier analysis; raises as `finish`."""
        reading = self._client.scroll(PAPERS, _EARLIER, limit=PAGE, with_payload=_FIELDS)
        points, _ = await read_or(reading, ([], None))
        return points

    async def write(self, points: list[models.Record]) -> None:
        """Write points as they were read; raises as `finish`.

        One that was written meanwhile has a later revision, and the new analysis. Where one was deleted, Qdrant writes
        none after it: they are read again, as they are when a snapshot without the vectors of titles was restored.
        """
        papers = [(point.payload or {}).get("paper", {}) for point in points]
        texts = [(paper.get("title", ""), paper.get("abstract", "")) for paper in papers]
        vectors: dict[int | None, list[models.PointVectors]] = defaultdict(list)
        payloads: list[models.UpdateOperation] = []
        rows = zip(points, papers, await self._vectors(texts), strict=True)
        for point, paper, vector in rows:
            revision = (point.payload or {}).get("revision")
            vectors[revision].append(models.PointVectors(id=point.id, vector=vector))
            same = models.Filter(must=[models.HasIdCondition(has_id=[point.id]), *_unchanged(revision)])
            change = models.SetPayload(payload=_fields(paper), filter=same)
            payloads.append(models.SetPayloadOperation(set_payload=change))
        operations: list[models.UpdateOperation] = [
            models.UpdateVectorsOperation(
                update_vectors=models.UpdateVectors(points=some, update_filter=models.Filter(must=_unchanged(revision)))
            )
            for revision, some in vectors.items()
        ]
        try:
            await read_or(self._client.batch_update_points(PAPERS, [*operations, *payloads], wait=True), [])
        except UnexpectedResponse as error:
            if not lacks_vector(error):
                raise
            await ensure_papers(self._client, self._embedder.model, self._embedder.size)

    async def _vectors(self, papers: Sequence[Text]) -> list[dict[str, Any]]:
        sparse = await self._embedder.sparse_papers([text_of(*paper) for paper in papers])
        parts: list[Parts] = []
        for start in range(0, len(papers), AT_ONCE):
            these = papers[start : start + AT_ONCE]
            parts += await embed_parts(self._embedder, these, with_endings=self._with_endings)
        return [vectors_of(*row) for row in zip(sparse, parts, strict=True)]


def _unchanged(revision: int | None) -> list[models.Condition]:
    if revision is None:
        return [models.IsEmptyCondition(is_empty=models.PayloadField(key="revision"))]
    return [models.FieldCondition(key="revision", match=models.MatchValue(value=revision))]


def _fields(paper: dict[str, Any]) -> dict[str, Any]:
    authors = [author["name"] for author in paper.get("authors", ())]
    return analysed(paper.get("title", ""), paper.get("abstract", ""), authors)
