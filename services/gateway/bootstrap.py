"""The composition root of the gateway."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

from aiohttp import web

from services.gateway.proxy import Proxy, open_session
from services.gateway.settings import GatewaySettings
from services.gateway.system_routes import own_routes
from services.gateway.upstream import Upstream
from shared.dependencies import Dependencies
from shared.http import build_app
from shared.http.front import Front
from shared.tasks import cancel


async def build(settings: GatewaySettings) -> web.Application:
    """Build the application; it closes its client on cleanup.

    It takes settings where the other services take a runtime: it has no bus, and runs without a Redis.
    """
    session = open_session(settings.upstream_timeout)
    addresses = {"search": settings.search_url, "notifier": settings.notifier_url}
    upstreams = {name: Upstream(name, urls) for name, urls in addresses.items()}
    dependencies = Dependencies()
    front = Front.of(settings)
    proxy = Proxy(session, upstreams, dependencies, front)
    for name, upstream in upstreams.items():
        dependencies.add(name, partial(proxy.check_health, upstream))
    api = own_routes(proxy, upstreams, dependencies, settings.metrics_token)
    # Whatever does not begin with a slash (`OPTIONS *`, `GET @host/`) fits no route, and is answered with 404.
    api.plain.append(web.route("*", "/{path:.*}", proxy.forward))
    app = build_app([api], front)

    async def connected(_: web.Application) -> AsyncIterator[None]:
        asking = asyncio.create_task(dependencies.run())
        yield
        await cancel([asking])
        await session.close()

    app.cleanup_ctx.append(connected)
    return app
