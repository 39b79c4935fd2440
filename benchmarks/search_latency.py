"""What does search cost beyond the bare engine, at 16 clients?

    python benchmarks/search_latency.py [--papers 64000] [--clients 16] [--seconds 8] [--json FILE]

Both sides answer the same hybrid queries over the same collection, in turns, as fast as they can: the machine is full,
and a client waits for the others. Then the clients of the service pause for half a second between two questions, as
people and programs do: alone, and while another process embeds and writes papers as fast as it can. One client alone
also asks for `is:saved`, with a reading list of 10,000 papers. Bare: embed the query and ask Qdrant in this process,
100 candidates a vector, 20 papers back. Ours: GET /v1/search of a search process of its own. Papers are real
(PAPERWIRE_DATA or ../shared/data), with real BM25 vectors; dense ones are random unit vectors, because embedding 64,000
papers takes 20 minutes and the engine's work does not depend on their values.
"""

import asyncio
import gzip
import json
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import orjson
from qdrant_client import AsyncQdrantClient, models

from benchmarks.common import arguments, data, report, small_size
from services.indexer.papers import PointWrite, QdrantPapers, payload
from shared.bus import open_redis
from shared.embedding.embedder import Embedder, PaperVectors, Parts, embed, open_embedder, text_of
from shared.papers.events import PaperEnriched
from shared.papers.names import point_id
from shared.papers.paper import Author, Paper
from shared.qdrant import BM25, DENSE, EXACTLY, PAPERS, ensure_papers, open_qdrant
from shared.readers.api_key import KEYS, KeyInfo, digest
from shared.readers.reading_list import ListRow
from shared.readers.reading_store import Change, ReadingLists
from shared.settings import Settings

ROUNDS = 3
LIMIT = 20
PAUSE = 0.5  # seconds
IMPORTED = 4_000  # more than are embedded meanwhile
WARM = 5.0  # seconds until the import is under way
BARE_CANDIDATES = 100
NOW = datetime(2026, 3, 4, tzinfo=UTC)
LISTED = 10_000
READER = {"Authorization": "Bearer pw_reader"}
Ask = Callable[[str], Awaitable[None]]


def read(path: Path, count: int) -> list[Paper]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [paper_of(json.loads(line)) for line in islice(lines, count)]


def paper_of(row: dict[str, Any]) -> Paper:
    authors = tuple(Author(name=name) for name in row.get("authors", ()))
    return Paper.model_validate({**row, "authors": authors})


async def seed(client: AsyncQdrantClient, embedder: Embedder, papers: list[Paper]) -> None:
    await ensure_papers(client, embedder.model, embedder.size)
    random = np.random.default_rng(1)
    writer = QdrantPapers(client, embedder)
    for start in range(0, len(papers), 256):
        batch = papers[start : start + 256]
        dense = random.standard_normal((len(batch), 4, embedder.size), np.float32)
        dense /= np.linalg.norm(dense, axis=2, keepdims=True)
        sparse = await embedder.sparse_papers([text_of(paper.title, paper.abstract) for paper in batch])
        vectors = zip(dense, sparse, strict=True)
        await writer.write(rows(batch, [PaperVectors(of[0], terms, Parts(of[1], of[2:])) for of, terms in vectors]))


def rows(papers: list[Paper], vectors: list[PaperVectors], revision: int = 1) -> list[PointWrite]:
    return [
        PointWrite(point_id(paper.id), payload(enriched(paper, revision), NOW), revision, one)
        for paper, one in zip(papers, vectors, strict=True)
    ]


def enriched(paper: Paper, revision: int) -> PaperEnriched:
    return PaperEnriched(
        paper=paper, changes=(), aliases=(paper.id,), fingerprint="", enriched_at=NOW, revision=revision
    )


def bare(client: AsyncQdrantClient, embedder: Embedder) -> Ask:
    async def ask(query: str) -> None:
        dense, sparse = await embedder.query(query), await embedder.sparse_query(query)
        terms = models.SparseVector(indices=sparse.indices, values=sparse.values)
        answer = await client.query_points(
            PAPERS,
            prefetch=[
                models.Prefetch(query=dense.tolist(), using=DENSE, limit=BARE_CANDIDATES, params=EXACTLY),
                models.Prefetch(query=terms, using=BM25, limit=BARE_CANDIDATES),
            ],
            query=models.RrfQuery(rrf=models.Rrf(k=10)),
            limit=LIMIT,
            with_payload=["paper"],
        )
        assert len(answer.points) == LIMIT

    return ask


def ours(session: aiohttp.ClientSession, url: str, also: str = "") -> Ask:
    async def ask(query: str) -> None:
        asked = {"q": f"{query}{also}", "limit": str(LIMIT)}
        async with session.get(f"{url}/v1/search", params=asked, headers=READER) as response:
            assert len(orjson.loads(await response.read())["results"]) == LIMIT

    return ask


