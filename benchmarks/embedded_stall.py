"""Does the embedded Qdrant stay responsive, and what does it cost beside the bare engine?

``python benchmarks/embedded_stall.py [--points 100000] [--json FILE]``: synthetic points (384 dense dimensions, 90
sparse terms, 2 KB of payload under eight indexes), hybrid queries (100 dense + 100 sparse, RRF) while idle, while
points are upserted, and from 16 clients at once. A GET /healthz every 10 ms tells the longest stall.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import aiohttp
import numpy as np
import orjson
import psutil
import qdrant_edge as edge

from embedded.qdrant import EmbeddedQdrant
from embedded.qdrant.queries.query import to_query
from embedded.qdrant.queries.references import References
from embedded.qdrant.storage.collection_store import Collections

SIZE, TERMS, VOCABULARY, BATCH, QUERIES, CLIENTS = 384, 90, 30_000, 128, 200, 16
HEARTBEAT_SECONDS = 0.01
INDEXES: dict[str, Any] = {
    "categories": "keyword",
    "authors": "keyword",
    "status": "keyword",
    "published": "datetime",
    "trending": "float",
    "upvotes": "integer",
    "has_code": "bool",
    "title": {"type": "text", "tokenizer": "word", "phrase_matching": True},
}
Json = dict[str, Any]


class Synthetic:
    """A seeded source of points and queries."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._numpy = np.random.default_rng(seed)

    def dense(self, count: int) -> list[list[float]]:
        """Return random unit vectors."""
        drawn = self._numpy.standard_normal((count, SIZE), dtype=np.float32)
        return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).tolist()  # type: ignore[no-any-return]

    def sparse(self, terms: int) -> Json:
        """Return a sparse vector; low term numbers are frequent, as in text."""
        indices = sorted({int(VOCABULARY * self._random.random() ** 3) for _ in range(terms)})
        return {"indices": indices, "values": [self._random.random() + 0.5 for _ in indices]}

    def words(self, count: int) -> str:
        """Return text."""
        return " ".join(f"w{int(5_000 * self._random.random() ** 2)}" for _ in range(count))

    def points(self, ids: range) -> list[Json]:
        """Return points as JSON."""
        return [
            {"id": i, "vector": {"dense": dense, "bm25": self.sparse(TERMS)}, "payload": self.payload()}
            for i, dense in zip(ids, self.dense(len(ids)), strict=True)
        ]

    def payload(self) -> Json:
        """Return what a paper carries, about 2 KB."""
        draw = self._random
        return {
            "categories": [f"c{int(40 * draw.random() ** 2)}" for _ in range(2)],
            "authors": [f"Author {draw.randrange(50_000)}" for _ in range(4)],
            "status": "active",
            "published": f"20{draw.randrange(10, 25)}-0{draw.randrange(1, 10)}-1{draw.randrange(10)}T00:00:00Z",
            "trending": draw.random(),
            "upvotes": draw.randrange(1_000),
            "has_code": draw.random() < 0.3,
            "title": self.words(10),
            "abstract": self.words(300),
        }

    def query(self, where: Json | None = None) -> Json:
        """Return a hybrid query."""
        stages = [
            {"query": self.dense(1)[0], "using": "dense", "limit": 100},
            {"query": self.sparse(8), "using": "bm25", "limit": 100},
        ]
        return {"prefetch": stages, "query": {"rrf": {"k": 10}}, "limit": 20, "with_payload": True, "filter": where}


FILTERS: dict[str, Json | None] = {
    "unfiltered": None,
    "category": {"must": [{"key": "categories", "match": {"value": "c3"}}]},
    "since 2020": {"must": [{"key": "published", "range": {"gte": "2020-01-01T00:00:00Z"}}]},
    "not withdrawn": {"must_not": [{"key": "status", "match": {"value": "withdrawn"}}]},
}


