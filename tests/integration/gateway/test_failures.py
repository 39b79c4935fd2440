"""The gateway in front of services that refuse, break off and stay silent, and the gateway that cannot start."""

import asyncio
import os
import sys
from functools import partial

import pytest
from aiohttp import ClientSession, ClientTimeout, web

from tests.integration.gateway.conftest import OpenGateway, OpenService
from tests.support import until


async def test_a_service_that_is_down_is_503_with_retry_after(
    open_gateway: OpenGateway, client: ClientSession, nowhere: str
) -> None:
    gateway = await open_gateway(search_url=nowhere)
    async with client.get(gateway) as answer:
        problem = await answer.json(content_type="application/problem+json")
        assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
        assert problem["detail"] == "The search service cannot be reached; try again shortly."


async def test_an_address_that_refuses_is_skipped_for_every_method(
    open_gateway: OpenGateway, open_service: OpenService, client: ClientSession, nowhere: str
) -> None:
    gateway = await open_gateway(search_url=f"{nowhere},{await open_service('b')},{await open_service('c')}")
    seen = set()
    for _ in range(6):
        async with client.post(gateway, data=b"x") as answer:
            seen.add((await answer.json())["service"])
    assert seen == {"b", "c"}


@pytest.mark.parametrize(("method", "status"), (("GET", 200), ("DELETE", 200), ("POST", 502), ("PATCH", 502)))
async def test_a_request_cut_off_is_repeated_only_when_that_is_harmless(
    open_gateway: OpenGateway, open_service: OpenService, client: ClientSession, method: str, status: int
) -> None:
    calls = []

    async def breaking(request: web.Request) -> web.Response:
        if request.path != "/healthz":
            calls.append(request.method)
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    gateway = await open_gateway(search_url=f"{await open_service('bad', breaking)},{await open_service('good')}")
    async with client.request(method, gateway) as answer:
        assert answer.status == status
    assert status == 200 or len(calls) == 1


async def test_a_silent_service_is_a_504(
    open_gateway: OpenGateway, open_service: OpenService, client: ClientSession
) -> None:
    done = asyncio.Event()

    async def silent(_: web.Request) -> web.Response:
        await done.wait()
        return web.Response()

    gateway = await open_gateway(search_url=await open_service("search", silent), upstream_timeout=0.1)
    async with client.get(gateway) as answer:
        assert answer.status == 504
    done.set()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    (
        ("PAPERWIRE_SEARCH_URL", "nowhere", "PAPERWIRE_SEARCH_URL is not valid"),
        ("PAPERWIRE_HTTP_PORT", "taken", "choose another with PAPERWIRE_HTTP_PORT"),
    ),
)
async def test_a_configuration_error_is_one_line(nowhere: str, name: str, value: str, said: str) -> None:
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as taken:
        port = taken.sockets[0].getsockname()[1]
        environment = {**os.environ, "PAPERWIRE_NOTIFIER_URL": nowhere, name: value.replace("taken", str(port))}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.gateway", env=environment, stderr=asyncio.subprocess.PIPE
        )
        _, errors = await process.communicate()
    assert process.returncode == 2
    assert len(errors.decode().splitlines()) == 1
    assert said in errors.decode()


async def test_a_service_that_hangs_is_named_within_seconds(
    open_gateway: OpenGateway, open_service: OpenService, client: ClientSession
) -> None:
    """INVARIANT: readiness and reads do not wait for a service that is silent; the other service works."""
    released = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        await released.wait()
        return web.Response()

    gateway = await open_gateway(search_url=await open_service("a", hang), notifier_url=await open_service("b"))
    for path in ("/v1/search?q=x", "/v1/search?q=y", "/readyz"):
        async with client.get(gateway + path, timeout=ClientTimeout(total=10)) as answer:
            assert answer.status == 503
            assert "search has not answered since" in (await answer.json(content_type=None))["detail"]
    async with client.get(gateway + "/v1/subscriptions") as answer:
        assert answer.status == 200
    released.set()
    await until(partial(is_ready, client, gateway))


async def is_ready(client: ClientSession, gateway: str) -> bool:
    async with client.get(gateway + "/readyz") as answer:
        return answer.ok
