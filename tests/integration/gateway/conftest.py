"""A gateway on a free port in front of stand-ins for the services."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer, unused_port

from services.gateway.bootstrap import build
from services.gateway.settings import GatewaySettings
from shared.http.api import MAX_BODY

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
OpenGateway = Callable[..., Awaitable[str]]
OpenService = Callable[..., Awaitable[str]]
ServeApplication = Callable[[web.Application], Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[ServeApplication]:
    """Give a function that serves an application on a free port and returns its address."""
    servers = []

    async def start(app: web.Application) -> str:
        server = TestServer(app)
        await server.start_server(access_log=None, auto_decompress=False)
        servers.append(server)
        return str(server.make_url("")).rstrip("/")

    yield start
    for server in servers:
        await server.close()


@pytest.fixture
def open_gateway(serve: ServeApplication) -> OpenGateway:
    """Give a function that starts a gateway with the given settings and returns its address."""

    async def start(**settings: object) -> str:
        return await serve(await build(GatewaySettings.load(**settings)))

    return start


@pytest.fixture
def open_service(serve: ServeApplication) -> OpenService:
    """Give a function that starts a stand-in for a service, with one handler for every path."""

    async def start(name: str, handler: Handler | None = None) -> str:
        app = web.Application(client_max_size=4 * MAX_BODY)
        app.router.add_route("*", "/{path:.*}", handler or echo_as(name))
        return await serve(app)

    return start


def echo_as(name: str) -> Handler:
    """Make a handler that tells what arrived, and where."""

    async def handle(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = [[key, value] for key, value in request.headers.items()]
        logged = {"service": name, "method": request.method, "target": request.raw_path, "headers": headers}
        return web.json_response({**logged, "body": body.decode("latin-1")})

    return handle


@pytest.fixture
async def client() -> AsyncIterator[ClientSession]:
    async with ClientSession(auto_decompress=False) as session:
        yield session


@pytest.fixture
def nowhere() -> str:
    """An address that refuses connections."""
    return f"http://127.0.0.1:{unused_port()}"


async def raw_exchange(address: str, request: bytes) -> bytes:
    """Send bytes as they are, and read the answer to its end."""
    host, port = address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    try:
        return await reader.read()
    finally:
        writer.close()
