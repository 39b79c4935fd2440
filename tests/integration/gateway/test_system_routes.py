"""What the gateway answers itself."""

import asyncio

import pytest
from aiohttp import ClientSession, web

from shared.http import Api, build_app
from shared.http.health import routes
from tests.integration.gateway.conftest import OpenGateway, OpenService, ServeApplication


def service(path: str, trouble: str | None = None) -> web.Application:
    """Make the application of a service with one operation, with the parts that real services use."""
    api = Api(path)

    @api.route("GET", path, summary="An operation", response=list[str])
    async def operation(_: web.Request) -> list[str]:
        return []

    return build_app([api, routes(lambda: trouble, [api])])


async def test_the_gateway_is_alive_but_not_ready_without_services(
    open_gateway: OpenGateway, client: ClientSession, nowhere: str
) -> None:
    gateway = await open_gateway(search_url=nowhere, notifier_url=nowhere)
    async with client.get(gateway + "/healthz") as answer:
        assert (answer.status, (await answer.json())["status"]) == (200, "ok")
    async with client.get(gateway + "/readyz") as answer:
        assert answer.status == 503
        assert "The search service cannot be reached" in (await answer.json(content_type=None))["detail"]


async def test_the_gateway_is_ready_when_the_services_are(
    open_gateway: OpenGateway, open_service: OpenService, client: ClientSession
) -> None:
    async def not_ready(_: web.Request) -> web.Response:
        return web.json_response({"detail": "Not ready: no Redis."}, status=503)

    ready = await open_gateway(search_url=await open_service("a"), notifier_url=await open_service("b"))
    async with client.get(ready + "/readyz") as answer:
        assert answer.status == 200
    half = await open_gateway(search_url=await open_service("a"), notifier_url=await open_service("b", not_ready))
    async with client.get(half + "/readyz") as answer:
        assert answer.status == 503
        assert (await answer.json(content_type=None))["detail"] == "Not ready: notifier: no Redis."


@pytest.mark.parametrize("body", [b"", b"<h1>It works!</h1>", b"[]", b'{"title": "x"}'])
async def test_a_service_that_says_nothing_we_know_is_told_by_its_status(
    open_gateway: OpenGateway, open_service: OpenService, client: ClientSession, body: bytes
) -> None:
    async def other(_: web.Request) -> web.Response:
        return web.Response(body=body, status=500)

    gateway = await open_gateway(search_url=await open_service("a", other), notifier_url=await open_service("b"))
    async with client.get(gateway + "/readyz") as answer:
        assert (await answer.json(content_type=None))["detail"] == "Not ready: search: it answers 500."


async def test_requests_are_counted_in_the_metrics(
    open_gateway: OpenGateway, client: ClientSession, nowhere: str
) -> None:
    gateway = await open_gateway(search_url=nowhere, metrics_token="secret")
    async with client.get(gateway + "/v1/search"):
        pass
    async with client.get(gateway + "/metrics", headers={"Authorization": "Bearer secret"}) as answer:
        text = await answer.text()
    assert 'paperwire_gateway_failures_total{kind="refused",service="search"}' in text
    assert 'paperwire_http_seconds_count{method="GET",route="/{path}",status="503"}' in text


async def test_the_openapi_document_covers_all_services(
    open_gateway: OpenGateway, serve: ServeApplication, client: ClientSession
) -> None:
    gateway = await open_gateway(
        search_url=await serve(service("/v1/search")), notifier_url=await serve(service("/v1/subscriptions"))
    )
    async with client.get(gateway + "/openapi.json") as answer:
        document = await answer.json()
    assert list(document["paths"]) == ["/healthz", "/readyz", "/v1/search", "/v1/subscriptions"]
    assert {"Health", "Problem"} <= set(document["components"]["schemas"])


async def test_a_flood_for_the_openapi_document_asks_each_service_once(
    open_gateway: OpenGateway, open_service: OpenService, client: ClientSession
) -> None:
    """INVARIANT: what is costly to make is made once: otherwise the gateway leaves its health check unanswered."""
    asked: list[str] = []

    async def document(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response({"openapi": "3.1.0", "paths": {}, "components": {"schemas": {}}})

    urls = {name: await open_service(name, document) for name in ("search_url", "notifier_url")}
    gateway = await open_gateway(**urls)

    async def ask() -> bytes:
        async with client.get(gateway + "/openapi.json") as answer:
            assert answer.status == 200
            return await answer.read()

    assert len(set(await asyncio.gather(*(ask() for _ in range(50))))) == 1
    assert asked.count("/openapi.json") == 2
