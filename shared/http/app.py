"""The aiohttp application of a process: its services' routes, one way to answer errors, one way to count."""

import re
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog
from aiohttp import web

from shared import telemetry
from shared.errors import TransientError
from shared.http.api import MAX_BODY, Api, Problem, dump, endpoint

Next = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = structlog.get_logger("http")
MAX_PORT = 65_535
_HOST = re.compile(r"(?:[\w.-]+|\[(?!.*:::)[\da-f:.]+\])(?::(?P<port>\d{1,5}))?", re.ASCII | re.IGNORECASE)


def build_app(apis: Sequence[Api]) -> web.Application:
    """Join the routes of some services in one application."""
    app = web.Application(middlewares=[measured, problems], client_max_size=MAX_BODY)
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
    """Make one handler for each method and path; routes that share them are told apart by a query parameter."""
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


def problem_response(problem: Problem) -> web.Response:
    """Write a problem as an answer."""
    return web.Response(
        body=dump(problem.body),
        status=problem.status,
        content_type="application/problem+json",
        headers=problem.headers,
    )


@web.middleware
async def problems(request: web.Request, handler: Next) -> web.StreamResponse:
    """Answer every failure with problem details; an unexpected error is logged, and its text is not sent."""
    try:
        _check_host(request)
        return await handler(request)
    except Problem as problem:
        return problem_response(problem)
    except web.HTTPRedirection:
        raise
    except web.HTTPException as error:
        detail = {404: f"There is nothing at {request.path}.", 413: f"The body is over {MAX_BODY} bytes."}
        allow = error.headers.getall("Allow", [])
        headers = {"Allow": ", ".join(allow)} if allow else {}
        return problem_response(Problem(error.status, detail.get(error.status, error.reason), headers=headers))
    except web.RequestPayloadError:
        return problem_response(Problem(400, "The body cannot be read: it breaks off, or is not what its headers say."))
    except TransientError as error:
        headers = {"Retry-After": str(int(error.retry_after or 2))}
        return problem_response(Problem(503, f"Try again shortly: {error}", headers=headers))
    except Exception as error:
        log.exception("request failed", method=request.method, path=request.path, error=str(error))
        return problem_response(Problem(500, "Something went wrong on our side; it is logged."))


def _check_host(request: web.Request) -> None:
    """Raise the problem 400 for a malformed Host header: links to the instance are made from it."""
    host = _HOST.fullmatch(request.host)
    if not host or int(host["port"] or 0) > MAX_PORT:
        raise Problem(400, "The Host header is not the address of a server.")


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
