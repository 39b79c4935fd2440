"""Guards of routes: authentication of the caller, and 404 for objects of another API key."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Final, TypeVar

from aiohttp import web

from services.notifier.access.api_keys import ApiKeys
from shared.errors import PermanentError
from shared.http import Problem
from shared.http.api import Guard
from shared.readers.api_key import KeyInfo, Scope, key_of

OWNER = web.RequestKey("owner", str)
ID_SEGMENT: Final = "{id:[0-9a-fA-F-]{36}}"
"""The id in the path of a route."""
_SAFE: Final = frozenset({"GET", "HEAD"})
_READING_POSTS: Final = frozenset({"/v1/subscriptions/preview"})
"""Paths of which a POST changes nothing."""
T = TypeVar("T")


def guard(keys: ApiKeys) -> Guard:
    """Return the guard that requires an API key, with the scope that the request needs."""

    async def check(request: web.Request) -> None:
        reading = request.method in _SAFE or request.path in _READING_POSTS
        info = await authorize(keys, request, Scope.READ if reading else Scope.SUBSCRIBE)
        request[OWNER] = info.id

    return check


async def authorize(keys: ApiKeys, request: web.Request, scope: Scope, *, challenge: str = "Bearer") -> KeyInfo:
    """Return the key of a request, sent as Bearer or as the password of Basic.

    Raises:
        Problem: 401 without a valid key, asking for one by `challenge`; 403 for a key without the scope.

    """
    sent = request.headers.get("Authorization", "")
    info = await keys.find(key_of(sent))
    headers = {"WWW-Authenticate": f'{challenge} realm="paperwire"'}
    if info is None:
        raise Problem(401, _UNKNOWN if sent else _MISSING, headers=headers)
    if info.expired(keys.now()):
        detail = (
            f"This API key expired on {_day(info.expires_at)}: paperwire keys rotate {info.id} gives it a new text."
        )
        raise Problem(401, detail, headers=headers)
    if scope not in info.scopes:
        raise Problem(403, f"This API key lacks the scope {scope.value}; create one with --scope {scope.value}.")
    return info


_MISSING: Final = "Send an API key as Authorization: Bearer pw_…; create one with paperwire keys create."
_UNKNOWN: Final = (
    "This instance does not know the API key, which may be that of an instance with another data directory (--data-dir "
    "of a command): send another as Authorization: Bearer pw_…, or create one with paperwire keys create."
)


def _day(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment else ""


def require_found(found: T | None) -> T:
    """Return an object that was found; answer 404 otherwise."""
    if found is None:
        raise Problem(404, "This subscription or delivery does not exist, or belongs to another API key.")
    return found


async def refuse_with_422(work: Awaitable[T]) -> T:
    """Return the result of an operation; answer 422 with the reason of a permanent error."""
    try:
        return await work
    except PermanentError as error:
        raise Problem(422, str(error)) from error
