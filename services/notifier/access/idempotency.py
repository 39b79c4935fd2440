"""`Idempotency-Key`: a POST that a client repeats, because the answer was lost, is executed once.

The answer is kept for a day, encrypted, as it may hold a secret. It belongs to the API key of the caller.
"""

import asyncio
import functools
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from math import ceil
from typing import Any, Final

from aiohttp import web
from redis.asyncio import Redis

from services.notifier.access.guards import OWNER
from services.notifier.secrets.cipher import Cipher
from shared.coordination.quotas import Quota, SharedBuckets
from shared.http import Api, Problem
from shared.http.api import Handler, Route, dump
from shared.papers.paper import Model

HEADER: Final = "Idempotency-Key"
ANSWER_LIFETIME: Final = 86_400
"""Seconds that an answer is kept."""
PENDING_LIFETIME: Final = 60
"""Seconds after which a request without an answer counts as aborted; the longest request takes 20."""
MAX_ANSWER: Final = 16 * 1024
"""Bytes of an answer that is kept. Larger ones are those of previews, which may be executed again."""
KEYS: Final = Quota(10_000, 10_000 / ANSWER_LIFETIME)
"""Idempotency keys of one API key."""
_VISIBLE: Final = "[!-~]{1,255}"
_PARAMETER: Final = {
    "type": "string",
    "pattern": f"^{_VISIBLE}$",
    "description": "The request is executed once, however often it is sent with the same key within a day.",
}


class KeptAnswer(Model):
    """The request that a key was used for, and its answer once there is one."""

    fingerprint: str
    status: int | None = None
    body: str = ""


class Idempotency:
    """Execute requests with an idempotency key once."""

    def __init__(self, redis: Redis, cipher: Cipher) -> None:
        """Take the `cipher` that encrypts kept answers."""
        self._redis = redis
        self._cipher = cipher

    def cover(self, api: Api) -> None:
        """Make every POST that needs an API key support the header."""
        api.routes = [
            self._covered(route) if route.method == "POST" and route.secured else route for route in api.routes
        ]

    def _covered(self, route: Route) -> Route:
        inner: Handler = route.handler

        @functools.wraps(inner)
        async def handle(request: web.Request, *arguments: Any) -> Any:  # noqa: ANN401  # as handlers take and return
            key = request.headers.get(HEADER)
            if key is None:
                return await inner(request, *arguments)
            if not re.fullmatch(_VISIBLE, key):
                raise Problem(400, f"{HEADER} must be 1 to 255 visible ASCII characters, such as a UUID.")
            return await self._once(route, request, key, functools.partial(inner, request, *arguments))

        return replace(route, handler=handle, headers={**route.headers, HEADER: _PARAMETER})

    async def _once(self, route: Route, request: web.Request, key: str, work: Handler) -> web.Response:
        if wait := await SharedBuckets(self._redis).take(f"limit:idempotency:{request[OWNER]}", KEYS):
            detail = f"Too many requests with an {HEADER} today: send them without it, or later."
            raise Problem(429, detail, headers={"Retry-After": str(ceil(wait))})
        key_name = f"idempotency:{request[OWNER]}:{_digest(key.encode())}"
        asked = KeptAnswer(fingerprint=_digest(request.method.encode(), request.path_qs.encode(), await request.read()))
        if not await self._redis.set(key_name, asked.model_dump_json(), nx=True, ex=PENDING_LIFETIME):
            return self._known(await self._redis.get(key_name), asked)
        async with self._freed_on_failure(key_name):
            answer = await work()
            body = b"" if answer is None else dump(answer)
            done = asked.model_copy(update={"status": 204 if answer is None else route.status})
            done = done.model_copy(update={"body": self._cipher.seal(body.decode())})
        if len(body) > MAX_ANSWER:
            await self._redis.delete(key_name)
        else:
            await self._redis.set(key_name, done.model_dump_json(), ex=ANSWER_LIFETIME)
        return _response(done.status or route.status, body)

    @asynccontextmanager
    async def _freed_on_failure(self, key_name: str) -> AsyncIterator[None]:
        """Free the key of a request that failed: it may be sent again, or changed."""
        try:
            yield
        except (Exception, asyncio.CancelledError):
            await self._redis.delete(key_name)
            raise

    def _known(self, row: bytes | None, asked: KeptAnswer) -> web.Response:
        kept = KeptAnswer.model_validate_json(row) if row else asked
        if kept.fingerprint != asked.fingerprint:
            raise Problem(422, f"This {HEADER} was used for another request. Use a new one.")
        if kept.status is None:
            detail = f"The request with this {HEADER} is still in progress. Try again in a second."
            raise Problem(409, detail, headers={"Retry-After": "1"})
        return _response(kept.status, self._cipher.open(kept.body).encode(), {"Idempotency-Replayed": "true"})


def _response(status: int, body: bytes, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=status, body=body, content_type="application/json", headers=headers)


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()
