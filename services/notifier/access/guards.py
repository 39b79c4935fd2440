"""Who asks, and what exists for them: everything belongs to a key, and what belongs to another one does not exist."""

from collections.abc import Awaitable, Sequence
from typing import Final, TypeVar

from aiohttp import web
from redis.asyncio import Redis

from services.notifier.access.api_keys import ApiKeys
from services.notifier.access.quota import Quota
from shared.errors import PermanentError
from shared.http import Problem
from shared.http.api import Guard
from shared.http.clients import client_address
from shared.settings import Network

OWNER = web.RequestKey("owner", str)
ID_SEGMENT: Final = "{id:[0-9a-fA-F-]{36}}"
"""An id in a route."""
T = TypeVar("T")


def guard(keys: ApiKeys) -> Guard:
    """Make the guard that asks for an API key."""

    async def check(request: web.Request) -> None:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        owner = await keys.owner(key.strip()) if scheme.lower() == "bearer" else None
        if owner is None:
            detail = "Send an API key as Authorization: Bearer pw_…; paperwire keys create makes one."
            raise Problem(401, detail, headers={"WWW-Authenticate": 'Bearer realm="paperwire"'})
        request[OWNER] = owner

    return check


def quota_guard(redis: Redis, name: str, quota: Quota, trusted: Sequence[Network]) -> Guard:
    """Make the guard of what costs something and asks for no key; `trusted` proxies are believed who the client is."""

    async def check(request: web.Request) -> None:
        client = client_address(request.remote, request.headers.getall("X-Forwarded-For", []), trusted)
        if not await quota.take(redis, f"quota:{name}:{client}"):
            detail = f"That was more than {quota.most} times in {quota.seconds} seconds: wait a little."
            raise Problem(429, detail, headers={"Retry-After": str(quota.seconds)})

    return check


def require_found(found: T | None) -> T:
    """Answer 404 for what is not there."""
    if found is None:
        raise Problem(404, "There is no such subscription or delivery of yours.")
    return found


async def refuse_with_422(work: Awaitable[T]) -> T:
    """Answer what cannot be done with its reason."""
    try:
        return await work
    except PermanentError as error:
        raise Problem(422, str(error)) from error
