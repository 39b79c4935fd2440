"""How often one client may do something on a page."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web
from redis.asyncio import Redis

from shared.coordination.quotas import Quota, SharedBuckets
from shared.http.app import heard_of
from shared.http.front import client_of
from shared.settings import Network


@dataclass(frozen=True, slots=True)
class ClientQuotas:
    """Counts the requests of each client; the `trusted` proxies are believed about the client's address."""

    redis: Redis
    trusted: Sequence[Network]

    async def take(self, request: web.Request, name: str, quota: Quota) -> bool:
        """Count a request under a name, and return whether it is within the quota."""
        return not await SharedBuckets(self.redis).take(f"{name}:{self.client(request)}", quota)

    def client(self, request: web.Request) -> str:
        """Return the address of the client of a request."""
        return client_of(heard_of(request), self.trusted)
