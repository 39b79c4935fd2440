"""Which service answers a path. The first prefix that fits wins; whatever fits none is for `search`."""

from typing import Final

ROUTES: Final = (
    ("/v1/subscriptions", "notifier"),
    ("/v1/deliveries", "notifier"),
    ("/v1/explain", "notifier"),
    ("/v1/operational-webhook", "notifier"),
    ("/f", "notifier"),
    ("/my", "notifier"),
    ("/subscribe", "notifier"),
    ("/outbox", "notifier"),
    ("/feeds/private", "notifier"),
)
DEFAULT: Final = "search"
SERVICES: Final = ("search", "notifier")


def service_of(path: str) -> str:
    """Name the service of a path, which is given as it stands in the request, still encoded."""
    for prefix, service in ROUTES:
        if path == prefix or path.startswith(prefix + "/"):
            return service
    return DEFAULT