class Server:
    """Requests to one collection, without the cost of a client library."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def call(self, method: str, path: str, body: Json) -> None:
        """Send a request and wait for its answer."""
        url = f"{self._url}/collections/bench{path}"
        async with self._session.request(method, url, data=orjson.dumps(body)) as response:
            response.raise_for_status()
            await response.read()

    async def timed_query(self, body: Json) -> float:
        """Return the milliseconds a query took."""
        started = time.perf_counter()
        await self.call("POST", "/points/query", body)
        return (time.perf_counter() - started) * 1e3

    @asynccontextmanager
    async def heartbeat(self, report: Json, name: str) -> AsyncIterator[None]:
        """Note the longest time the server did not answer while the block ran, in milliseconds."""
        worst = 0.0

        async def beat() -> None:
            nonlocal worst
            while True:
                started = time.perf_counter()
                async with self._session.get(f"{self._url}/healthz") as response:
                    await response.read()
                worst = max(worst, (time.perf_counter() - started) * 1e3)
                await asyncio.sleep(HEARTBEAT_SECONDS)

        task = asyncio.create_task(beat())
        yield
        task.cancel()
        report[f"{name}: longest stall ms"] = round(worst, 1)


def note(report: Json, name: str, milliseconds: list[float]) -> float:
    """Add a median and a 99th percentile to the report; return the median."""
    report[f"{name}: median ms"] = round(median(milliseconds), 2)
    report[f"{name}: p99 ms"] = round(quantiles(milliseconds, n=100)[98], 2)
    return median(milliseconds)


async def fill(server: Server, source: Synthetic, points: int, report: Json) -> None:
    """Create the collection and upsert everything, two batches in flight."""
    vectors = {"dense": {"size": SIZE, "distance": "Cosine"}}
    await server.call("PUT", "", {"vectors": vectors, "sparse_vectors": {"bm25": {"modifier": "idf"}}})
    for field, schema in INDEXES.items():
        await server.call("PUT", "/index", {"field_name": field, "field_schema": schema})
    spent = 0.0
    async with server.heartbeat(report, "fill"):
        for start in range(0, points, 2 * BATCH):
            batches = [{"points": source.points(range(a, a + BATCH))} for a in (start, start + BATCH)]
            started = time.perf_counter()
            await asyncio.gather(*(server.call("PUT", "/points", batch) for batch in batches))
            spent += time.perf_counter() - started
    report["upsert points/s"] = round(points / spent)


async def measure(server: Server, source: Synthetic, points: int, report: Json) -> None:
    """Query alone, from many clients, and during upserts."""
    for name, where in FILTERS.items():
        note(report, f"idle, {name}", [await server.timed_query(source.query(where)) for _ in range(QUERIES)])

    async def client() -> list[float]:
        return [await server.timed_query(source.query()) for _ in range(QUERIES // 10)]

    async with server.heartbeat(report, f"{CLIENTS} clients"):
        started = time.perf_counter()
        many = [each for one in await asyncio.gather(*(client() for _ in range(CLIENTS))) for each in one]
        report[f"{CLIENTS} clients: queries/s"] = round(len(many) / (time.perf_counter() - started))
    note(report, f"{CLIENTS} clients", many)
    batches = [{"points": source.points(range(points + a, points + a + BATCH))} for a in range(0, 40 * BATCH, BATCH)]
    async with server.heartbeat(report, "while upserting"):
        writer = asyncio.create_task(upsert(server, batches))
        during = [await server.timed_query(source.query())]
        while not writer.done():
            during.append(await server.timed_query(source.query()))
    note(report, "while upserting", during)


async def upsert(server: Server, batches: list[Json]) -> None:
    """Upsert one batch after the other."""
    for batch in batches:
        await server.call("PUT", "/points", batch)


def bare(directory: Path, source: Synthetic, report: Json) -> float:
    """Time opening, and the same unfiltered queries on the engine in this process; return their median."""
    collections = Collections(directory / "collections")
    started = time.perf_counter()
    collections.open()
    report["open s"] = round(time.perf_counter() - started, 2)
    collection = collections["bench"]
    milliseconds = []
    for _ in range(QUERIES):
        request: edge.QueryRequest = to_query(source.query(), References(collections, collection))
        started = time.perf_counter()
        collection.shard.query(request)
        milliseconds.append((time.perf_counter() - started) * 1e3)
    collections.close()
    return note(report, "bare engine", milliseconds)


async def run(points: int) -> Json:
    """Run everything; return the report."""
    report: Json = {"points": points}
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        async with EmbeddedQdrant(directory) as qdrant, aiohttp.ClientSession() as session:
            server, source = Server(session, qdrant.url), Synthetic(seed=1)
            await fill(server, source, points, report)
            await measure(server, source, points, report)
            report["memory MB"] = psutil.Process(qdrant.pid).memory_info().rss // 2**20
        engine = bare(directory, Synthetic(seed=2), report)
    report["server / bare engine"] = round(report["idle, unfiltered: median ms"] / engine, 2)
    return report


def main() -> None:
    """Print the report, and write it as JSON when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    report = asyncio.run(run(options.points))
    sys.stdout.writelines(f"{name}: {value}\n" for name, value in report.items())
    if options.json:
        options.json.write_text(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
