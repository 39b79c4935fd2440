"""Who may read /metrics."""

import asyncio

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from shared.http import build_app
from shared.http.health import routes


@pytest.mark.parametrize(
    ("token", "headers", "status"),
    [
        (None, {}, 200),
        (None, {"X-Forwarded-For": "198.51.100.1"}, 200),  # no address has rights, and none lacks them
        (SecretStr(""), {}, 200),
        (SecretStr("secret"), {}, 401),
        (SecretStr("secret"), {"Authorization": "Bearer other"}, 401),
        (SecretStr("secret"), {"Authorization": "Bearer secret", "X-Forwarded-For": "198.51.100.1"}, 200),
    ],
)
async def test_metrics_need_the_token_if_one_is_set_from_this_machine_too(
    token: SecretStr | None, headers: dict[str, str], status: int
) -> None:
    async with (
        TestServer(build_app([routes(lambda: None, [], token=token)])) as server,
        ClientSession() as http,
        http.get(server.make_url("/metrics"), headers=headers) as answer,
    ):
        assert answer.status == status


async def test_a_token_that_is_no_text_is_refused() -> None:
    async with TestServer(build_app([routes(lambda: None, [], token=SecretStr("secret"))])) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer \xff\r\n\r\n")
        assert (await reader.readline()).split()[1] == b"401"
        writer.close()
