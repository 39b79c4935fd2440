"""The aiohttp application of a process: the routes of its services, error responses and request metrics."""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from shared import telemetry
from shared.connections import BodyLateError
from shared.http.api import MAX_BODY, RATE_LIMITS, Api, Problem, dump, endpoint
from shared.http.cross_origin import ALLOWED, ANSWERED, is_open, preflight
from shared.http.front import DIRECT, Front, Heard, is_host
from shared.http.site import enter, inner_path, path_to
from shared.outages import RETRY_S, outage
from shared.shown_address import shown

Next = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = structlog.get_logger("http")
UNKNOWN_PROXY = web.RequestKey("unknown_proxy", str)
"""The address of the proxy that passed the request on and is not trusted."""
MAX_FORWARDED: Final = 4 * 1024
"""Characters of all `Forwarded` headers of a request: some thirty proxies."""
PAGE: Final[web.AppKey[Callable[[Problem], web.Response]]] = web.AppKey("page")
"""Shows a browser the problem of an address that no route answers."""
NOSNIFF: Final = {"X-Content-Type-Options": "nosniff"}
"""On every answer: a browser must not guess another type than the one it is told."""


def build_app(apis: Sequence[Api], front: Front = DIRECT) -> web.Application:
    """Join the routes of some services in one application; `front` is what stands in front of it."""
    app = web.Application(middlewares=[measured, problems, _located(front), allowed], client_max_size=MAX_BODY)
    app.on_response_prepare.append(_general_headers)
    app[PAGE] = next((api.page for api in apis if api.page), problem_response)
    operations = _operations(apis)
    for api in apis:
        for route in api.routes:
            handler = operations.pop((route.method, route.path), None)
            if handler is None:  # added with the first route of its path
                continue
            for method in ("GET", "HEAD") if route.method == "GET" else (route.method,):
                app.router.add_route(method, route.path, handler)
        app.add_routes(api.plain)
    return app


def _operations(apis: Sequence[Api]) -> dict[tuple[str, str], Next]:
    """Make one handler for each method and path; a query parameter distinguishes routes that share them."""
    routes = [(api, route) for api in apis for route in api.routes]
    handlers = {(route.method, route.path): endpoint(api, route) for api, route in routes if not route.when}
    for api, route in routes:
        if route.when:
            key, handler = (route.method, route.path), endpoint(api, route)
            handlers[key] = _when(route.when, handler, handlers.get(key, handler))
    return handlers


def _when(parameter: str, chosen: Next, other: Next) -> Next:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await (chosen if parameter in request.query else other)(request)

    return handle


def heard_of(request: web.Request) -> Heard:
    """Return what a request says of where it comes from.

    Raises:
        Problem: 431 its `Forwarded` headers are longer than proxies write them; to read them takes long.

    """
    if sum(map(len, request.headers.getall("Forwarded", ()))) > MAX_FORWARDED:
        raise Problem(431, f"The Forwarded headers are longer than {MAX_FORWARDED} characters. Send shorter ones.")
    return Heard(request.remote or "", request.scheme, request.host, request.headers, request.forwarded)


def problem_response(problem: Problem) -> web.Response:
    """Write a problem as an answer."""
    return web.Response(
        body=dump(problem.body),
        status=problem.status,
        content_type="application/problem+json",
        headers=NOSNIFF | problem.headers,
    )


