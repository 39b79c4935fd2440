"""Files that the command line requests: passed on piece by piece, and never taken for whole when they are not."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from services.cli.instance.api import ApiError, download
from shared.errors import ConfigurationError
from shared.http.api import Problem
from shared.http.app import problem_response


async def whole(_: web.Request) -> web.Response:
    return web.Response(text="one two", headers={"X-Total-Count": "2"})


async def broken(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    response.enable_chunked_encoding()
    await response.prepare(request)
    await response.write(b"one")
    assert request.transport
    request.transport.close()
    return response


async def refused(request: web.Request) -> web.Response:
    return problem_response(Problem(422, f"limit: {request.query['limit']} is too much."))


@pytest.fixture
async def server() -> AsyncIterator[str]:
    """A server of files, at its address."""
    app = web.Application()
    app.add_routes([web.get("/whole", whole), web.get("/broken", broken), web.get("/refused", refused)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_whole_file_is_passed_on(server: str) -> None:
    pieces: list[bytes] = []
    headers = await download(f"{server}/whole", [], pieces.append)
    assert (b"".join(pieces), headers["X-Total-Count"]) == (b"one two", "2")


@pytest.mark.parametrize(
    ("path", "kind", "told"),
    (
        ("/broken", ConfigurationError, "broke off"),
        ("/refused", ApiError, "limit: 7 is too much"),
        ("/nothing", ConfigurationError, "No Paperwire answers"),
    ),
)
async def test_what_is_no_file_is_told(server: str, path: str, kind: type[Exception], told: str) -> None:
    pieces: list[Any] = []
    with pytest.raises(kind, match=told):
        await download(server + path, [("limit", "7")], pieces.append)


async def test_nobody_there_is_told() -> None:
    with pytest.raises(ConfigurationError, match="No Paperwire answers"):
        await download("http://127.0.0.1:1/v1/export", [], print)
