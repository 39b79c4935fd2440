"""Which answers scripts of other sites may read (CORS): those to GET of the API, and never with cookies. Pure."""

from collections.abc import Mapping
from typing import Final

_OPEN: Final = ("/v1/", "/feeds/", "/feeds.opml", "/openapi.json", "/llms.txt")
_PRIVATE: Final = ("/feeds/private/",)
"""Addresses that are secrets themselves."""
_READING: Final = frozenset({"GET", "HEAD"})
ANSWERED: Final[Mapping[str, str]] = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Content-Disposition, ETag, Link, RateLimit, RateLimit-Policy, Retry-After, X-Total-Count"
    ),
}
"""The headers of an answer; without Access-Control-Allow-Credentials a browser sends no cookie."""
ALLOWED: Final[Mapping[str, str]] = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
"""The headers of the answer to a preflight request: a key in `Authorization` is allowed, as no browser adds one."""


def is_open(method: str, path: str) -> bool:
    """Return whether scripts of other sites may read the answer; `path` is without the base of the site."""
    return method in _READING and path.startswith(_OPEN) and not path.startswith(_PRIVATE)


def preflight(method: str, path: str, headers: Mapping[str, str]) -> bool:
    """Return whether a request asks in advance for one that is open."""
    wanted = headers.get("Access-Control-Request-Method", "")
    return method == "OPTIONS" and "Origin" in headers and is_open(wanted, path)
