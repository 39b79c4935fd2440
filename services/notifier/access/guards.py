"""Guards of routes: who calls, and what exists for them. What belongs to another API key does not exist."""

from collections.abc import Awaitable
from typing import Final, TypeVar

from aiohttp import web

from services.notifier.access.api_keys import ApiKeys
from shared.errors import PermanentError
from shared.http import Problem
from shared.http.api import Guard

OWNER = web.RequestKey("owner", str)
ID_SEGMENT: Final = "{id:[0-9a-fA-F-]{36}}"
"""The id in the path of a route."""
T = TypeVar("T")


def guard(keys: ApiKeys) -> Guard:
    """Return the guard that requires an API key."""

    async def check(request: web.Request) -> None:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        owner = await keys.owner(key.strip()) if scheme.lower() == "bearer" else None
        if owner is None:
            detail = "Send an API key as Authorization: Bearer pw_…; create one with paperwire keys create."
            raise Problem(401, detail, headers={"WWW-Authenticate": 'Bearer realm="paperwire"'})
        request[OWNER] = owner

    return check


def require_found(found: T | None) -> T:
    """Return what was found, or answer 404."""
    if found is None:
        raise Problem(404, "This subscription or delivery does not exist, or belongs to another API key.")
    return found


async def refuse_with_422(work: Awaitable[T]) -> T:
    """Return the result of work, or answer 422 with the reason of a permanent error."""
    try:
        return await work
    except PermanentError as error:
        raise Problem(422, str(error)) from error