async def fill_list(settings: Settings, papers: list[Paper]) -> None:
    """Save papers for a reader with an API key."""
    redis = open_redis(settings.redis_url)
    await redis.hset(KEYS, digest("pw_reader"), KeyInfo(id="reader", name="reader", created_at=NOW).model_dump_json())
    for start in range(0, len(papers), 500):
        saved = [ListRow(id=one.id, title=one.title, added_at=NOW, saved_at=NOW) for one in papers[start : start + 500]]
        await ReadingLists(redis).change("reader", [Change(row.id, (row.id,), row, lambda row: row) for row in saved])
    await redis.aclose()


async def measure(ask: Ask, queries: Iterator[str], clients: int, seconds: float, pause: float = 0.0) -> list[float]:
    """Ask from some clients at once, each one question after the other; milliseconds each."""
    times: list[float] = []
    end = time.perf_counter() + seconds

    async def client(number: int) -> None:
        await asyncio.sleep(pause * number / clients)
        while (start := time.perf_counter()) < end:
            await ask(next(queries))
            times.append((time.perf_counter() - start) * 1e3)
            await asyncio.sleep(pause)

    await asyncio.gather(*map(client, range(clients)))
    return times


async def importing(settings: Settings, start: int) -> None:
    """Embed and write papers until ended; runs in a process of its own, as the indexer does."""
    embedder = await open_embedder(settings.embedding_model, settings.data_dir / "models")
    writer = QdrantPapers(open_qdrant(settings), embedder)
    papers = read(data("arxiv-64k.jsonl.gz"), start + IMPORTED)[start:]
    for batch in (papers[first : first + 64] for first in range(0, len(papers), 64)):
        texts = [(paper.title, paper.abstract) for paper in batch]
        await writer.write(rows(batch, await embed(embedder, texts), revision=2))


@contextmanager
def an_import(settings: Settings, start: int) -> Iterator[None]:
    """Run an import in the background."""
    process = get_context("spawn").Process(target=_import, args=(settings, start))
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


def _import(settings: Settings, start: int) -> None:
    asyncio.run(importing(settings, start))


@asynccontextmanager
async def search_process(settings: Settings) -> AsyncIterator[str]:
    """Run the search service as an operator would."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "PAPERWIRE_REDIS_URL": settings.redis_url,
        "PAPERWIRE_QDRANT_URL": settings.qdrant_url,
        "PAPERWIRE_DATA_DIR": str(settings.data_dir),
        "PAPERWIRE_HTTP_PORT": str(port),
        "PAPERWIRE_RATE_LIMIT": "0",
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "services.search", env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        await ready(url)
        yield url
    finally:
        process.terminate()
        await process.wait()


async def ready(url: str) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(60):
        while True:
            try:
                async with session.get(f"{url}/readyz"):
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)


async def compare(papers: list[Paper], clients: int, seconds: int) -> dict[str, float]:
    async with small_size() as settings:
        embedder = await open_embedder(settings.embedding_model, settings.data_dir / "models")
        client = open_qdrant(settings)
        await seed(client, embedder, papers)
        times: dict[str, list[float]] = {"bare": [], "search": []}
        async with search_process(settings) as url, aiohttp.ClientSession() as session:
            # Every side gets every title once, so that none answers from a cache; a quoted phrase would be a filter.
            sides = {"bare": bare(client, embedder), "search": ours(session, url)}
            queries = {name: iter([paper.title.replace('"', "") for paper in papers]) for name in sides}
            for _ in range(ROUNDS):
                for name, ask in sides.items():
                    times[name] += await measure(ask, queries[name], clients, seconds)
            await fill_list(settings, papers[:LISTED])
            sides["saved"] = ours(session, url, " is:saved")
            for name in [*sides] * ROUNDS:
                asked = queries.get(name, queries["search"])
                times[f"{name}_alone"] = times.get(f"{name}_alone", []) + await measure(
                    sides[name], asked, 1, seconds / ROUNDS
                )
            times["paced"] = await measure(sides["search"], queries["search"], clients, seconds, PAUSE)
            with an_import(settings, len(papers) - IMPORTED):
                await asyncio.sleep(WARM)
                times["paced_during_import"] = await measure(
                    sides["search"], queries["search"], clients, seconds, PAUSE
                )
        await client.close()
        await embedder.close()
    return figures(times)


def figures(times: dict[str, list[float]]) -> dict[str, float]:
    """Clients that ask without a pause queue up, and wait for each other: `alone` is the time of one."""
    rows = {f"{name}_ms_p{p}": float(np.percentile(side, p)) for name, side in times.items() for p in (50, 99)}
    saved = rows["saved_alone_ms_p50"] / rows["search_alone_ms_p50"]
    return {**rows, "ratio_of_medians": rows["search_ms_p50"] / rows["bare_ms_p50"], "ratio_of_saved": saved}


def main() -> None:
    options = arguments("Search against the bare engine.", papers=64_000, clients=16, seconds=8)
    papers = read(data("arxiv-5k.jsonl.gz" if options.papers <= 5_000 else "arxiv-64k.jsonl.gz"), options.papers)
    print(f"{len(papers)} papers; their dense vectors are random, their BM25 vectors real")
    found = asyncio.run(compare(papers, options.clients, options.seconds))
    report({"papers": len(papers), "clients": options.clients, **found}, options.json)


if __name__ == "__main__":
    main()
