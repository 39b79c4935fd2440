"""The rate limit for clients, checked before anything else of a request, and the places for their work."""

from contextlib import AbstractAsyncContextManager
from functools import wraps

from aiohttp import web

from shared.connections import READS
from shared.coordination.places import Places
from shared.coordination.quotas import Quota
from shared.coordination.request_limits import RequestLimits
from shared.http.api import Handler


class Guard:
    """Refuses clients that exceed the rate limit: problem 429 with Retry-After. The others take turns."""

    def __init__(self, limits: RequestLimits, quota: Quota, places: Places) -> None:
        """`quota` is that of one client address."""
        self._limits = limits
        self._quota = quota
        self._places = places

    async def check(self, request: web.Request) -> None:
        """Count a request of its client; raises the problem 429."""
        await self._limits.count_client(request, "requests", self._quota)

    def place(self, request: web.Request) -> AbstractAsyncContextManager[None]:
        """Return the place for a request, which waits until it is the client's turn; raises CrowdedError."""
        request[READS] = True
        return self._places.place(self._limits.client(request))

    def guarded(self, handler: Handler) -> Handler:
        """Check the limit before the handler of a page, and hold a place while it runs."""

        @wraps(handler)
        async def limited(request: web.Request) -> web.StreamResponse:
            await self.check(request)
            async with self.place(request):
                response: web.StreamResponse = await handler(request)
            return response

        return limited
