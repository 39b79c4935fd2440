"""API keys: scopes, expiry, last use, rotation, and what revoking one ends."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.cli.app import app
from services.cli.commands.api_keys import revoke_key
from services.cli.instance.context import Context
from services.notifier.access.api_keys import REVOKED, ApiKeys
from services.notifier.subscription.store import Store
from shared.errors import ConfigurationError
from shared.papers.paper import Paper
from shared.readers.api_key import Scope, digest
from tests.integration.notifier.support import Receiver, Wire, indexed, notifier
from tests.support import until

BASE = {"categories": ["cs.CL"], "channel": {"type": "feed"}}
PAPER = Paper(id="arXiv:2603.00001", title="cranes", categories=("cs.CL",))


def context(wire: Wire, tmp_path: Path) -> Context:
    return Context.load(tmp_path / "nothing", redis_url=wire.runtime.settings.redis_url)


async def links_of(receiver: Receiver) -> dict[str, str]:
    """Return the links of the first alert, as paths."""
    (arrived, *_) = await receiver.count(1)
    links: dict[str, str] = json.loads(arrived.body)["data"]["links"]
    return {action: path_of(link) for action, link in links.items()}


@pytest.fixture
async def linked(redis_url: str, qdrant_url: str, tmp_path: Path) -> AsyncIterator[Wire]:
    """A notifier with a public address, so that its alerts have links."""
    async with notifier(redis_url, qdrant_url, tmp_path, public_url="https://papers.example") as running:
        yield running


def path_of(link: str) -> str:
    return link.removeprefix("https://papers.example")


async def test_a_revoked_key_owns_nothing_that_comes_back(linked: Wire, receiver: Receiver, tmp_path: Path) -> None:
    wire = linked
    (info,) = await ApiKeys(wire.runtime.redis).list()
    made = await wire.subscribe(receiver.url(), categories=["cs.CL"])
    feed = (await wire.call("GET", f"/v1/subscriptions/{made['id']}/feed"))["atom"]
    feed = path_of(feed)
    await wire.call("PUT", "/v1/operational-webhook", {"url": receiver.url("/notices")}, status=200)
    await wire.publish(indexed(PAPER))
    links = await links_of(receiver)
    async with wire.http.get(feed) as response:
        assert response.status == 200
    await revoke_key(context(wire, tmp_path), info.id)
    async with wire.http.get(feed) as response:
        assert response.status == 404
    for link in links.values():
        for method in ("GET", "POST"):
            async with wire.http.request(method, link) as response:
                assert response.status == 404
    rows = await Store(wire.runtime.redis).several([made["id"]])
    assert [row.subscription.state.reason for row in rows if row] == [REVOKED]
    await wire.publish(indexed(PAPER.model_copy(update={"id": "arXiv:2603.00002"})))
    await until(wire.drained)
    assert [one.path for one in receiver.arrived] == ["/hook"]


async def test_what_is_on_its_way_when_a_key_is_revoked_does_not_activate_anything(wire: Wire) -> None:
    keys, store = ApiKeys(wire.runtime.redis), Store(wire.runtime.redis)
    (info,) = await keys.list()
    made = [await wire.call("POST", "/v1/subscriptions", BASE, status=201) for _ in range(3)]
    requests = [wire.call("POST", "/v1/subscriptions", BASE) for _ in range(20)]
    requests += [wire.call("POST", f"/v1/subscriptions/{one['id']}/resume") for one in made]
    await asyncio.gather(*requests, keys.revoke(info.id))
    rows = await store.several(await store.owned(info.id))
    assert len(rows) >= len(made)
    assert {row.subscription.state.status.value for row in rows if row} == {"disabled"}


async def test_a_key_that_is_rotated_while_it_is_revoked_is_revoked(wire: Wire) -> None:
    """INVARIANT: no text of a revoked key is valid, whichever of two commands is quicker."""
    keys = ApiKeys(wire.runtime.redis)
    for _ in range(20):
        info, text = await keys.create("one")
        results = await asyncio.gather(keys.revoke(info.id), keys.rotate(info.id), return_exceptions=True)
        texts = [text, *(result[1] for result in results if isinstance(result, tuple))]
        assert [await keys.find(one) for one in texts] == [None] * len(texts)
        assert info.id not in {one.id for one in await keys.list()}


async def test_a_revoked_key_leaves_no_data_when_it_is_told_so(wire: Wire, receiver: Receiver, tmp_path: Path) -> None:
    (info,) = await ApiKeys(wire.runtime.redis).list()
    await wire.subscribe(receiver.url(), categories=["cs.CL"])
    daily = {"daily": "08:00", "timezone": "UTC"}
    await wire.call("POST", "/v1/subscriptions", BASE | {"schedule": daily}, status=201, once="once")
    await wire.call("PUT", "/v1/operational-webhook", {"url": receiver.url("/notices")}, status=200)
    await wire.publish(indexed(PAPER))
    await receiver.count(1)
    await until(wire.drained)
    await revoke_key(context(wire, tmp_path), info.id)
    await revoke_key(context(wire, tmp_path), info.id, delete=True)
    owned = re.compile(
        rb"(subscription|interest|secret|feedback|feed|gathered|matches|match|delivery|deliveries:of|deliveries:due"
        rb"|deliveries:lane|subscriptions:of|idempotency):"
    )
    left = [key async for key in wire.runtime.redis.scan_iter() if owned.match(key)]
    assert left == []
    with pytest.raises(ConfigurationError, match="no key"):
        await revoke_key(context(wire, tmp_path), info.id)


async def test_a_key_does_only_what_its_scopes_allow(wire: Wire) -> None:
    keys = ApiKeys(wire.runtime.redis)
    made = await wire.call("POST", "/v1/subscriptions", BASE, status=201)
    _, reading = await keys.create("reading", (Scope.READ,))
    _, writing = await keys.create("writing", (Scope.SUBSCRIBE,))
    await wire.call("GET", "/v1/subscriptions", status=200, key=reading)
    await wire.call("POST", "/v1/subscriptions/preview", {"categories": ["cs.CL"]}, status=200, key=reading)
    await wire.call("POST", "/v1/subscriptions", BASE, status=201, key=writing)
    for method, path, body, key, scope in (
        ("POST", "/v1/subscriptions", BASE, reading, "subscribe"),
        ("DELETE", f"/v1/subscriptions/{made['id']}", None, reading, "subscribe"),
        ("GET", "/v1/subscriptions", None, writing, "read"),
    ):
        problem = await wire.call(method, path, body, status=403, key=key)
        assert f"--scope {scope}" in problem["detail"]
    async with wire.http.post("/my", data={"key": reading}) as response:
        assert response.status == 403


async def test_a_key_from_before_scopes_keeps_what_it_could(wire: Wire) -> None:
    redis, key = wire.runtime.redis, "pw_before"
    row = {"id": "0" * 16, "name": "before", "created_at": "2026-01-01T00:00:00Z"}
    await redis.hset("keys", digest(key), json.dumps(row))
    await redis.hset("keys:by_id", row["id"], digest(key))
    await wire.call("POST", "/v1/subscriptions", BASE, status=201, key=key)
    assert len((await wire.call("GET", "/v1/subscriptions", status=200, key=key))["subscriptions"]) == 1


async def test_a_key_expires_and_a_rotated_one_goes_on(wire: Wire) -> None:
    clock = [datetime.now(UTC).timestamp()]
    keys = ApiKeys(wire.runtime.redis, lambda: clock[0])
    info, key = await keys.create("short", expires_at=datetime.now(UTC) - timedelta(seconds=1))
    problem = await wire.call("GET", "/v1/subscriptions", status=401, key=key)
    assert f"keys rotate {info.id}" in problem["detail"]
    rotated = await keys.rotate(info.id, datetime.now(UTC) + timedelta(days=1))
    assert rotated
    await wire.call("POST", "/v1/subscriptions", BASE, status=201, key=rotated[1])
    again = await keys.rotate(info.id, overlap=3_600)
    assert again
    for text in (rotated[1], again[1]):
        assert len((await wire.call("GET", "/v1/subscriptions", status=200, key=text))["subscriptions"]) == 1
    await wire.call("GET", "/v1/subscriptions", status=401, key=key)
    found = await keys.find(rotated[1])
    clock[0] += 3_601
    assert found
    assert (await keys.find(rotated[1])).expired(keys.now())  # type: ignore[union-attr]
    assert [one.id for one in await keys.list()].count(info.id) == 1
    assert await keys.revoke(info.id) == 1
    for text in (rotated[1], again[1]):
        await wire.call("GET", "/v1/subscriptions", status=401, key=text)


async def test_the_last_use_of_a_key_is_noted(wire: Wire) -> None:
    keys = ApiKeys(wire.runtime.redis)
    assert [one.last_used_at for one in await keys.list()] == [None]
    await wire.call("GET", "/v1/subscriptions", status=200)
    (info,) = await keys.list()
    assert info.last_used_at
    assert abs((datetime.now(UTC) - info.last_used_at).total_seconds()) < 60


def test_the_command_line_creates_lists_and_rotates(
    redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAPERWIRE_REDIS_URL", redis_url)
    monkeypatch.setenv("PAPERWIRE_DATA_DIR", str(tmp_path))

    def keys(*arguments: str, status: int = 0) -> Any:
        result = CliRunner().invoke(app, ["keys", *arguments])
        assert result.exit_code == status, result.output
        return json.loads(result.output) if "--json" in arguments else result.output

    made = keys("create", "ci", "--scope", "read", "--scope", "admin", "--expires", "90d", "--json")
    assert made["scopes"] == ["read", "admin"]
    assert made["expires_at"]
    assert keys("create", "plain", "--json")["scopes"] == ["read", "subscribe"]
    rotated = keys("rotate", made["id"], "--overlap", "1d", "--json")
    assert (rotated["id"], rotated["key"] != made["key"]) == (made["id"], True)
    rows = keys("list", "--json")
    assert [(row["name"], row["last_used_at"]) for row in rows] == [("ci", None), ("plain", None)]
    for bad in (("--expires", "soon"), ("--expires", "2020-01-01"), ("--expires", "2027-13-01")):
        keys("create", "x", *bad, status=1)
