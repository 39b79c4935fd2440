"""The routing table. The first prefix that matches wins; every other path goes to `search`."""

from collections.abc import Container
from typing import Final

ROUTES: Final = (
    ("/v1/subscriptions", "notifier"),
    ("/v1/deliveries", "notifier"),
    ("/v1/explain", "notifier"),
    ("/v1/operational-webhook", "notifier"),
    ("/v1/reading-list", "notifier"),
    ("/f", "notifier"),
    ("/my", "notifier"),
    ("/subscribe", "notifier"),
    ("/outbox", "notifier"),
    ("/feeds/private", "notifier"),
)
BY_PARAMETER: Final = {("/v1/explain", "q"): "search"}
"""Paths that another service answers when the request has a query parameter."""
DEFAULT: Final = "search"
SERVICES: Final = ("search", "notifier")


def service_of(path: str, parameters: Container[str] = ()) -> str:
    """Return the service of a request by its path, still encoded as in the request, and its query parameters."""
    for (exact, parameter), service in BY_PARAMETER.items():
        if path == exact and parameter in parameters:
            return service
    for prefix, service in ROUTES:
        if path == prefix or path.startswith(prefix + "/"):
            return service
    return DEFAULT


def services_of(path: str) -> frozenset[str]:
    """Return every service that answers a path, whatever the query parameters."""
    return frozenset([service_of(path), *(service for (exact, _), service in BY_PARAMETER.items() if path == exact)])
