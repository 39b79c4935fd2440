"""Every operation of the OpenAPI document has an example that its schemas accept."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from shared.http.examples import Example, added
from tests.contract.regenerate import DOCS

DOCUMENT: dict[str, Any] = json.loads((DOCS / "openapi.json").read_text("utf-8"))
OPERATIONS: dict[str, dict[str, Any]] = {
    f"{method} {path}": operation for path, row in DOCUMENT["paths"].items() for method, operation in row.items()
}

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


def test_an_example_has_no_parameter_that_its_operation_lacks() -> None:
    operation = {"operationId": "x", "parameters": [], "responses": {"204": {}}}
    with pytest.raises(ValueError, match="unknown parameter q"):
        added(operation, Example(parameters={"q": "x"}))
