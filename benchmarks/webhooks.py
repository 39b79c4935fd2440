"""What the benchmark of deliveries measures with: a receiver in a process of its own, and a sender put together."""

import asyncio
import contextlib
import random
import sys
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web
from redis.asyncio import Redis

from services.notifier.delivery.deliveries import ClaimLimits, Deliveries, DeliveryClaims, Record
from services.notifier.delivery.dispatcher import Attempts, Dispatcher, Pace
from services.notifier.matching import alert_body
from services.notifier.matching.match import Match
from services.notifier.secrets.cipher import Cipher
from services.notifier.secrets.vault import Vault
from services.notifier.sending.http_senders import Post, WebhookSender
from services.notifier.sending.messages import Messages
from services.notifier.sending.template_worker import TemplateWorker
from services.notifier.subscription.model import State, Subscription
from services.notifier.subscription.store import InterestVector, Row, Store
from shared.bus import open_redis
from shared.outbound import outbound_session
from shared.papers.paper import Author, Change, ChangeKind, Paper
from shared.settings import Settings

ENDPOINTS, PER_ENDPOINT, CONCURRENCY, RATE, SECONDS = 100, 4, 512, 300, 12
NOW = datetime(2026, 3, 1, tzinfo=UTC)
CHANGE = Change(kind=ChangeKind.NEW)
PAPER = Paper(
    id="arXiv:2603.00001", title="A title of the usual length, with some words in it", abstract="An abstract. " * 100,
    authors=tuple(Author(name=f"Author Number {n}") for n in range(5)), categories=("cs.CL", "cs.AI"),
)  # fmt: skip


def receive() -> None:
    """Be the receiver: note when what arrives, and let `/0` hang once told so."""
    arrived: list[tuple[str, float]] = []
    state = {"hang": False}

    async def hook(request: web.Request) -> web.Response:
        await request.read()
        if state["hang"] and request.path == "/0":
            await asyncio.Event().wait()
        arrived.append((request.headers.get("webhook-id", ""), time.time()))
        return web.Response(status=204)

    async def told(request: web.Request) -> web.Response:
        state["hang"] = "hang" in request.query
        answer = web.json_response(arrived)
        arrived.clear()
        return answer

    app = web.Application()
    app.add_routes([web.get("/report", told), web.post("/{path}", hook)])
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)


@contextlib.asynccontextmanager
async def receiver() -> AsyncIterator[str]:
    """Run the receiver as a process; give its address."""
    probe = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = probe.sockets[0].getsockname()[1]
    probe.close()
    await probe.wait_closed()
    child = await asyncio.create_subprocess_exec(sys.executable, __file__, str(port))
    try:
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            await asyncio.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        child.kill()
        await child.wait()


@dataclass
class Bench:
    """The parts of a sender, on a real Redis, with subscriptions to every path of the receiver."""

    redis: Redis
    url: str
    deliveries: Deliveries
    dispatcher: Dispatcher
    session: aiohttp.ClientSession
    rows: list[Row]

    async def write(self, rows: list[Row]) -> dict[str, float]:
        """Write a delivery to each, all in one transaction; give the time of each."""
        times = {}
        async with self.redis.pipeline(transaction=True) as pipe:
            for row in rows:
                name = str(uuid.uuid4())
                record = Record(
                    id=name,
                    subscription=row.subscription.id,
                    owner="me",
                    paper=PAPER.id,
                    change=CHANGE.kind,
                    created_at=NOW,
                )
                self.deliveries.add(pipe, record, body_of(row), row.subscription.channel)
                times[name] = time.time()
            await pipe.execute()
        self.dispatcher.wake()
        return times

    async def report(self, query: str = "") -> list[tuple[str, float]]:
        """Ask the receiver what has arrived since it was asked last."""
        async with self.session.get(f"{self.url}/report{query}") as response:
            return [(name, at) for name, at in await response.json()]


def body_of(row: Row) -> bytes:
    """Write the body of an alert."""
    return alert_body.compose(row.subscription, PAPER, Match(CHANGE, 0.6, 0.45, ("score 0.60",)), NOW)


def subscription(url: str, number: int) -> Row:
    """Make a subscription to one path."""
    fields: dict[str, Any] = {"id": str(uuid.UUID(int=number)), "name": "one", "categories": ["cs.CL"]}
    fields |= {"channel": {"type": "webhook", "url": f"{url}/{number}"}, "state": State(since=NOW)}
    made = Subscription.model_validate(fields | {"created_at": NOW, "updated_at": NOW})
    return Row(owner="me", subscription=made)


@contextlib.asynccontextmanager
async def sender(settings: Settings, url: str) -> AsyncIterator[Bench]:
    """Put a sender together; it does not run yet."""
    redis = open_redis(settings.redis_url)
    await redis.flushall()
    store, vault = Store(redis), Vault(redis, time.time, Cipher(["0" * 32]))
    rows = [subscription(url, number) for number in range(ENDPOINTS)]
    for row in rows:
        await store.add(row, InterestVector(model="none", vector=""))
        await vault.create(row.subscription.id)
    deliveries = Deliveries(redis, time.time, 86_400)
    claims = DeliveryClaims(redis, "bench", time.time, ClaimLimits(PER_ENDPOINT, CONCURRENCY, 5.0, 86_400))
    session = outbound_session(settings.allow_private_endpoints, "bench", total=15.0, limit=CONCURRENCY)

    async def disable(_: Row, __: str) -> None: ...

    senders = {"webhook": WebhookSender(Post(session), Messages(TemplateWorker()))}
    attempts = Attempts(
        deliveries, store, vault, senders, disable=disable, move=disable, clock=time.time, random=random.random
    )  # fmt: skip
    dispatcher = Dispatcher(claims, attempts, Pace(CONCURRENCY, 0.5, 5.0))
    try:
        yield Bench(redis, url, deliveries, dispatcher, session, rows)
    finally:
        await session.close()
        await redis.aclose()


if __name__ == "__main__":
    receive()
