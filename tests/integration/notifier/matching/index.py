"""Papers in the index, written as the indexer writes them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from qdrant_client import AsyncQdrantClient
from qdrant_client.models import PointStruct, SparseVector

from services.indexer.papers import payload
from services.notifier.matching.match import ids_of
from shared.embedding.embedder import text_of
from shared.embedding.vectors import bm25_paper
from shared.papers.events import PaperEnriched
from shared.papers.names import point_id
from shared.papers.paper import Change, ChangeKind, Paper
from shared.qdrant import BM25, DENSE, PAPERS, ensure_papers
from tests.integration.notifier.support import SIZE, WordEmbedder, words

NOW = datetime.fromtimestamp(1_800_000_000, UTC)
"""The initial time of the tests' clock."""


async def fill(client: AsyncQdrantClient, papers: Iterable[Paper], at: datetime = NOW) -> None:
    await ensure_papers(client, WordEmbedder.model, SIZE)
    points = [PointStruct(id=point_id(one.id), vector=vectors(one), payload=fields(one, at)) for one in papers]
    for start in range(0, len(points), 200):
        await client.upsert(PAPERS, points[start : start + 200], wait=True)


def vectors(paper: Paper) -> Any:
    terms = bm25_paper(text_of(paper.title, paper.abstract))
    return {DENSE: vector(paper), BM25: SparseVector(indices=terms.indices, values=terms.values)}


def vector(paper: Paper) -> Any:
    return words(text_of(paper.title, paper.abstract)).tolist()


def fields(paper: Paper, at: datetime) -> Any:
    event = PaperEnriched(
        paper=paper,
        changes=(Change(kind=ChangeKind.NEW),),
        aliases=tuple(dict.fromkeys(ids_of(paper))),
        fingerprint="f",
        enriched_at=at,
    )
    return payload(event, at)
