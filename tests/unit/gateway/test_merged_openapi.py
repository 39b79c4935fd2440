"""One OpenAPI document out of several."""

from services.gateway.merged_openapi import merged

OWN = {"openapi": "3.1.0", "paths": {"/healthz": {"get": "own"}}, "components": {"schemas": {"Health": "own"}}}
SEARCH = {
    "openapi": "3.1.0",
    "paths": {"/v1/search": {"get": 1}, "/healthz": {"get": "search"}},
    "components": {"schemas": {"Paper": 1, "Health": "search"}},
}
NOTIFIER = {
    "openapi": "3.1.0",
    "paths": {"/v1/subscriptions": {"get": 2}, "/healthz": {"get": "notifier"}, "/v1/search": {"get": "not its own"}},
    "components": {"schemas": {"Alert": 2}, "securitySchemes": {"key": 3}},
}


def test_each_path_comes_from_the_service_that_answers_it() -> None:
    assert merged(OWN, {"search": SEARCH, "notifier": NOTIFIER}) == {
        "openapi": "3.1.0",
        "paths": {"/healthz": {"get": "own"}, "/v1/search": {"get": 1}, "/v1/subscriptions": {"get": 2}},
        "components": {"schemas": {"Alert": 2, "Health": "own", "Paper": 1}, "securitySchemes": {"key": 3}},
    }
