"""The gateway in front of services that answer, refuse, break off and stay silent."""

import asyncio
import gzip
import io

import pytest
from aiohttp import ClientPayloadError, ClientSession, web

from shared.http.api import MAX_BODY
from tests.integration.gateway.conftest import OpenGateway, OpenService, raw_exchange


async def test_paths_go_to_their_service(
    open_gateway: OpenGateway, open_service: OpenService, client: ClientSession
) -> None:
    gateway = await open_gateway(search_url=await open_service("search"), notifier_url=await open_service("notifier"))
    for path, service in (("/", "search"), ("/v1/search?q=a", "search"), ("/v1/subscriptions/1/test", "notifier")):
        async with client.post(gateway + path, data=b"abc") as answer:
            logged = await answer.json()
        assert (logged["service"], logged["method"], logged["target"], logged["body"]) == (service, "POST", path, "abc")


@pytest.mark.parametrize(
    "target",
    (
        "/v1/papers/arXiv%3Amath%2F0211159v1",
        "/v1/papers/doi%3a10.1000%2F%28x%29%2525",
        "/v1/search?q=a+b%20c&author=%C3%89mile&x=%26%3D&q=%2Bz&empty=",
        "/feeds/authors/M%C3%BCller.atom",
        "/a//b/../c/./d;e=1,f",
        "/v1/search?q=[a]{b}|%5E",
        "/%zz?%",
    ),
)
async def test_a_target_passes_to_the_byte(open_gateway: OpenGateway, open_service: OpenService, target: str) -> None:
    gateway = await open_gateway(search_url=await open_service("search"))
    request = f"GET {target} HTTP/1.1\r\nHost: papers.example\r\nConnection: close\r\n\r\n"
    answer = await raw_exchange(gateway, request.encode())
    assert f'"target": "{target}"'.encode() in answer
    assert b'["Host", "papers.example"]' in answer


async def test_headers_and_encodings_pass_unchanged(
    open_gateway: OpenGateway, open_service: OpenService, client: ClientSession
) -> None:
    zipped = gzip.compress(b"hello")

    async def service(request: web.Request) -> web.Response:
        assert await request.read() == zipped
        assert request.headers["Content-Encoding"] == "gzip"
        assert request.headers["X-Forwarded-For"] == "127.0.0.1"
        headers = {"Content-Encoding": "gzip", "ETag": '"1"', "Content-Type": "text/x"}
        response = web.Response(body=zipped, headers=headers, status=207, reason="Odd")
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")
        return response

    gateway = await open_gateway(search_url=await open_service("search", service))
    async with client.put(gateway, data=zipped, headers={"Content-Encoding": "gzip"}) as answer:
        assert (answer.status, answer.reason) == (207, "Odd")
        assert await answer.read() == zipped
        assert answer.headers["ETag"] == '"1"'
        assert len(answer.headers.getall("Set-Cookie")) == 2
        assert answer.headers["Content-Length"] == str(len(zipped))


async def test_answers_without_a_body_are_passed_on(
    open_gateway: OpenGateway, open_service: OpenService, client: ClientSession
) -> None:
    async def service(request: web.Request) -> web.Response:
        if request.method == "HEAD":
            return web.Response(headers={"Content-Length": "1234"})
        return web.Response(status=304 if request.method == "GET" else 204, headers={"ETag": '"1"'})

    gateway = await open_gateway(search_url=await open_service("search", service))
    async with client.head(gateway) as answer:
        assert (answer.status, answer.headers["Content-Length"]) == (200, "1234")
    async with client.get(gateway) as answer:
        assert (answer.status, answer.headers["ETag"], await answer.read()) == (304, '"1"', b"")
    async with client.delete(gateway) as answer:
        assert (answer.status, await answer.read()) == (204, b"")


async def test_redirections_are_the_clients_to_follow(
    open_gateway: OpenGateway, open_service: OpenService, client: ClientSession
) -> None:
    async def service(_: web.Request) -> web.Response:
        raise web.HTTPSeeOther("/elsewhere")

    gateway = await open_gateway(search_url=await open_service("search", service))
    async with client.get(gateway, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/elsewhere")


async def test_an_answer_is_passed_on_as_it_comes(
    open_gateway: OpenGateway, open_service: OpenService, client: ClientSession
) -> None:
    first_seen = asyncio.Event()

    async def service(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"first")
        await first_seen.wait()
        await response.write(b"second")
        return response

    gateway = await open_gateway(search_url=await open_service("search", service))
    async with client.get(gateway) as answer:
        assert await answer.content.readany() == b"first"
        first_seen.set()
        assert await answer.content.read() == b"second"


async def test_a_broken_answer_does_not_look_whole(
    open_gateway: OpenGateway, open_service: OpenService, client: ClientSession
) -> None:
    async def service(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"first")
        assert request.transport is not None
        request.transport.abort()
        return response

    gateway = await open_gateway(search_url=await open_service("search", service))
    with pytest.raises(ClientPayloadError):
        async with client.get(gateway) as answer:
            await answer.read()


@pytest.mark.parametrize("chunked", (False, True))
async def test_a_body_over_the_limit_is_refused(
    open_gateway: OpenGateway, open_service: OpenService, client: ClientSession, *, chunked: bool
) -> None:
    gateway = await open_gateway(search_url=await open_service("search"))

    async def pieces(size: int) -> object:
        for _ in range(size // 1024):
            yield b"x" * 1024

    for size, status in ((MAX_BODY, 200), (MAX_BODY + 1024, 413)):
        body = pieces(size) if chunked else io.BytesIO(b"x" * size)
        async with client.post(gateway, data=body) as answer:
            assert answer.status == status
            assert status == 200 or answer.content_type == "application/problem+json"


@pytest.mark.parametrize(
    ("line", "status"),
    (
        (b"OPTIONS * HTTP/1.1", b"404"),
        (b"GET @papers.example/ HTTP/1.1", b"400"),
        (b"GET :80/ HTTP/1.1", b"400"),
        (b"CONNECT papers.example:80 HTTP/1.1", b"404"),
        (b"GET http://papers.example/v1/a%2Fb?c HTTP/1.1", b"200"),
    ),
)
async def test_targets_that_are_no_paths_are_not_passed_on(
    open_gateway: OpenGateway, open_service: OpenService, line: bytes, status: bytes
) -> None:
    gateway = await open_gateway(search_url=await open_service("search"))
    answer = await raw_exchange(gateway, line + b"\r\nHost: papers.example\r\nConnection: close\r\n\r\n")
    assert answer.split(b" ", 2)[1] == status
    assert status != b"200" or b'"target": "/v1/a%2Fb?c"' in answer
