"""Every operation of the OpenAPI document has an example that its schemas accept."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import ClientSession
from jsonschema import Draft202012Validator

from services.notifier.access.api_keys import ApiKeys
from services.notifier.bootstrap import build as notifier
from services.search.bootstrap import build as search
from shared.export.paper_example import PAPER
from shared.http.examples import Example, added
from shared.papers.paper import Paper
from tests.contract.regenerate import DOCS
from tests.integration.search.instance import address, instance

DOCUMENT: dict[str, Any] = json.loads((DOCS / "openapi.json").read_text("utf-8"))
OPERATIONS: dict[str, dict[str, Any]] = {
    f"{method} {path}": operation for path, row in DOCUMENT["paths"].items() for method, operation in row.items()
}

OTHER: Final = "arXiv:2206.14268"
"""The second paper that examples name."""
REMEDY = "add it to the examples in services/search/api or services/notifier/api"


def errors(schema: dict[str, Any], value: Any) -> list[str]:
    whole = {**schema, "components": DOCUMENT["components"]}
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(whole).iter_errors(value)]


def bodies(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the description of each body of a request that succeeds."""
    yield from operation.get("requestBody", {}).get("content", {}).values()
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            yield from response.get("content", {}).values()


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_body_has_an_example_that_fits(name: str) -> None:
    for body in bodies(OPERATIONS[name]):
        assert "example" in body, REMEDY
        assert errors(body["schema"], body["example"]) == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_required_parameter_has_an_example_and_each_one_fits(name: str) -> None:
    rows = OPERATIONS[name]["parameters"]
    assert [row["name"] for row in rows if row["required"] and "example" not in row] == [], REMEDY
    given = [row for row in rows if "example" in row]
    assert {row["name"]: found for row in given if (found := errors(row["schema"], row["example"]))} == {}


FIRST: Final = (
    "PUT /v1/operational-webhook",
    "PATCH /v1/reading-list/papers/{id}",
    "POST /v1/reading-list/rotate-feed",
)
"""What others need: these are tried before them. What deletes is tried last, the most special first."""
OWN_CHANNELS: Final = {"GET /v1/subscriptions/{id}/feed": "feed", "POST /v1/subscriptions/{id}/rotate-feed": "feed"}
"""The operations whose subscription needs another channel than that of the examples."""
UNTRIED: Final = ("POST /v1/deliveries/{id}/redeliver", "POST /v1/subscriptions/{id}/test")
"""The operations that send to the address of the examples, which is nobody's."""


async def test_every_example_is_answered_with_success(tmp_path: Path, models: Path) -> None:
    papers = [Paper.model_validate(PAPER), Paper.model_validate(PAPER | {"id": OTHER, "identifiers": {}})]
    started = instance(tmp_path, models, papers, builders=(search, notifier), key_rate_limit=0)
    async with started as runtime, ClientSession(address(runtime)) as http:
        _, key = await ApiKeys(runtime.redis).create("test")
        http.headers["Authorization"] = f"Bearer {key}"
        async with http.get("/openapi.json") as response:
            paths = (await response.json())["paths"]
        operations = {f"{method.upper()} {path}": row for path, of in paths.items() for method, row in of.items()}
        named = await ids_of_this_instance(http, operations)
        order = sorted(operations.keys() - UNTRIED, key=turn)
        failed = {}
        for name in order:
            of = named | ({"id": named["feed"]} if name in OWN_CHANNELS else {})
            status, answer = await tried(http, name, operations[name], of)
            if not 200 <= status < 300:
                failed[name] = (status, answer)
    assert failed == {}


def turn(name: str) -> tuple[bool, bool, int]:
    """Return by what an operation has its turn."""
    return name not in FIRST, name.startswith("DELETE"), -len(name)


async def ids_of_this_instance(http: ClientSession, operations: Mapping[str, Any]) -> dict[str, str]:
    """Make what the examples name, and return the ids that it has here by those of the examples."""
    new = operations["POST /v1/subscriptions"]["requestBody"]["content"]["application/json"]["example"]
    made = []
    for body in (new, {**new, "channel": {"type": "feed"}}):
        async with http.post("/v1/subscriptions", json=body) as response:
            assert response.status == 201, await response.text()
            made.append((await response.json())["id"])
    feedback = operations["POST /v1/subscriptions/{id}/feedback"]["requestBody"]["content"]["application/json"]
    async with http.post(f"/v1/subscriptions/{made[0]}/feedback", json=feedback["example"]) as response:
        assert response.status == 201, await response.text()
        entry = (await response.json())["id"]
    return {"subscription": made[0], "feed": made[1], "entry": entry}


async def tried(
    http: ClientSession, name: str, operation: Mapping[str, Any], named: Mapping[str, str]
) -> tuple[int, str]:
    """Send the request that an example shows."""
    method, _, path = name.partition(" ")
    of_subscription = path.startswith("/v1/subscriptions/")
    query: list[tuple[str, str]] = []
    for row in operation["parameters"]:
        if "example" not in row:
            continue
        value = row["example"]
        if row["name"] in named and (row["name"] != "id" or of_subscription):
            value = named[row["name"]]
        elif row["name"] == "id" and of_subscription:
            value = named["subscription"]
        if row["in"] == "path":
            path = path.replace("{" + row["name"] + "}", value)
        else:
            query += [(row["name"], str(one)) for one in (value if isinstance(value, list) else [value])]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    async with http.request(method, path, params=query, json=body) as response:
        return response.status, (await response.text())[:300]


def test_an_example_has_no_parameter_that_its_operation_lacks() -> None:
    operation = {"operationId": "x", "parameters": [], "responses": {"204": {}}}
    with pytest.raises(ValueError, match="unknown parameter q"):
        added(operation, Example(parameters={"q": "x"}))
