"""`Idempotency-Key`: a POST that is sent again, because its answer got lost, is done once and answered alike.

The answer is kept for a day, sealed, as it may hold a secret. It belongs to the key of the caller.
"""

import asyncio
import functools
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

from aiohttp import web
from redis.asyncio import Redis

from services.notifier.access.guards import OWNER
from services.notifier.secrets.cipher import Cipher
from shared.http import Api, Problem
from shared.http.api import Handler, Route, dump
from shared.papers.paper import Model

HEADER: Final = "Idempotency-Key"
ANSWER_LIFETIME: Final = 86_400
"""Seconds that an answer is kept."""
PENDING_LIFETIME: Final = 60
"""Seconds after which a request that was begun and has no answer counts as broken off; the longest takes 20."""
_VISIBLE: Final = "[!-~]{1,255}"
_PARAMETER: Final = {
    "type": "string",
    "pattern": f"^{_VISIBLE}$",
    "description": "With this header the request is done once, however often it is sent within a day.",
}


class Kept(Model):
    """What is known of a key: the request it was used for, and the answer once there is one."""

    fingerprint: str
    status: int | None = None
    body: str = ""


class Idempotency:
    """Does requests with a key once."""

    def __init__(self, redis: Redis, cipher: Cipher) -> None:
        self._redis = redis
        self._cipher = cipher

    def cover(self, api: Api) -> None:
        """Let every POST that is for the owner of a key honour the header."""
        api.routes = [self._covered(one) if one.method == "POST" and one.secured else one for one in api.routes]

    def _covered(self, route: Route) -> Route:
        inner: Handler = route.handler

        @functools.wraps(inner)
        async def handle(request: web.Request, *arguments: Any) -> Any:  # noqa: ANN401  # what handlers take and give
            key = request.headers.get(HEADER)
            if key is None:
                return await inner(request, *arguments)
            if not re.fullmatch(_VISIBLE, key):
                raise Problem(400, f"{HEADER} must be 1 to 255 visible ASCII characters, such as a UUID.")
            return await self._once(route, request, key, functools.partial(inner, request, *arguments))

        return replace(route, handler=handle, headers={**route.headers, HEADER: _PARAMETER})

    async def _once(self, route: Route, request: web.Request, key: str, work: Handler) -> web.Response:
        name = f"idempotency:{request[OWNER]}:{_digest(key.encode())}"
        mine = Kept(fingerprint=_digest(request.method.encode(), request.path_qs.encode(), await request.read()))
        if not await self._redis.set(name, mine.model_dump_json(), nx=True, ex=PENDING_LIFETIME):
            return self._known(await self._redis.get(name), mine)
        async with self._forgotten_on_failure(name):
            answer = await work()
            body = b"" if answer is None else dump(answer)
            done = mine.model_copy(update={"status": 204 if answer is None else route.status})
            done = done.model_copy(update={"body": self._cipher.seal(body.decode())})
        await self._redis.set(name, done.model_dump_json(), ex=ANSWER_LIFETIME)
        return _response(done.status or route.status, body)

    @asynccontextmanager
    async def _forgotten_on_failure(self, name: str) -> AsyncIterator[None]:
        """Free the key of a request that was not done: it may be sent again, or differently."""
        try:
            yield
        except (Exception, asyncio.CancelledError):
            await self._redis.delete(name)
            raise

    def _known(self, row: bytes | None, mine: Kept) -> web.Response:
        kept = Kept.model_validate_json(row) if row else mine
        if kept.fingerprint != mine.fingerprint:
            raise Problem(422, f"This {HEADER} was used for another request: take a new one.")
        if kept.status is None:
            detail = f"The request with this {HEADER} is still being done: ask again shortly."
            raise Problem(409, detail, headers={"Retry-After": "1"})
        return _response(kept.status, self._cipher.open(kept.body).encode(), {"Idempotency-Replayed": "true"})


def _response(status: int, body: bytes, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=status, body=body, content_type="application/json", headers=headers)


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()
