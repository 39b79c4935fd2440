"""Two services that answer one path, each for requests of its own query parameter."""

from collections.abc import Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from shared.http import Api, build_app, document


def api(tag: str, when: str | None = None) -> Api:
    """Make an API with one route, which answers with its tag."""
    made = Api(tag)

    @made.route("GET", "/v1/explain", summary=f"Explain {tag}", response=str, when=when)
    async def explain(_: web.Request) -> str:
        """Explain."""
        return tag

    return made


def alerts() -> Api:
    return api("alerts")


def search() -> Api:
    return api("search", when="q")


@pytest.mark.parametrize("order", ((alerts, search), (search, alerts)))
async def test_the_parameter_chooses_whatever_the_order(order: tuple[Callable[[], Api], ...]) -> None:
    async with TestClient(TestServer(build_app([make() for make in order]))) as client:
        for query, tag in (("?q=cranes", "search"), ("?subscription=1", "alerts"), ("", "alerts"), ("?q=", "search")):
            assert await (await client.get(f"/v1/explain{query}")).json() == tag
            assert (await client.head(f"/v1/explain{query}")).status == 200


async def test_a_single_route_answers_every_request() -> None:
    async with TestClient(TestServer(build_app([search()]))) as client:
        assert await (await client.get("/v1/explain")).json() == "search"


def test_the_document_describes_both_as_one() -> None:
    described = document([search(), alerts()], version="1")["paths"]["/v1/explain"]["get"]
    assert described["tags"] == ["search", "alerts"]
    assert described["summary"] == "Explain search; explain alerts"
