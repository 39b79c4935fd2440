"""A search service over real parts, in a thread of its own, so that a whole module of tests can share one."""

import asyncio
import contextlib
import hashlib
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qdrant_client import models

from embedded.qdrant import EmbeddedQdrant
from embedded.redis import EmbeddedRedis
from services.indexer.papers import payload, vectors_of
from services.search.bootstrap import build
from services.search.settings import SearchSettings
from shared.embedding.embedder import Embedder, PaperVectors, embed, text_of
from shared.embedding.vectors import sketch
from shared.papers.events import PaperEnriched
from shared.papers.names import canonical_id, point_id
from shared.papers.paper import Author, CodeLink, Links, Paper, SourceRef
from shared.qdrant import DENSE, PAPERS, ensure_papers, open_qdrant
from shared.runtime import Builder, Runtime, running
from shared.settings import Settings

NOW = datetime(2026, 3, 4, tzinfo=UTC)
Prepare = Callable[[Runtime], Awaitable[None]]


def paper(number: int, title: str, abstract: str = "", **fields: Any) -> Paper:
    """Make a paper of our own, `arXiv:2401.<number>`, published on one of the first days of 2024."""
    arxiv = f"2401.{number:05d}"
    base: dict[str, Any] = {
        "id": f"arXiv:{arxiv}",
        "title": title,
        "abstract": abstract,
        "authors": (Author(name="Ada Origami"),),
        "published": f"2024-01-{number:02d}",
        "categories": ("cs.LG",),
        "identifiers": {"arxiv": arxiv},
        "sources": (SourceRef(source="arxiv", id=arxiv, url=f"https://arxiv.org/abs/{arxiv}"),),
    }
    return Paper(**{**base, **fields})


HOSTILE = '<script>alert(1)</script> & <b>bold</b> "quotes" in x<y and y>z'
PAPERS_OF_OUR_OWN: Sequence[Paper] = (
    paper(
        1, "Folding proteins with neural networks", "We predict how proteins fold. A network learns from known folds."
    ),
    paper(2, "Sparse attention for long documents", "Attention is costly. Our sparse attention reads a whole book."),
    paper(
        3,
        "Robot arms that fold paper cranes",
        "A robot arm folds cranes from a few videos.",
        categories=("cs.RO", "cs.LG"),
    ),
    paper(4, "Gravitational waves from merging black holes", "Two detectors saw a signal.", categories=("gr-qc",)),
    paper(
        5,
        "A survey of graph neural networks",
        "Graphs carry relations. We review methods by task.",
        authors=(Author(name="José García"), Author(name="Ada Origami")),
        links=Links(abs="https://arxiv.org/abs/2401.00005", code=(CodeLink(url="https://example.org/gnn", stars=7),)),
        trending=2.5,
    ),
    paper(
        6,
        "Quantum error correction with surface codes",
        "We correct errors below the threshold. Logical qubits live longer.",
        categories=("quant-ph",),
        identifiers={"arxiv": "2401.00006", "doi": "10.1000/quantum(2024)/x"},
    ),
    paper(7, "A retracted claim about cold fusion", "This was withdrawn.", status="withdrawn"),
    paper(8, HOSTILE, f"{HOSTILE}. A second sentence.", links=Links(abs="javascript:alert(1)"), trending=9.0),
    paper(9, "Speech recognition without transcripts", "Speech alone is enough to learn recognition."),
    paper(
        10,
        "Old papers have slashes in their ids",
        "Naming is hard.",
        id="arXiv:hep-th/9901001",
        identifiers={"arxiv": "hep-th/9901001"},
        published="1999-01-01",
        sources=(SourceRef(source="oai", id="hep-th/9901001"),),
    ),
    paper(11, "Learning to rank search results", "Ranking papers by relevance, with attention to long documents."),
    paper(12, "Vision transformers read charts", "Charts become tables. " * 20),
)


def aliases(work: Paper) -> tuple[str, ...]:
    """Give every id of a paper as the enricher would."""
    return tuple(dict.fromkeys([work.id, *(canonical_id(name) for name in work.identifiers.values())]))


def points(papers: Sequence[Paper], found: Sequence[PaperVectors]) -> list[models.PointStruct]:
    """Make the points of papers as the indexer does."""
    rows = []
    for work, one in zip(papers, found, strict=True):
        fingerprint = hashlib.sha256(text_of(work.title, work.abstract).encode()).hexdigest()
        event = PaperEnriched(paper=work, changes=(), aliases=aliases(work), fingerprint=fingerprint, enriched_at=NOW)
        vectors = {DENSE: one.dense.tolist(), **vectors_of(one.sparse, one.parts)}
        fields = {**payload(event, NOW), "sketch": sketch(one.dense)}
        rows.append(models.PointStruct(id=point_id(work.id), vector=vectors, payload=fields))
    return rows


async def seed(settings: Settings, embedder: Embedder, papers: Sequence[Paper]) -> None:
    """Put papers into the collection."""
    client = open_qdrant(settings)
    await ensure_papers(client, embedder.model, embedder.size)
    await client.upsert(
        PAPERS, points(papers, await embed(embedder, [(work.title, work.abstract) for work in papers])), wait=True
    )
    await client.close()


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def instance(
    directory: Path,
    cache: Path,
    papers: Sequence[Paper],
    prepare: Prepare | None = None,
    *,
    builders: Sequence[Builder] = (build,),
    **more: Any,
) -> AsyncIterator[Runtime]:
    """Run search over seeded papers, or all of `builders`; `prepare` puts more in its place, `more` are settings."""
    data = directory / "data"
    data.mkdir()
    (data / "models").symlink_to(cache)
    async with EmbeddedRedis(directory / "redis") as redis, EmbeddedQdrant(directory / "qdrant") as qdrant:
        settings = SearchSettings.load(
            redis_url=redis.url,
            qdrant_url=qdrant.url,
            data_dir=data,
            http_port=free_port(),
            **{"rate_limit": 0, **more},
        )
        async with running(builders, settings) as runtime:
            if papers:
                await seed(settings, await runtime.embedder(), papers)
            if prepare:
                await prepare(runtime)
            yield runtime


def address(runtime: Runtime) -> str:
    """Give the address an instance answers at."""
    return f"http://127.0.0.1:{runtime.settings.http_port}"


@contextlib.contextmanager
def in_thread(
    directory: Path,
    cache: Path,
    papers: Sequence[Paper] = PAPERS_OF_OUR_OWN,
    prepare: Prepare | None = None,
    **more: Any,
) -> Iterator[str]:
    """Run an instance beside the tests' own event loops; gives its address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="search instance", daemon=True)
    thread.start()
    context = instance(directory, cache, papers, prepare, **more)
    try:
        runtime = asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result(60)
        try:
            yield address(runtime)
        finally:
            asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
