"""A Redis that takes no writes: every request that writes is answered with 503, and works again afterwards."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from embedded.redis import EmbeddedRedis
from shared.papers.paper import Paper
from tests.integration.notifier.matching.index import fill as fill_index
from tests.integration.notifier.support import Receiver, Wire, notifier
from tests.redis_outages import Outage, memory_full, read_only

HOOK = {"type": "webhook", "url": "https://example.org/hook"}
NEW = {"categories": ["cs.CL"], "channel": HOOK}
BODIES: dict[str, Any] = {
    "PUT /v1/operational-webhook": {"url": "https://example.org/problems"},
    "POST /v1/subscriptions": NEW,
    "POST /v1/subscriptions/preview": {"categories": ["cs.CL"]},
    "PATCH /v1/subscriptions/{id}": {"categories": ["cs.CV"]},
    "POST /v1/subscriptions/{id}/feedback": {"kind": "mute", "author": "Ada Origami"},
    "PATCH /v1/reading-list/papers/{id}": {"read": True},
    "POST /v1/reading-list/import": {"papers": [{"id": "p", "saved_at": "2026-03-01T08:00:00Z"}]},
}
READ: frozenset[str] = frozenset({"POST /v1/subscriptions/preview"})
"""Requests that write nothing, though their method does."""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[EmbeddedRedis]:
    """A Redis of the test's own."""
    async with EmbeddedRedis(tmp_path / "redis") as started:
        yield started


@pytest.fixture
async def wire(server: EmbeddedRedis, qdrant_url: str, tmp_path: Path) -> AsyncIterator[Wire]:
    """A notifier on that Redis."""
    async with notifier(server.url, qdrant_url, tmp_path) as running:
        yield running


async def answered(wire: Wire, method: str, path: str, **options: Any) -> tuple[int, str | None, str]:
    """Give the status of an answer, its `Retry-After` and its type."""
    headers = {"Authorization": f"Bearer {wire.key}"} | options.pop("headers", {})
    async with wire.http.request(method, path, headers=headers, **options) as answer:
        return answer.status, answer.headers.get("Retry-After"), answer.content_type


@pytest.mark.parametrize("outage", [memory_full, read_only], ids=["OOM", "READONLY"])
async def test_every_write_says_when_to_try_again(
    wire: Wire, server: EmbeddedRedis, receiver: Receiver, outage: Outage
) -> None:
    """INVARIANT: no request is answered with 500 while Redis refuses writes, and none pretends to have worked."""
    paths = await fill(wire, receiver)
    document = await wire.call("GET", "/openapi.json", status=200)
    writes = [
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method in methods
        if method.upper() in {"POST", "PUT", "PATCH", "DELETE"}
    ]
    found = {}
    async with outage(server):
        # A full Redis still deletes, though it cannot confirm that this is on disk: what is in a list goes before it.
        for write in sorted(set(writes) - READ, key=lambda write: (write.startswith("DELETE"), -len(write))):
            method, path = write.split()
            path = paths.get(path, path.replace("{id}", paths["id"]))
            found[write] = await answered(wire, method, path, json=BODIES.get(write))
        form = await answered(wire, "POST", "/subscribe", data={"q": "cranes", "address": "a@example.org"})
    assert {write: each for write, each in found.items() if each != (503, "5", "application/problem+json")} == {}
    assert form == (503, "5", "text/html")
    await wire.call("POST", "/v1/subscriptions", NEW, status=201)


async def fill(wire: Wire, receiver: Receiver) -> dict[str, str]:
    """Make what the writes are about, and give their paths; `id` is the one of a subscription."""
    made = await wire.subscribe(receiver.url(), categories=["cs.CL"])
    feed = await wire.call("POST", "/v1/subscriptions", NEW | {"channel": {"type": "feed"}}, status=201)
    one = f"/v1/subscriptions/{made['id']}"
    await wire.call("PUT", "/v1/operational-webhook", {"url": receiver.url("/problems")}, status=200)
    entry = await wire.call("POST", f"{one}/feedback", BODIES["POST /v1/subscriptions/{id}/feedback"], status=201)
    delivery = await wire.call("POST", f"{one}/test", status=200)
    await fill_index(wire.runtime.qdrant(), [Paper(id="p", title="cranes")])
    await wire.call("PATCH", "/v1/reading-list/papers/p", {"saved": True}, status=200)
    return {
        "id": made["id"],
        "/v1/reading-list/papers/{id}": "/v1/reading-list/papers/p",
        "/v1/deliveries/{id}/redeliver": f"/v1/deliveries/{delivery['id']}/redeliver",
        "/v1/subscriptions/{id}/feedback/{entry}/undo": f"{one}/feedback/{entry['id']}/undo",
        "/v1/subscriptions/{id}/rotate-feed": f"/v1/subscriptions/{feed['id']}/rotate-feed",
        "/v1/subscriptions/{id}/recover": f"{one}/recover?since=2026-01-01T00:00:00Z",
    }
