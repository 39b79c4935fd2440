"""The rate limit for clients, checked before anything else of a request, and the places for their work."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import wraps

from aiohttp import web

from shared.connections import READS
from shared.coordination.places import Places
from shared.coordination.quotas import Quota
from shared.coordination.request_limits import RequestLimits
from shared.http.api import Handler

Required = Callable[[], AbstractAsyncContextManager[None]]


class Guard:
    """Refuses clients that exceed the rate limit: problem 429 with Retry-After. The others take turns."""

    def __init__(self, limits: RequestLimits, quota: Quota, places: Places, required: Required) -> None:
        """`quota` is that of one client address; `required` ends a block when Redis or Qdrant is late."""
        self._required = required
        self._limits = limits
        self._quota = quota
        self._places = places

    async def check(self, request: web.Request) -> None:
        """Count a request of its client; raises the problem 429."""
        async with self._required():
            await self._limits.count_client(request, "requests", self._quota)

    @asynccontextmanager
    async def place(self, request: web.Request) -> AsyncIterator[None]:
        """Wait until it is the client's turn, and hold its place for the time of a block.

        Raises:
            CrowdedError: too many requests wait.
            TransientError: Redis or Qdrant is late.

        """
        request[READS] = True
        async with self._required(), self._places.place(self._limits.client(request)):
            yield

    def guarded(self, handler: Handler, *, counted: bool = True) -> Handler:
        """Check the limit before the handler of a page, and hold a place while it runs.

        A request that is not `counted` is checked against no limit.
        """

        @wraps(handler)
        async def limited(request: web.Request) -> web.StreamResponse:
            if counted:
                await self.check(request)
            async with self.place(request):
                response: web.StreamResponse = await handler(request)
            return response

        return limited
