"""How much of the bare model's speed is left, what is its price in exactness, and do queries wait for papers?

The bare loop is fastembed alone: batches of 8 in the order of arrival and sorted, same model, a thread a core. The
embedder takes one text each in a thread of one core. Processor time is that of the process.
"""

import asyncio
import gzip
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import islice
from pathlib import Path
from statistics import median

import numpy as np
import onnx
from fastembed import TextEmbedding
from numpy.typing import NDArray

from benchmarks.common import arguments, data, report
from shared.embedding.embedder import DEFAULT_MODEL, Embedder, open_embedder, text_of
from shared.embedding.offline_model import CACHE_NAME, build_graph, find_weights

BATCH = 8
Texts = list[str]
CHUNK = 64


def read_texts(path: Path, count: int) -> Texts:
    """Return title and abstract of the first `count` papers."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        papers = [json.loads(line) for line in islice(lines, count)]
    return [text_of(paper["title"], paper.get("abstract") or "") for paper in papers]


def bare(model: TextEmbedding, texts: Texts) -> NDArray[np.float32]:
    """Embed with fastembed alone: an array (n, size)."""
    return np.array(list(model.embed(texts, batch_size=BATCH)), np.float32)


async def query_times(embedder: Embedder, queries: Iterator[str], busy: Callable[[], bool]) -> list[float]:
    """Embed a new query every 10 ms while `busy`; milliseconds each."""
    times = []
    while busy():
        start = time.perf_counter()
        await embedder.query(next(queries))
        times.append((time.perf_counter() - start) * 1e3)
        await asyncio.sleep(0.01)
    return times


async def measure_queries(embedder: Embedder, texts: Texts) -> dict[str, float]:
    """Take milliseconds of distinct queries, first alone, then while papers are embedded."""
    queries = (f"{text[:40]} {number}" for number in range(1_000_000) for text in texts)
    end = time.monotonic() + 3
    idle = await query_times(embedder, queries, lambda: time.monotonic() < end)
    bulk = asyncio.create_task(embedder.papers(texts))
    loaded = await query_times(embedder, queries, lambda: not bulk.done())
    figures = {"idle": idle, "under_bulk": loaded}
    return {f"query_ms_{k}_p{p}": float(np.percentile(v, p)) for k, v in figures.items() for p in (50, 99)}


async def measure_papers(embedder: Embedder, models: dict[str, TextEmbedding], texts: Texts) -> dict[str, float]:
    """Give every contender the same 64 papers in turn: the median of their ratios survives a busy machine."""
    seconds: dict[str, list[float]] = {}
    for start in range(0, len(texts), CHUNK):
        chunk = texts[start : start + CHUNK]
        for name, model, given in (
            ("int8", models["int8"], chunk),
            ("int8_sorted", models["int8"], sorted(chunk, key=len)),
            ("fp32_sorted", models["fp32"], sorted(chunk, key=len)),
        ):
            seconds.setdefault(name, []).append(await timed(asyncio.to_thread(bare, model, given)))
        seconds.setdefault("embedder", []).append(await timed(embedder.papers(chunk)))
        seconds.setdefault("sparse", []).append(await timed(embedder.sparse_papers(chunk)))
    figures = {f"papers_per_second_{name}": len(texts) / sum(times) for name, times in seconds.items()}
    return figures | {
        "ratio_to_bare_loop": median_ratio(seconds["int8"], seconds["embedder"]),
        "ratio_to_bare_loop_sorted": median_ratio(seconds["int8_sorted"], seconds["embedder"]),
        "ratio_to_fp32": median_ratio(seconds["fp32_sorted"], seconds["int8_sorted"]),
    }


async def timed(work: Awaitable[object]) -> float:
    """Seconds until the work is done."""
    start = time.perf_counter()
    await work
    return time.perf_counter() - start


def median_ratio(theirs: list[float], ours: list[float]) -> float:
    """Above 1: ours is faster."""
    return median(a / b for a, b in zip(theirs, ours, strict=True))


def measure_exactness(models: dict[str, TextEmbedding], texts: Texts) -> dict[str, float]:
    """Compare with the fp32 model on the same batches."""
    ordered = sorted(texts, key=len)
    cosines = np.einsum("ij,ij->i", bare(models["int8"], ordered), bare(models["fp32"], ordered))
    return {"cosine_to_fp32_mean": float(cosines.mean()), "cosine_to_fp32_min": float(cosines.min())}


async def measure(texts: Texts, directory: Path) -> dict[str, float]:
    """Take all figures; models are made in `directory`."""
    figures = {"open_seconds_first": await timed(open_embedder(DEFAULT_MODEL, directory))}
    figures["open_seconds_warm"] = await timed(open_embedder(DEFAULT_MODEL, directory))
    embedder = await open_embedder(DEFAULT_MODEL, directory)
    fp32 = directory / "fp32"
    fp32.mkdir()
    for path in (directory / CACHE_NAME).glob("*.json"):
        (fp32 / path.name).write_bytes(path.read_bytes())
    onnx.save(build_graph(find_weights() / "model.safetensors", quantized=False), fp32 / "model.onnx")
    paths = {"int8": directory / CACHE_NAME, "fp32": fp32}
    models = {k: TextEmbedding(DEFAULT_MODEL, str(directory), specific_model_path=str(p)) for k, p in paths.items()}
    figures |= await measure_papers(embedder, models, texts)
    figures |= measure_exactness(models, texts)
    figures |= await measure_queries(embedder, texts)
    await embedder.close()
    return figures


def main() -> None:
    """Measure and report."""
    given = arguments(__doc__ or "", papers=400)
    texts = read_texts(data("arxiv-5k.jsonl.gz"), given.papers)
    with tempfile.TemporaryDirectory() as scratch:
        report(asyncio.run(measure(texts, Path(scratch))), given.json)


if __name__ == "__main__":
    main()
