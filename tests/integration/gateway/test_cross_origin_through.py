"""Scripts of other sites read the API through the gateway as they do without one."""

from aiohttp import ClientSession, web

from tests.integration.gateway.conftest import OpenGateway, OpenService

ELSEWHERE = {"Origin": "https://other.example"}


async def test_an_answer_has_one_header_and_an_error_of_the_gateway_has_it_too(
    open_gateway: OpenGateway, open_service: OpenService, client: ClientSession, nowhere: str
) -> None:
    async def said(_: web.Request) -> web.StreamResponse:
        return web.json_response({}, headers={"Access-Control-Allow-Origin": "*", "Link": '</x>; rel="next"'})

    gateway = await open_gateway(search_url=await open_service("search", said), notifier_url=nowhere)
    async with client.get(f"{gateway}/v1/search", headers=ELSEWHERE) as answer:
        assert answer.headers.getall("Access-Control-Allow-Origin") == ["*"]
        assert answer.headers["Link"] == '</x>; rel="next"'
    async with client.get(f"{gateway}/v1/subscriptions", headers=ELSEWHERE) as refused:
        assert (refused.status, refused.headers["Access-Control-Allow-Origin"]) == (503, "*")


async def test_a_preflight_is_answered_below_the_path_of_the_public_address(
    open_gateway: OpenGateway, open_service: OpenService, client: ClientSession
) -> None:
    service = await open_service("any")
    gateway = await open_gateway(search_url=service, notifier_url=service, public_url="https://a.example/papers")
    asks = ELSEWHERE | {"Access-Control-Request-Method": "GET"}
    for path in ("/v1/search", "/papers/v1/search"):
        async with client.options(gateway + path, headers=asks) as answer:
            assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (204, "*")
    async with client.options(f"{gateway}/my", headers=asks) as closed:
        assert "Access-Control-Allow-Origin" not in closed.headers
