"""`/metrics`: for this machine, or for who has the token."""

import hmac
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import SecretStr

from shared.http.api import Problem

FORWARDING: Final = ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Via", "X-Real-IP")
"""Headers of proxies: a request with one of them does not come from this machine, whoever its peer is."""


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
    """Raise the problem 401 for a request without the token, or 403 if there is none and it comes from elsewhere."""
    expected = token.get_secret_value() if token else ""
    if expected:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), expected.encode()):
            headers = {"WWW-Authenticate": 'Bearer realm="metrics"'}
            raise Problem(401, "Send the token of PAPERWIRE_METRICS_TOKEN as Authorization: Bearer.", headers=headers)
    elif not _is_local(request):
        raise Problem(403, "Metrics are for this machine only: set PAPERWIRE_METRICS_TOKEN to read them from another.")


def _is_local(request: web.Request) -> bool:
    if any(name in request.headers for name in FORWARDING):
        return False
    try:
        return ip_address(request.remote or "").is_loopback
    except ValueError:  # a unix socket has no address
        return not request.remote
