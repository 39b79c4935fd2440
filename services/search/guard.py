"""Asks the limit before a handler runs."""

from collections.abc import Sequence
from functools import wraps
from math import ceil
from typing import Any

from aiohttp import web

from services.search.limits import TokenBuckets, client_address
from shared.http import Problem
from shared.http.api import Handler
from shared.settings import Network


class Guard:
    """Turns clients away that ask too much: problem 429 with Retry-After."""

    def __init__(self, buckets: TokenBuckets, trusted: Sequence[Network]) -> None:
        """`trusted` are the proxies whose word about the client is believed."""
        self._buckets = buckets
        self._trusted = trusted

    def guarded(self, handler: Handler) -> Handler:
        """Put the limit before a handler of a route or page."""

        @wraps(handler)
        async def limited(request: web.Request, *arguments: Any) -> Any:  # noqa: ANN401  # as the handler
            forwarded = request.headers.getall("X-Forwarded-For", [])
            client = client_address(request.remote, forwarded, self._trusted)
            if wait := self._buckets.take(client):
                seconds = ceil(wait)
                headers = {"Retry-After": str(seconds)}
                raise Problem(429, f"Too many requests: try again in {seconds} s.", headers=headers)
            return await handler(request, *arguments)

        return limited
