"""One OpenAPI document out of several."""

from typing import Any

from services.gateway.merged_openapi import merged

TAGS = [{"name": name, "description": name} for name in ("alerts", "health", "search")]
OWN = {
    "openapi": "3.1.0",
    "tags": [TAGS[1]],
    "paths": {"/healthz": {"get": "own"}},
    "components": {"schemas": {"Health": "own"}},
}
SEARCH = {
    "openapi": "3.1.0",
    "tags": [TAGS[1], TAGS[2]],
    "paths": {"/v1/search": {"get": 1}, "/healthz": {"get": "search"}},
    "components": {"schemas": {"Paper": 1, "Health": "search"}},
}
NOTIFIER = {
    "openapi": "3.1.0",
    "tags": [TAGS[0], TAGS[1]],
    "paths": {"/v1/subscriptions": {"get": 2}, "/healthz": {"get": "notifier"}, "/v1/search": {"get": "not its own"}},
    "components": {"schemas": {"Alert": 2}, "securitySchemes": {"key": 3}},
}


def test_each_path_comes_from_the_service_that_answers_it() -> None:
    assert merged(OWN, {"search": SEARCH, "notifier": NOTIFIER}) == {
        "openapi": "3.1.0",
        "tags": TAGS,
        "paths": {"/healthz": {"get": "own"}, "/v1/search": {"get": 1}, "/v1/subscriptions": {"get": 2}},
        "components": {"schemas": {"Alert": 2, "Health": "own", "Paper": 1}, "securitySchemes": {"key": 3}},
    }


def operation(tag: str, parameter: str) -> dict[str, Any]:
    rows = [{"name": name, "required": True} for name in ("paper", parameter)]
    answer = {"content": {"application/json": {"schema": tag}}}
    return {"summary": tag, "description": tag, "tags": [tag], "parameters": rows, "responses": {"200": answer}}


def test_a_path_of_two_services_has_the_parameters_and_the_answers_of_both() -> None:
    secured = operation("alerts", "subscription") | {"security": [{"key": []}]}
    documents = {
        "search": {"paths": {"/v1/explain": {"get": operation("search", "q")}}},
        "notifier": {"paths": {"/v1/explain": {"get": secured}}},
    }
    whole = merged(OWN, documents)["paths"]["/v1/explain"]["get"]
    required = {row["name"]: row["required"] for row in whole["parameters"]}
    assert required == {"paper": True, "q": False, "subscription": False}
    assert whole["responses"]["200"]["content"]["application/json"]["schema"] == {"anyOf": ["search", "alerts"]}
    assert whole["security"] == [{}, {"key": []}]
    assert whole["tags"] == ["search", "alerts"]
