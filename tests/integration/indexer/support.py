"""An indexer on a real Redis and the real engine, with a small embedder, and a connection that can be cut."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from qdrant_client import AsyncQdrantClient
from yarl import URL

from services.indexer.bootstrap import build
from shared.embedding.embedder import SparseVector
from shared.embedding.vectors import bm25_paper
from shared.papers.names import point_id
from shared.qdrant import BM25, DENSE, PAPERS
from shared.runtime import Runtime, open_runtime
from shared.settings import Settings

SIZE = 16


class CountingEmbedder:
    """Embeds a text by its hash; `seen` are the texts in order, without titles. A closed `gate` delays the vectors."""

    model = "test/hash"
    size = SIZE

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def papers(self, texts: Sequence[str]) -> Any:
        self.seen += [text for text in texts if "\n" in text] or texts
        await self.gate.wait()
        return np.stack([vector(text) for text in texts])

    async def query(self, text: str) -> Any:
        return vector(text)

    async def sparse_papers(self, texts: Sequence[str]) -> list[SparseVector]:
        return [bm25_paper(text) for text in texts]

    async def sparse_query(self, text: str) -> SparseVector:
        raise NotImplementedError

    async def close(self) -> None: ...


def vector(text: str) -> Any:
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    row = np.random.default_rng(seed).standard_normal(SIZE)
    return np.asarray(row / np.linalg.norm(row), np.float32)


class Line:
    """A TCP relay to a server that can be cut and restored under the same address."""

    def __init__(self, target: str) -> None:
        self._target = URL(target)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._port = 0
        self.refused = 0

    @property
    def url(self) -> str:
        return str(self._target.with_port(self._port))

    async def join(self) -> None:
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, onward = await asyncio.open_connection(self._target.host, self._target.port)
        self._writers |= {writer, onward}
        try:
            await asyncio.gather(_copy(reader, onward), _copy(there, writer))
        finally:
            self._writers -= {writer, onward}


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(65_536):
            writer.write(chunk)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def indexing(settings: Settings, embedder: CountingEmbedder) -> AsyncIterator[Runtime]:
    """Run an indexer as its bootstrap builds it, with another embedder."""
    async with open_runtime(settings, embedder=embedder) as runtime:
        await build(runtime)
        await runtime.bus.start()
        try:
            yield runtime
        finally:
            await runtime.bus.stop()


async def point(client: AsyncQdrantClient, work: str) -> dict[str, Any]:
    """Read a point whole: payload and both vectors."""
    (record,) = await client.retrieve(PAPERS, [point_id(work)], with_payload=True, with_vectors=True)
    vectors: Any = record.vector
    return {"payload": record.payload, "dense": vectors[DENSE], "sparse": vectors[BM25]}
