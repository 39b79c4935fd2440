"""A notifier on a real Redis and the real engine, a small embedder, and a receiver of webhooks."""

import hashlib
import socket
import time

# JSON answers and fields have no narrower type
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from aiohttp import ClientSession, web

from services.notifier.access.api_keys import ApiKeys
from services.notifier.bootstrap import ClockAndRandom, build
from services.notifier.settings import NotifierSettings
from shared.embedding.embedder import SparseVector, text_of
from shared.embedding.vectors import pack_vector
from shared.papers.events import PaperIndexed
from shared.papers.paper import Change, ChangeKind, Paper
from shared.papers.streams import INDEXED
from shared.runtime import Runtime, Service, running
from tests.support import until

SIZE = 32
LOOPBACK = "127.0.0.0/8"


class WordEmbedder:
    """Texts that share words are near: the sum of a fixed random vector a word."""

    model = "test/words"
    size = SIZE

    async def papers(self, texts: Sequence[str]) -> Any:
        return np.stack([words(text) for text in texts])

    async def query(self, text: str) -> Any:
        return words(text)

    async def sparse_papers(self, texts: Sequence[str]) -> list[SparseVector]:
        raise NotImplementedError

    async def sparse_query(self, text: str) -> SparseVector:
        raise NotImplementedError

    async def close(self) -> None: ...


def words(text: str) -> Any:
    rows = []
    for word in text.lower().split():
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
        rows.append(np.random.default_rng(seed).standard_normal(SIZE))
    total = np.sum(rows, axis=0)
    return np.asarray(total / np.linalg.norm(total), np.float32)


def indexed(paper: Paper, *changes: Change) -> PaperIndexed:
    return PaperIndexed(
        paper=paper,
        changes=changes or (Change(kind=ChangeKind.NEW),),
        vector=pack_vector(words(text_of(paper.title, paper.abstract))),
        model=WordEmbedder.model,
        indexed_at=datetime(2026, 3, 1, 8, tzinfo=UTC),
    )


@dataclass
class Clock:
    """A clock that stands still until it is moved, in Unix seconds."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Arrived:
    path: str
    headers: dict[str, str]
    body: bytes
    at: float


@dataclass
class Receiver:
    """Answers each path as `answers` says (then as it says of `*`, else 204), and keeps what came."""

    port: int = 0
    arrived: list[Arrived] = field(default_factory=list)
    answers: dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = field(default_factory=dict)

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def answer(self, path: str, *replies: web.Response | int, headers: dict[str, str] | None = None) -> None:
        """Give these in turn, the last one for ever."""
        queue = list(replies)

        async def reply(_: web.Request) -> web.StreamResponse:
            status = queue.pop(0) if len(queue) > 1 else queue[0]
            if isinstance(status, web.Response):
                return web.Response(status=status.status, body=status.body, content_type=status.content_type)
            return web.Response(status=status, text="said the endpoint", headers=headers)

        self.answers[path] = reply

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.arrived.append(Arrived(request.path, dict(request.headers), await request.read(), time.monotonic()))
        if reply := self.answers.get(request.path) or self.answers.get("*"):
            return await reply(request)
        return web.Response(status=204)

    async def count(self, number: int, within: float = 10.0) -> list[Arrived]:
        await until(lambda: len(self.arrived) >= number, within)
        return self.arrived


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    try:
        yield receiver
    finally:
        await runner.cleanup()


@dataclass
class Wire:
    """A running notifier and a client of its API."""

    runtime: Runtime
    http: ClientSession
    key: str

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        status: int | None = None,
        key: str | None = None,
        once: str | None = None,
    ) -> Any:
        """Ask the API; `once` is an idempotency key."""
        headers = {"Authorization": f"Bearer {key or self.key}"} | ({"Idempotency-Key": once} if once else {})
        async with self.http.request(method, path, json=body, headers=headers) as response:
            answer = await response.json(content_type=None) if response.status != 204 else None
            assert status in (None, response.status), (response.status, answer)
            return answer

    async def subscribe(self, url: str, **fields: Any) -> Any:
        body = {"channel": {"type": "webhook", "url": url}, **fields}
        return await self.call("POST", "/v1/subscriptions", body, status=201)

    async def publish(self, *events: PaperIndexed) -> None:
        async with self.runtime.bus.hop("indexer") as hop:
            for event in events:
                await hop.publish(INDEXED, event, "test")
            await hop.commit()

    async def deliveries(self, subscription: str) -> Any:
        return (await self.call("GET", f"/v1/subscriptions/{subscription}/deliveries", status=200))["deliveries"]

    async def drained(self) -> bool:
        """Tell whether the group has handled all there is."""
        info = await self.runtime.redis.xinfo_stream(INDEXED.name)
        groups = await self.runtime.redis.xinfo_groups(INDEXED.name)
        return bool(groups[0]["last-delivered-id"] == info["last-generated-id"] and groups[0]["pending"] == 0)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@asynccontextmanager
async def notifier(
    redis_url: str, qdrant_url: str, tmp: Path, clock_and_random: ClockAndRandom | None = None, **more: Any
) -> AsyncIterator[Wire]:
    port = free_port()
    settings = NotifierSettings.load(
        redis_url=redis_url,
        qdrant_url=qdrant_url,
        data_dir=tmp,
        http_port=port,
        **{
            "allow_private_endpoints": LOOPBACK,
            "delivery_poll": 0.02,
            "digest_poll": 0.02,
            "likes_poll": 0.02,
            "lease": 1.0,
            "orcid_url": "http://127.0.0.1:9",
            "semantic_scholar_url": "http://127.0.0.1:9",
        }
        | more,
    )

    async def builder(runtime: Runtime) -> Service:
        return await build(runtime, clock_and_random or ClockAndRandom())

    async with (
        running([builder], settings, embedder=WordEmbedder()) as runtime,
        ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        _, key = await ApiKeys(runtime.redis).create("test")
        yield Wire(runtime, http, key)
