"""The subscription API: what it takes, what it refuses, and to whom things belong."""

# JSON bodies have no narrower type

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest

from services.cli.commands.api_keys import revoke_key
from services.cli.instance.context import Context
from services.notifier.access.api_keys import ApiKeys
from services.notifier.subscription.store import Store
from shared.errors import ConfigurationError
from shared.papers.paper import Paper
from tests.integration.notifier.matching.index import fill
from tests.integration.notifier.support import Receiver, Wire, indexed
from tests.support import until

HOOK = {"type": "webhook", "url": "https://example.org/hook"}
BASE = {"categories": ["cs.CL"], "channel": HOOK}
PAPER = Paper(id="arXiv:2603.00001", title="cranes", categories=("cs.CL",))
NOBODY = "00000000-0000-4000-8000-000000000000"


async def test_create_read_change_list_delete(wire: Wire) -> None:
    made = await wire.call("POST", "/v1/subscriptions", BASE | {"query": " folding cranes "}, status=201)
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert made["name"] == "folding cranes"
    assert (made["changes"], made["sensitivity"], made["schedule"]) == (["new"], 0.45, "instant")
    assert made["state"]["status"] == "active"
    one = f"/v1/subscriptions/{made['id']}"
    assert await wire.call("GET", one, status=200) == made
    changed = await wire.call("PATCH", one, {"not": ["paper planes"], "sensitivity": 0.3, "query": None}, status=200)
    assert (changed["not"], changed["sensitivity"], changed["query"]) == (["paper planes"], 0.3, None)
    assert changed["categories"] == ["cs.CL"]
    restored = await wire.call("PATCH", one, {"sensitivity": None, "not": None}, status=200)
    assert (restored["sensitivity"], restored["not"]) == (0.45, [])
    assert await wire.call("GET", "/v1/subscriptions", status=200) == {"subscriptions": [restored], "next_cursor": None}
    await wire.call("DELETE", one, status=204)
    await wire.call("GET", one, status=404)
    assert (await wire.runtime.qdrant().count("subscriptions")).count == 0
    assert not [key async for key in wire.runtime.redis.scan_iter("s*:" + made["id"])]


