"""How fast papers become searchable and matched.

`real`: import to matched, against the bare embedding loop with the same model and threads (bar: 0.90).
`stored`: the same pipeline with the dense vectors given, so that only the plumbing counts (bar: 1,500 papers/s).
"""

import asyncio
import gzip
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from benchmarks.common import CACHE, arguments, data, report, small_size
from services.cli.commands.import_papers import import_files
from services.cli.instance.builders import builders
from services.enricher.works.sighting import prepare
from services.fetcher.sources.feeds.parse import parse_feed
from services.fetcher.sources.files.reader import read_papers
from shared.embedding.embedder import DEFAULT_MODEL, Embedder, SparseVector, open_embedder, text_of
from shared.runtime import Runtime, running
from shared.settings import Settings

SIZE = 384


class StoredVectors:
    """An embedder whose dense vectors are there already; the sparse ones are computed as ever."""

    model = DEFAULT_MODEL
    size = SIZE

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        rows = np.random.default_rng(7).standard_normal((4096, SIZE)).astype(np.float32)
        self._rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)

    async def papers(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows: NDArray[np.float32] = self._rows[[hash(text) % len(self._rows) for text in texts]]
        return rows

    async def query(self, text: str) -> NDArray[np.float32]:
        return await self._inner.query(text)

    async def sparse_papers(self, texts: Sequence[str]) -> list[SparseVector]:
        return await self._inner.sparse_papers(texts)

    async def sparse_query(self, text: str) -> SparseVector:
        return await self._inner.sparse_query(text)

    async def close(self) -> None:
        await self._inner.close()


def sample(count: int, folder: Path) -> Path:
    """Write the first `count` papers as one import file."""
    path = folder / "papers.jsonl"
    with gzip.open(data("arxiv-5k.jsonl.gz" if count <= 5_000 else "arxiv-64k.jsonl.gz"), "rt") as rows:
        path.write_text("".join(islice(rows, count)), "utf-8")
    return path


async def pipeline(settings: Settings, file: Path, *, stored: bool) -> float:
    """Import a file; give the papers per second until all were matched against the subscriptions."""
    embedder = await open_embedder(DEFAULT_MODEL, CACHE / "models")
    chosen: Embedder = StoredVectors(embedder) if stored else embedder
    names = ("enricher", "indexer", "notifier")

    async with running(builders(*names), settings, http=False, embedder=chosen) as runtime:
        started = time.perf_counter()
        summary = await import_files(settings, [file])
        await _matched(runtime, summary.changed)
        elapsed = time.perf_counter() - started
    await embedder.close()
    return summary.read / elapsed


async def _matched(runtime: Runtime, count: int) -> None:
    while True:
        groups = await runtime.redis.xinfo_groups("papers.indexed.v1")
        if groups and groups[0]["pending"] == 0:
            last = await runtime.redis.xrevrange("papers.indexed.v1", count=1)
            if not count or (last and groups[0]["last-delivered-id"] == last[0][0]):
                return
        await asyncio.sleep(0.02)


async def bare(file: Path) -> float:
    """Embed the same texts in a bare loop; give papers per second."""
    items = [item for item, _ in read_papers(file, "file", parse_feed) if item]
    texts = [text_of(seen.title, seen.abstract) for seen in map(prepare, items)]
    embedder = await open_embedder(DEFAULT_MODEL, CACHE / "models")
    started = time.perf_counter()
    for start in range(0, len(texts), 128):
        await embedder.papers(texts[start : start + 128])
    elapsed = time.perf_counter() - started
    await embedder.close()
    return len(texts) / elapsed


async def run() -> None:
    """Measure and report."""
    given = arguments(__doc__ or "", papers=2_000, stored=5_000)
    with TemporaryDirectory() as folder:
        async with small_size() as settings:
            stored = await pipeline(settings, sample(given.stored, Path(folder)), stored=True)
        figures = {"stored vectors, papers/s": stored, "stored vectors, of the bar": stored / 1_500}
        if given.papers:
            file = sample(given.papers, Path(folder))
            before = await bare(file)
            async with small_size() as settings:
                real = await pipeline(settings, file, stored=False)
            loop = (before + await bare(file)) / 2
            figures |= {"bare embedding, papers/s": loop, "import to matched, papers/s": real, "ratio": real / loop}
    report(figures, given.json)


if __name__ == "__main__":
    asyncio.run(run())