async def _general_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers that every answer has, and those of the limits that the request counted for."""
    response.headers.update(NOSNIFF)
    if is_open(request.method, _own_path(request)):
        response.headers.update(ANSWERED)
    if limits := request.get(RATE_LIMITS):
        standings = [f'"{limit.policy}";r={limit.left};t={limit.reset}' for limit in limits]
        policies = [f'"{limit.policy}";q={limit.most};w={limit.window}' for limit in limits]
        response.headers.update({"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(standings)})


def _own_path(request: web.Request) -> str:
    """Return the path of a request without the base of the site, which the gateway leaves to the services."""
    return inner_path(request.path, path_to(""))


@web.middleware
async def allowed(request: web.Request, handler: Next) -> web.StreamResponse:
    """Answer a browser that asks whether a script of another site may read an answer of the API."""
    if preflight(request.method, _own_path(request), request.headers):
        return web.Response(status=204, headers=ALLOWED)
    return await handler(request)


@web.middleware
async def problems(request: web.Request, handler: Next) -> web.StreamResponse:
    """Answer every failure with problem details; an unexpected error is logged, and its text is not sent."""
    try:
        _check_host(request)
        return await handler(request)
    except web.HTTPRedirection:
        raise
    except Exception as error:  # noqa: BLE001  # every failure has an answer; what is unexpected is logged
        problem = _expected(request, error) or _unexpected(request, error)
        answer = request.app[PAGE] if _is_lost(request, error) else problem_response
        return answer(problem)


def _is_lost(request: web.Request, error: Exception) -> bool:
    """Return whether a browser asks for a page that does not exist."""
    asks = request.method in ("GET", "HEAD") and "text/html" in request.headers.get("Accept", "")
    return isinstance(error, web.HTTPNotFound) and asks and not request.path.startswith("/v1/")


def _expected(request: web.Request, error: Exception) -> Problem | None:
    """Return the problem of an error that the client or an outage causes, or None."""
    match error:
        case Problem():
            return error
        case web.HTTPException():
            detail = {404: f"There is nothing at {request.path}.", 413: f"The body is over {MAX_BODY} bytes."}
            allow = error.headers.getall("Allow", [])
            headers = {"Allow": ", ".join(allow)} if allow else {}
            return Problem(error.status, detail.get(error.status, error.reason), headers=headers)
        case BodyLateError():
            return Problem(408, "The body was not sent within 30 s; send it again, faster.")
        case web.RequestPayloadError():
            return Problem(400, "The body is incomplete, or does not match its headers. Send it again.")
    if not _has_left(request) and (what := outage(error)):
        headers = {"Retry-After": str(int(getattr(error, "retry_after", None) or RETRY_S))}
        log.debug("request delayed", method=request.method, path=shown(request.path), reason=what)
        return Problem(503, f"Try again shortly: {what}.", headers=headers)
    return None


def _unexpected(request: web.Request, error: Exception) -> Problem:
    """Log an error and return its problem; nobody reads the one of a client that has gone."""
    if _has_left(request):
        log.debug("request aborted", method=request.method, path=shown(request.path), error=str(error))
        return Problem(400, "The request was aborted.")
    log.error("request failed", method=request.method, path=shown(request.path), error=str(error), exc_info=error)
    return Problem(500, "An unexpected error occurred. It has been logged; try again later.")


def _has_left(request: web.Request) -> bool:
    """Return whether the client has closed the connection."""
    return request.transport is None or request.transport.is_closing()


def _check_host(request: web.Request) -> None:
    """Raise the problem 400 for a malformed Host header: links to the instance are made from it."""
    if not is_host(request.host):
        raise Problem(400, "The Host header must be a host name with an optional port.")


def _located(front: Front) -> Middleware:
    """Make the middleware that finds out where the client reaches the instance; it logs once what to set."""
    told: list[str] = []

    @web.middleware
    async def located(request: web.Request, handler: Next) -> web.StreamResponse:
        heard = heard_of(request)
        try:
            enter(front.site(heard))
        except ValueError as error:
            raise Problem(400, str(error)) from error
        if proxy := front.unknown_proxy(heard):
            request[UNKNOWN_PROXY] = proxy
            if not told and proxy == heard.peer:  # our gateway logs what it tells us
                told.append(proxy)
                advice = f"if it is yours, set PAPERWIRE_TRUSTED_PROXIES={proxy}, or all its readers share one quota"
                log.warning("proxy unknown", peer=proxy, advice=advice)
        return await handler(request)

    return located


@web.middleware
async def measured(request: web.Request, handler: Next) -> web.StreamResponse:
    """Time every request under its route's pattern, never under its path."""
    started = time.perf_counter()
    response = await handler(request)
    resource = request.match_info.route.resource
    pattern = resource.canonical if resource else "unknown"
    elapsed = time.perf_counter() - started
    telemetry.REQUESTS.labels(pattern, request.method, str(response.status)).observe(elapsed)
    return response