async def test_pages_of_subscriptions_and_deliveries(wire: Wire, receiver: Receiver) -> None:
    made = [(await wire.subscribe(receiver.url(), categories=["cs.CL"]))["id"] for _ in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        path = f"/v1/subscriptions?limit=2{'&cursor=' + cursor if cursor else ''}"
        page = await wire.call("GET", path, status=200)
        seen += [one["id"] for one in page["subscriptions"]]
        cursor = page["next_cursor"]
    assert seen == made
    await wire.publish(*(indexed(PAPER.model_copy(update={"id": f"arXiv:2603.0000{n}"})) for n in range(5)))
    await receiver.count(25)
    path = f"/v1/subscriptions/{made[0]}/deliveries?limit=3"
    first = await wire.call("GET", path, status=200)
    second = await wire.call("GET", f"{path}&cursor={first['next_cursor']}", status=200)
    assert (len(first["deliveries"]), len(second["deliveries"]), second["next_cursor"]) == (3, 2, None)
    assert len({one["id"] for one in first["deliveries"] + second["deliveries"]}) == 5
    await wire.call("GET", f"{path}&cursor={NOBODY}", status=422)


BODIES: dict[str, Any] = {
    "change_subscription": {"name": "stolen"},
    "give_feedback": {"kind": "mute", "author": "Ada Lee"},
}
"""What is sent to the operations that take a body."""
QUERIES: dict[str, str] = {"recover_subscription": "?since=2020-01-01T00:00:00Z"}
"""What is asked of the operations that want to be asked something."""


READERS: str = "/v1/reading-list/"
"""Where ids are those of papers, which belong to nobody."""


async def owned(wire: Wire) -> list[tuple[str, str, Any]]:
    """List every operation on an object of somebody's, from the document of the API: method, path, body."""
    async with wire.http.get("/openapi.json") as response:
        paths = (await response.json())["paths"]
    rows = [
        (
            method.upper(),
            path + QUERIES.get(operation["operationId"], ""),
            BODIES[operation["operationId"]] if "requestBody" in operation else None,
        )
        for path, operations in paths.items()
        for method, operation in operations.items()
        if "security" in operation and "{" in path and not path.startswith(READERS)
    ]
    return [*rows, ("GET", "/v1/explain?paper=p&subscription={id}", None)]


async def test_objects_of_another_key_are_not_found(wire: Wire, receiver: Receiver) -> None:
    """INVARIANT: every route with an id answers 404 to who does not own it, as for an id that never was."""
    made = await wire.subscribe(receiver.url(), categories=["cs.CL"])
    await fill(wire.runtime.qdrant(), [Paper(id="p", title="cranes")])
    await wire.publish(indexed(PAPER))
    await receiver.count(1)
    (delivery,) = await wire.deliveries(made["id"])
    entry = await wire.call(
        "POST", f"/v1/subscriptions/{made['id']}/feedback", {"kind": "mute", "author": "Bo"}, status=201
    )
    _, other = await ApiKeys(wire.runtime.redis).create("other")
    before = await wire.call("GET", f"/v1/subscriptions/{made['id']}", status=200)
    routes = await owned(wire)
    assert len(routes) >= 13
    for method, path, body in routes:
        mine = {"id": delivery["id"] if path.startswith("/v1/deliveries") else made["id"], "entry": entry["id"]}
        answer = await wire.call(method, path.format(**mine), body, status=404, key=other)
        never = await wire.call(method, path.format(id=NOBODY, entry="0" * 16), body, status=404)
        assert answer == never
        assert (await wire.call(method, path.format(**mine), body, status=401, key="pw_wrong"))["status"] == 401
    assert (await wire.call("GET", "/v1/subscriptions", status=200, key=other))["subscriptions"] == []
    assert await wire.call("GET", f"/v1/subscriptions/{made['id']}", status=200) == before


@pytest.mark.parametrize("sent", (b"Bearer pw_\xff", b"Basic \xff", b"Basic cHc6cHdf\xff", b"\xff"))
async def test_a_key_that_is_no_text_is_refused(wire: Wire, sent: bytes) -> None:
    url = wire.http._base_url  # the client itself sends text only
    assert url
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(b"GET /v1/subscriptions HTTP/1.1\r\nHost: here\r\nAuthorization: " + sent + b"\r\n\r\n")
    assert (await reader.readline()).split()[1] == b"401"
    writer.close()


async def test_a_request_without_a_key_is_refused(wire: Wire) -> None:
    for authorization in (None, "", "Bearer", "Bearer pw_", "Basic cHc6cHc=", "Bearer pw_\u00e9"):
        headers = {} if authorization is None else {"Authorization": authorization}
        async with wire.http.post("/v1/subscriptions", data=b"{", headers=headers) as response:
            assert response.status == 401
            assert response.headers["WWW-Authenticate"].startswith("Bearer")
            assert response.content_type == "application/problem+json"


async def test_a_revoked_key_is_refused_and_its_subscriptions_send_nothing(
    wire: Wire, receiver: Receiver, tmp_path: Path
) -> None:
    keys = ApiKeys(wire.runtime.redis)
    (info,) = await keys.list()
    for path in ("/one", "/two"):
        await wire.subscribe(receiver.url(path), categories=["cs.CL"], query="cranes", sensitivity=0.0)
    _, other = await keys.create("other")
    hers = BASE | {"channel": {"type": "webhook", "url": receiver.url("/hers")}}
    await wire.call("POST", "/v1/subscriptions", hers, status=201, key=other)
    context = Context.load(tmp_path / "nothing", redis_url=wire.runtime.settings.redis_url)
    await revoke_key(context, info.id)
    with pytest.raises(ConfigurationError, match="no key"):
        await revoke_key(context, info.id)
    await wire.publish(indexed(PAPER))
    await receiver.count(1)
    await until(wire.drained)
    assert [one.path for one in receiver.arrived] == ["/hers"]
    rows = await Store(wire.runtime.redis).several(
        [name.decode() for name in await wire.runtime.redis.zrange(f"subscriptions:of:{info.id}", 0, -1)]
    )
    assert [row.subscription.state.reason for row in rows if row] == ["Its API key was revoked."] * 2
    await wire.call("GET", "/v1/subscriptions", status=401)
    assert wire.key.encode() not in b"".join(
        [await wire.runtime.redis.dump(k) or b"" for k in (b"keys", b"keys:by_id")]
    )


REFUSED: tuple[tuple[Any, str], ...] = (
    ({"channel": HOOK}, "at least one of query"),
    ({"channel": HOOK, "query": " "}, "query"),
    ({"channel": HOOK, "unlike": ["arXiv:2401.00001"]}, "at least one of query"),
    (BASE | {"unlike": ["arXiv:2401.00001"]}, "unlike"),
    ({"categories": ["cs.CL"]}, "channel"),
    (BASE | {"surprise": 1}, "surprise"),
    (BASE | {"name": "a\u0000b"}, "control characters"),
    (BASE | {"must": "graph"}, "must"),
    (BASE | {"must": ["…"]}, "letter or digit"),
    (BASE | {"must": ["x" * 201]}, "must"),
    (BASE | {"authors": [1]}, "authors"),
    (BASE | {"changes": []}, "changes"),
    (BASE | {"changes": ["deleted"]}, "changes"),
    (BASE | {"sensitivity": 1.5}, "sensitivity"),
    (BASE | {"sensitivity": True}, "sensitivity"),
    (BASE | {"sensitivity": "0.5"}, "sensitivity"),
    (BASE | {"sensitivity": {"per_week": 5}}, "per_week needs query or like"),
    (BASE | {"query": "cranes", "sensitivity": {"per_week": 0}}, "per_week"),
    (BASE | {"query": "cranes", "sensitivity": {"per_week": 5, "per_month": 5}}, "per_month"),
    (BASE | {"counters": ["citations"]}, "counters needs signals"),
    (BASE | {"schedule": {"daily": "08:00", "timezone": "Mars/Olympus"}}, "time zone"),
    (BASE | {"schedule": "hourly"}, "schedule"),
    (BASE | {"min_signals": {"upvotes": -1}}, "upvotes"),
    (BASE | {"min_signals": {"likes": 1}}, "likes"),
    (BASE | {"channel": {"type": "email", "address": "a@b@example.org"}}, "e-mail address"),
    (BASE | {"channel": {"type": "pigeon"}}, "channel"),
    (BASE | {"channel": HOOK | {"url": "ftp://example.org/"}}, "http or https"),
    (BASE | {"channel": HOOK | {"url": "https://"}}, "http or https"),
    (BASE | {"channel": HOOK | {"url": "https://example.org:99999/"}}, "http or https"),
    (BASE | {"channel": HOOK | {"url": "https://me:pw@example.org/"}}, "user name or password"),
    (BASE | {"channel": HOOK | {"url": "http://a b/"}}, "http or https"),
    (BASE | {"like": ["arXiv:2401.99999"]}, "arXiv:2401.99999"),
    ([BASE], "body"),
    ("text", "body"),
)


async def test_invalid_fields_are_refused_in_one_sentence(wire: Wire) -> None:
    for body, names in REFUSED:
        problem = await wire.call("POST", "/v1/subscriptions", body, status=422)
        assert names.lower() in problem["detail"].lower()
        assert problem["detail"].endswith(".")
        assert "factory" not in str(problem)
    assert (await wire.call("GET", "/v1/subscriptions", status=200))["subscriptions"] == []


UNREADABLE = (
    (b"", 400),
    (b"{", 400),
    (b'{"query": "\\ud800"}', 400),
    (b'{"query": "\xff"}', 400),
    (b'{"sensitivity": NaN}', 400),
    (b"[" * 60_000, 400),  # deep, and within the 64 KiB of a body
    (b'{"query": "' + b"x" * (2 * 1024 * 1024) + b'"}', 413),
    (b'{"categories": ["a"], "categories": 1}', 422),
)


async def test_a_body_that_is_not_a_json_object_is_refused(wire: Wire) -> None:
    headers = {"Authorization": f"Bearer {wire.key}", "Content-Type": "application/json"}
    for raw, status in UNREADABLE:
        async with wire.http.post("/v1/subscriptions", data=io.BytesIO(raw), headers=headers) as response:
            assert response.status == status
            assert (await response.json(content_type="application/problem+json"))["status"] == status


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_body_with_a_wrong_content_encoding_is_refused(wire: Wire, encoding: str) -> None:
    headers = {"Authorization": f"Bearer {wire.key}", "Content-Type": "application/json", "Content-Encoding": encoding}
    async with wire.http.post("/v1/subscriptions", data=io.BytesIO(b"no such thing"), headers=headers) as response:
        assert response.status == 400, await response.text()
        assert "body" in (await response.json(content_type="application/problem+json"))["detail"]


async def test_an_invalid_change_changes_nothing(wire: Wire) -> None:
    made = await wire.call("POST", "/v1/subscriptions", BASE, status=201)
    one = f"/v1/subscriptions/{made['id']}"
    patches: tuple[dict[str, Any], ...] = (
        {"categories": []},
        {"channel": None},
        {"like": ["arXiv:2401.99999"]},
        {"state": "paused"},
        {"id": NOBODY},
    )
    for patch in patches:
        await wire.call("PATCH", one, patch, status=422)
    assert (await wire.call("GET", one, status=200))["updated_at"] == made["updated_at"]


async def test_liked_papers_form_the_interest_vector(wire: Wire, receiver: Receiver) -> None:
    await fill(
        wire.runtime.qdrant(),
        [
            Paper(id="arXiv:2401.00001", title="folding paper cranes"),
            Paper(id="arXiv:2401.00002", title="dust between galaxies", identifiers={"doi": "10.1234/d"}),
        ],
    )
    await wire.subscribe(receiver.url(), like=["2401.00001v3"], unlike=["https://doi.org/10.1234/d"], sensitivity=0.5)
    near = Paper(id="arXiv:2603.00001", title="folding paper cranes")
    far = Paper(id="arXiv:2603.00002", title="dust between galaxies")
    await wire.publish(indexed(far), indexed(near))
    (arrived,) = await receiver.count(1)
    assert b"2603.00001" in arrived.body
