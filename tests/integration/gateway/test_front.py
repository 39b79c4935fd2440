"""The gateway below the path of a public address, and behind proxies."""

import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession
from multidict import CIMultiDict
from structlog.testing import capture_logs

from services.gateway.bootstrap import build
from services.gateway.settings import GatewaySettings
from shared.http.serving import HttpRunner
from tests.integration.gateway.conftest import OpenGateway, OpenService


@pytest.fixture
async def gateway(open_service: OpenService) -> AsyncIterator[str]:
    """A gateway whose public address has a path, on its real server."""
    settings = GatewaySettings.load(
        public_url="https://example.org/papers",
        search_url=await open_service("search"),
        notifier_url=await open_service("notifier"),
        trusted_proxies="127.0.0.1",
    )
    runner = HttpRunner(await build(settings), settings)
    await runner.setup()
    yield f"http://127.0.0.1:{await runner.listen('127.0.0.1', 0)}"
    await runner.cleanup()


@pytest.mark.parametrize(
    ("path", "service"),
    (
        ("/papers/subscribe", "notifier"),
        ("/subscribe", "notifier"),
        ("/papers/v1/subscriptions?limit=1", "notifier"),
        ("/papers", "search"),
        ("/papers/papers/arXiv:2401.00001", "search"),
        ("/papers/arXiv:2401.00001", "search"),
    ),
)
async def test_paths_with_and_without_the_base_reach_their_service(
    gateway: str, client: ClientSession, path: str, service: str
) -> None:
    async with client.get(gateway + path) as answer:
        logged = await answer.json()
    assert (logged["service"], logged["target"]) == (service, path)
    assert dict(logged["headers"])["X-Forwarded-Prefix"] == "/papers"


async def test_the_routes_of_the_gateway_are_below_the_base_too(gateway: str, client: ClientSession) -> None:
    for path in ("/healthz", "/papers/healthz"):
        async with client.get(gateway + path) as answer:
            assert await answer.json() == {"status": "ok", "trouble": None}


async def test_a_proxy_that_is_not_trusted_is_logged_once_and_told_to_services(
    open_gateway: OpenGateway, open_service: OpenService, client: ClientSession
) -> None:
    gateway = await open_gateway(search_url=await open_service("search"))
    with capture_logs() as logs:
        for _ in range(3):
            async with client.get(gateway, headers={"X-Forwarded-For": "198.51.100.7"}) as answer:
                headers = dict(json.loads(await answer.read())["headers"])
    assert headers["Paperwire-Unknown-Proxy"] == "127.0.0.1"
    assert ["PAPERWIRE_TRUSTED_PROXIES=127.0.0.1" in line["advice"] for line in logs] == [True]


async def test_a_malformed_header_of_a_trusted_proxy_is_answered_with_400(
    open_gateway: OpenGateway, client: ClientSession, nowhere: str
) -> None:
    gateway = await open_gateway(search_url=nowhere, trusted_proxies="127.0.0.1")
    async with client.get(gateway, headers={"X-Forwarded-Prefix": '/"><script>'}) as answer:
        assert answer.status == 400
        assert "X-Forwarded-Prefix" in (await answer.json(content_type=None))["detail"]


async def test_forwarded_headers_that_no_proxy_writes_are_not_read(gateway: str, client: ClientSession) -> None:
    """To read the megabytes that fit into the headers of a request would take seconds."""
    headers = CIMultiDict([("Forwarded", "," * 4_000)] * 2)
    async with client.get(gateway, headers=headers) as answer:
        assert answer.status == 431
        assert "Forwarded" in (await answer.json(content_type=None))["detail"]


async def test_what_the_gateway_tells_a_service_is_logged_by_the_gateway_only(
    open_gateway: OpenGateway, open_service: OpenService, client: ClientSession
) -> None:
    behind = await open_gateway(search_url=await open_service("search"), trusted_proxies="127.0.0.1")
    with capture_logs() as logs:
        async with client.get(behind, headers={"Paperwire-Unknown-Proxy": "172.18.0.3"}) as answer:
            assert dict((await answer.json())["headers"])["Paperwire-Unknown-Proxy"] == "172.18.0.3"
    assert logs == []
