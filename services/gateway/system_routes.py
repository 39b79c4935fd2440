"""The routes that the gateway answers itself: health, readiness of the services, and the merged OpenAPI document."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final

import orjson
from aiohttp import web
from pydantic import SecretStr

from services.gateway.merged_openapi import merged
from services.gateway.proxy import Proxy
from services.gateway.upstream import Upstream
from shared.dependencies import LIMIT_S, Dependencies
from shared.http import Api, Problem, document
from shared.http.health import HEALTH_EXAMPLES, Health
from shared.http.metrics import metrics_route
from shared.http.openapi import served
from shared.versions import own_version

MAX_DETAIL: Final = 500
"""Characters of what a service says about itself."""
KEPT_S: Final = 30.0
"""Seconds that the merged document is kept; a service that starts again may have another."""


def own_routes(
    proxy: Proxy, upstreams: Mapping[str, Upstream], dependencies: Dependencies, token: SecretStr | None = None
) -> Api:
    """Build the routes that the gateway answers itself."""
    api = Api("health", about="Whether the instance works, for its operator.", examples=HEALTH_EXAMPLES)

    @api.route("GET", "/healthz", summary="Check that the process is alive", response=Health)
    async def healthz(_: web.Request) -> Health:
        """Return 200 as long as the event loop runs."""
        return Health(status="ok")

    @api.route("GET", "/readyz", summary="Check that the process is ready", response=Health)
    async def readyz(_: web.Request) -> Health:
        """Return 503 with the reason while a service behind the gateway is not ready."""
        if late := dependencies.trouble():
            raise Problem(503, f"Not ready: {late}.")
        for reason in await asyncio.gather(*(_trouble(proxy, upstream) for upstream in upstreams.values())):
            if reason:
                raise Problem(503, f"Not ready: {reason}.")
        return Health(status="ready")

    async def made() -> dict[str, Any]:
        answers = await asyncio.gather(*(_document(proxy, upstream) for upstream in upstreams.values()))
        own = document([api], version=own_version())
        return merged(own, dict(zip(upstreams, answers, strict=True)))

    kept = _Kept(made)

    async def openapi(_: web.Request) -> web.Response:
        return web.Response(body=served(await kept.read()), content_type="application/json")

    api.plain += [metrics_route(token), web.get("/openapi.json", openapi)]
    return api


class _Kept:
    """The merged document, made once in `KEPT_S`: to make it takes the loop as long as hundreds of other requests."""

    def __init__(self, make: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        self._make = make
        self._making = asyncio.Lock()
        self._made: dict[str, Any] = {}
        self._until = 0.0

    async def read(self) -> dict[str, Any]:
        """Return the document; requests that come while it is made wait for it. Raises `Problem` as `_document`."""
        async with self._making:
            if not self._made or time.monotonic() >= self._until:
                self._made = await self._make()
                self._until = time.monotonic() + KEPT_S
            return self._made


async def _trouble(proxy: Proxy, upstream: Upstream) -> str | None:
    try:
        async with asyncio.timeout(LIMIT_S), await proxy.ask(upstream, "GET", "/readyz") as answer:
            if answer.status == HTTPStatus.OK:
                return None
            return f"{upstream.name}: {_detail(await answer.text()) or f'it answers {answer.status}'}"
    except TimeoutError:
        return f"{upstream.name} has not answered for {LIMIT_S:g} s"
    except Problem as problem:
        return str(problem).rstrip(".")


def _detail(text: str) -> str | None:
    """Return what a service says in problem details, without what the gateway says itself; None for another answer."""
    with suppress(orjson.JSONDecodeError, TypeError, KeyError):
        return str(orjson.loads(text)["detail"])[:MAX_DETAIL].removeprefix("Not ready: ").rstrip(".")
    return None


async def _document(proxy: Proxy, upstream: Upstream) -> dict[str, Any]:
    async with await proxy.ask(upstream, "GET", "/openapi.json") as answer:
        if answer.status != HTTPStatus.OK:
            raise Problem(503, f"The {upstream.name} service does not return its OpenAPI document; try again shortly.")
        result: dict[str, Any] = orjson.loads(await answer.read())
        return result
