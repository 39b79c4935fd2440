"""HTTP: routes, the envelope around every answer, and the address."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from aiohttp import web

from embedded.qdrant.errors import ApiError, BadRequest, DiskFailed, DiskFull
from embedded.qdrant.http import collection_routes, point_routes, responses
from embedded.qdrant.http.call import Call, Handler
from embedded.qdrant.storage.collection_store import Collections
from shared.connections import READS

# The version whose REST API this is; clients compare it with their own.
VERSION = "1.20.0"
BODY_BYTES = 32 * 1024 * 1024  # Qdrant's default

log = logging.getLogger("embedded.qdrant")
WebHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(
    collections: Collections, prefix: str = "", on_disk_failure: Callable[[], None] = lambda: None
) -> web.Application:
    """Return the application; with a ``prefix`` (``/…``) every address but the health checks starts with it.

    ``on_disk_failure`` is called when a log could not be written: the server is of no use any more.
    """
    app = web.Application(client_max_size=BODY_BYTES, middlewares=[in_form])
    for path in ("/healthz", "/livez", "/readyz"):
        app.router.add_get(path, healthy)
        if prefix:
            app.router.add_get(prefix + path, healthy)
    for path in {prefix or "/", f"{prefix}/"}:
        app.router.add_get(path, root)
    for method, path, handler in (*collection_routes.ROUTES, *point_routes.CHANGES, *point_routes.READS):
        app.router.add_route(method, prefix + path, enveloped(collections, handler, on_disk_failure))
    return app


async def root(_: web.Request) -> web.Response:
    """Return the title and version that clients check compatibility by."""
    return answer({"title": "qdrant - vector search engine", "version": VERSION})


async def healthy(_: web.Request) -> web.Response:
    """Return 200: the loop runs and every collection is open."""
    return web.Response(text="healthz check passed")


def enveloped(collections: Collections, handler: Handler, on_disk_failure: Callable[[], None]) -> WebHandler:
    """Return the aiohttp handler: body from JSON, answer or refusal in Qdrant's envelope."""
    reads = handler in {read for _, _, read in point_routes.READS}

    async def respond(request: web.Request) -> web.Response:
        started = time.perf_counter()
        try:
            request[READS] = reads
            body = json_of(await request.read())
            result = await handler(Call(collections, request.match_info, body))
        except ApiError as error:
            if isinstance(error, DiskFailed):
                on_disk_failure()
            if isinstance(error, DiskFull):
                log.error("%s %s: %s", request.method, request.path, error)  # noqa: TRY400  # it is no defect
            elif error.status >= 500:  # noqa: PLR2004
                log.exception("%s %s", request.method, request.path)
            return refusal(error.status, str(error), started)
        return answer({"result": result, "status": "ok", "time": time.perf_counter() - started})

    return respond


@web.middleware
async def in_form(request: web.Request, handler: WebHandler) -> web.StreamResponse:
    """Answer what aiohttp itself refuses (no such route, too large) in Qdrant's form."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return refusal(error.status, error.reason, time.perf_counter())


def json_of(content: bytes) -> dict[str, Any]:
    """Return a request's body.

    Raises:
        BadRequest: it is not a JSON object.
    """
    try:
        body = orjson.loads(content) if content else {}
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"Format error in JSON body: {error}") from error
    if not isinstance(body, dict):
        raise BadRequest("Format error in JSON body: expected an object")
    return body


def refusal(status: int, message: str, started: float) -> web.Response:
    """Return an error as Qdrant would."""
    return answer({"status": {"error": message}, "time": time.perf_counter() - started}, status)


def answer(content: dict[str, Any], status: int = 200) -> web.Response:
    """Return a JSON response."""
    return web.Response(body=responses.dump(content), status=status, content_type="application/json")
