"""Health, readiness, metrics and the API document: the same for every service."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from aiohttp import web
from pydantic import SecretStr

from shared.http import Api, Problem, document
from shared.http.examples import Example
from shared.http.metrics import metrics_route
from shared.http.openapi import served
from shared.papers.paper import Model
from shared.versions import own_version


class Health(Model):
    """The health of a process."""

    status: str
    trouble: str | None = None


HEALTH_EXAMPLES: Final = {
    "healthz": Example({"status": "ok", "trouble": None}),
    "readyz": Example({"status": "ready", "trouble": None}),
}


def routes(
    trouble: Callable[[], str | None],
    apis: Sequence[Api],
    measure: Callable[[], Awaitable[None]] | None = None,
    token: SecretStr | None = None,
) -> Api:
    """Make the routes that every process answers; `trouble` says why it is not ready, or None.

    `measure` brings the metrics up to date that are not counted as things happen; `token` opens them.
    """
    api = Api("health", about="Whether the instance works, for its operator.", examples=HEALTH_EXAMPLES)

    @api.route("GET", "/healthz", summary="Check that the process is alive", response=Health)
    async def healthz(_: web.Request) -> Health:
        """Return 200 as long as the event loop runs."""
        return Health(status="ok", trouble=trouble())

    @api.route("GET", "/readyz", summary="Check that the process is ready", response=Health)
    async def readyz(_: web.Request) -> Health:
        """Return 503 with the reason while the process cannot do its work."""
        if reason := trouble():
            raise Problem(503, f"Not ready: {reason}.")
        return Health(status="ready")

    described = document([*apis, api], version=own_version())

    async def openapi(_: web.Request) -> web.Response:
        return web.Response(body=served(described), content_type="application/json")

    api.plain += [metrics_route(token, measure), web.get("/openapi.json", openapi)]
    return api
