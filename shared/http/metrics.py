"""`/metrics`: counts of streams and requests, which name nobody. A token, if one is set, keeps other readers out."""

import hmac
from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import SecretStr

from shared.http.api import Problem


def metrics_route(
    token: SecretStr | None, measure: Callable[[], Awaitable[None]] | None = None
) -> web.AbstractRouteDef:
    """Return the route; `measure` brings the metrics up to date that are not counted as things happen."""

    async def metrics(request: web.Request) -> web.Response:
        _check_reader(request, token)
        if measure:
            await measure()
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return web.get("/metrics", metrics)


def _check_reader(request: web.Request, token: SecretStr | None) -> None:
    """Raise the problem 401 for a request without the token, if one is set."""
    expected = token.get_secret_value() if token else ""
    if not expected:
        return
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(errors="replace"), expected.encode()):
        headers = {"WWW-Authenticate": 'Bearer realm="metrics"'}
        raise Problem(401, "Send the token of PAPERWIRE_METRICS_TOKEN as Authorization: Bearer.", headers=headers)
