"""The composition root of the gateway."""

from aiohttp import web

from services.gateway.proxy import Proxy, open_session
from services.gateway.settings import GatewaySettings
from services.gateway.system_routes import own_routes
from services.gateway.upstream import Upstream
from shared.http import build_app


async def build(settings: GatewaySettings) -> web.Application:
    """Build the application; it closes its client on cleanup.

    It takes settings where the other services take a runtime: it has no bus, and runs without a Redis.
    """
    session = open_session(settings.upstream_timeout)
    addresses = {"search": settings.search_url, "notifier": settings.notifier_url}
    upstreams = {name: Upstream(name, urls) for name, urls in addresses.items()}
    proxy = Proxy(session, upstreams, settings.trusted_proxies)
    api = own_routes(proxy, upstreams, settings.metrics_token)
    # Whatever does not begin with a slash (`OPTIONS *`, `GET @host/`) fits no route, and is answered with 404.
    api.plain.append(web.route("*", "/{path:.*}", proxy.forward))
    app = build_app([api])

    async def close(_: web.Application) -> None:
        await session.close()

    app.on_cleanup.append(close)
    return app
