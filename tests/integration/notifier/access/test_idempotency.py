"""`Idempotency-Key`: a repeated request is executed once."""

import asyncio
import json
import uuid
from typing import Any

from aiohttp import web

from services.notifier.access.api_keys import ApiKeys
from shared.papers.paper import Paper
from tests.integration.notifier.secrets.test_vault import everything
from tests.integration.notifier.support import Receiver, Wire, indexed
from tests.support import until

BODY: dict[str, Any] = {"categories": ["cs.CL"], "channel": {"type": "webhook", "url": "https://example.org/hook"}}
LIST = "/v1/subscriptions"


async def number(wire: Wire) -> int:
    return len((await wire.call("GET", LIST, status=200))["subscriptions"])


async def test_a_repeated_creation_returns_the_same_subscription_and_secret(wire: Wire) -> None:
    key = str(uuid.uuid4())
    first = await wire.call("POST", LIST, BODY, status=201, once=key)
    second = await wire.call("POST", LIST, BODY, status=201, once=key)
    assert first == second
    assert await number(wire) == 1
    stored = await everything(wire.runtime.redis)
    assert first["secret"].removeprefix("whsec_").encode() not in stored
    assert key.encode() not in stored
    await wire.call("POST", LIST, BODY, status=201)
    await wire.call("POST", LIST, BODY, status=201, once=str(uuid.uuid4()))
    assert await number(wire) == 3


async def test_a_replayed_answer_is_marked(wire: Wire) -> None:
    headers = {"Authorization": f"Bearer {wire.key}", "Idempotency-Key": "one"}
    for replayed in (None, "true", "true"):
        async with wire.http.post(LIST, json=BODY, headers=headers) as response:
            assert (response.status, response.headers.get("Idempotency-Replayed")) == (201, replayed)
            assert response.content_type == "application/json"


async def test_a_key_used_for_another_request_is_refused(wire: Wire) -> None:
    made = await wire.call("POST", LIST, BODY, status=201, once="one")
    problem = await wire.call("POST", LIST, BODY | {"name": "another"}, status=422, once="one")
    assert "was used for another request" in problem["detail"]
    await wire.call("POST", f"{LIST}/{made['id']}/pause", status=422, once="one")
    assert await number(wire) == 1


async def test_a_key_belongs_to_its_owner(wire: Wire) -> None:
    _, other = await ApiKeys(wire.runtime.redis).create("other")
    mine = await wire.call("POST", LIST, BODY, status=201, once="one")
    theirs = await wire.call("POST", LIST, BODY, status=201, once="one", key=other)
    assert mine["id"] != theirs["id"]
    await wire.call("POST", LIST, BODY, status=401, once="one", key="pw_wrong")


async def test_a_key_of_a_refused_request_may_be_used_again(wire: Wire) -> None:
    await wire.call("POST", LIST, BODY | {"like": ["arXiv:2401.99999"]}, status=422, once="one")
    made = await wire.call("POST", LIST, BODY, status=201, once="one")
    assert made["secret"]
    for key in ("x" * 256, "a b", "é"):
        await wire.call("POST", LIST, BODY, status=400, once=key)


async def test_a_request_in_progress_refuses_its_repetition(wire: Wire, receiver: Receiver) -> None:
    held = asyncio.Event()

    async def hold(_: web.Request) -> web.StreamResponse:
        await held.wait()
        return web.Response(status=204)

    receiver.answers["/hook"] = hold
    made = await wire.subscribe(receiver.url(), categories=["cs.CL"])
    test = f"{LIST}/{made['id']}/test"
    first = asyncio.create_task(wire.call("POST", test, status=200, once="one"))
    await receiver.count(1)
    assert "still in progress" in (await wire.call("POST", test, status=409, once="one"))["detail"]
    held.set()
    assert await first == await wire.call("POST", test, status=200, once="one")
    assert len(receiver.arrived) == 1


async def test_redelivery_rotation_and_recovery_happen_once(wire: Wire, receiver: Receiver) -> None:
    made = await wire.subscribe(receiver.url(), categories=["cs.CL"])
    await wire.publish(indexed(Paper(id="arXiv:2603.00001", title="cranes", categories=("cs.CL",))))
    await receiver.count(1)

    async def delivered() -> Any:
        found = await wire.deliveries(made["id"])
        return found[0] if found and found[0]["state"] == "delivered" else None

    delivery = await until(delivered)
    for path, status in (
        (f"/v1/deliveries/{delivery['id']}/redeliver", 202),
        (f"{LIST}/{made['id']}/rotate-secret", 200),
        (f"{LIST}/{made['id']}/recover?since=2020-01-01T00:00:00Z", 202),
    ):
        answers = [await wire.call("POST", path, status=status, once=path) for _ in range(3)]
        assert len({json.dumps(answer) for answer in answers}) == 1
    await receiver.count(2)
    await until(delivered)
    assert len(receiver.arrived) == 2


async def test_the_openapi_document_lists_the_header_where_it_is_honoured(wire: Wire) -> None:
    async with wire.http.get("/openapi.json") as response:
        paths = (await response.json())["paths"]
    received = {
        (method, "security" in operation): any(row["name"] == "Idempotency-Key" for row in operation["parameters"])
        for operations in paths.values()
        for method, operation in operations.items()
    }
    assert {kind for kind, there in received.items() if there} == {("post", True)}
    create = {row["name"]: row for row in paths[LIST]["post"]["parameters"]}["Idempotency-Key"]
    assert (create["in"], create["required"]) == ("header", False)
