"""The rate limit for clients, checked before anything else of a request."""

from functools import wraps

from aiohttp import web

from shared.coordination.quotas import Quota
from shared.coordination.request_limits import RequestLimits
from shared.http.api import Handler


class Guard:
    """Refuses clients that exceed the rate limit: problem 429 with Retry-After."""

    def __init__(self, limits: RequestLimits, quota: Quota) -> None:
        """`quota` is that of one client address."""
        self._limits = limits
        self._quota = quota

    async def check(self, request: web.Request) -> None:
        """Count a request of its client; raises the problem 429."""
        await self._limits.count_client(request, "requests", self._quota)

    def guarded(self, handler: Handler) -> Handler:
        """Check the limit before the handler of a page."""

        @wraps(handler)
        async def limited(request: web.Request) -> web.StreamResponse:
            await self.check(request)
            response: web.StreamResponse = await handler(request)
            return response

        return limited
