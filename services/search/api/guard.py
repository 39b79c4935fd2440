"""The rate limit for clients, checked before anything else of a request."""

from collections.abc import Sequence
from functools import wraps
from math import ceil

from aiohttp import web

from shared.coordination.quotas import LocalBuckets
from shared.http import Problem
from shared.http.api import Handler
from shared.http.clients import client_address
from shared.settings import Network


class Guard:
    """Refuses clients that exceed the rate limit: problem 429 with Retry-After."""

    def __init__(self, buckets: LocalBuckets, trusted: Sequence[Network]) -> None:
        """`trusted` are the proxies whose X-Forwarded-For header is used."""
        self._buckets = buckets
        self._trusted = trusted

    async def check(self, request: web.Request) -> None:
        """Count a request of its client; raises the problem 429 above the limit."""
        forwarded = request.headers.getall("X-Forwarded-For", [])
        client = client_address(request.remote, forwarded, self._trusted)
        if wait := self._buckets.take(client):
            seconds = ceil(wait)
            headers = {"Retry-After": str(seconds)}
            raise Problem(429, f"Too many requests: try again in {seconds} s.", headers=headers)

    def guarded(self, handler: Handler) -> Handler:
        """Check the limit before the handler of a page."""

        @wraps(handler)
        async def limited(request: web.Request) -> web.StreamResponse:
            await self.check(request)
            response: web.StreamResponse = await handler(request)
            return response

        return limited
