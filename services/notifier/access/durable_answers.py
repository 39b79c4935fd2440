"""Answers that hold after a power cut: a request that may have written is answered after Redis has it on disk.

A client that has read 201 will not ask again, so what it was told has to be kept. One that has read a page of an error
will, and the page is its answer.
"""

import functools
from collections.abc import Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from redis.asyncio import Redis

from shared.coordination.durability import durable
from shared.http import Api

READ_ONLY: Final = frozenset({"GET", "HEAD", "OPTIONS"})
ONLY_READING: Final = frozenset({"/v1/subscriptions/preview"})
"""Paths of POST requests that write nothing."""
Handler = Callable[..., Awaitable[Any]]


def make_durable(api: Api, redis: Redis) -> None:
    """Make the answers of every route that may write wait for the disk of Redis."""
    api.routes = [
        route
        if route.method in READ_ONLY or route.path in ONLY_READING
        else replace(route, handler=_waiting(route.handler, redis))
        for route in api.routes
    ]
    api.plain = [
        web.route(route.method, route.path, _waiting(route.handler, redis), **route.kwargs)
        if isinstance(route, web.RouteDef) and route.method not in READ_ONLY
        else route
        for route in api.plain
    ]


def _waiting(handler: Handler, redis: Redis) -> Handler:
    @functools.wraps(handler)
    async def handle(*arguments: Any) -> Any:  # noqa: ANN401  # as handlers take and return
        answer = await handler(*arguments)
        if not (isinstance(answer, web.StreamResponse) and answer.status >= HTTPStatus.BAD_REQUEST):
            await durable(redis)
        return answer

    return handle
