"""Requests that the HTTP server cannot read: too long, too many headers, not HTTP. The gateway and services alike."""

import json
import logging
from collections.abc import AsyncIterator, Iterator

import pytest
import structlog

from services.gateway.bootstrap import build
from services.gateway.settings import GatewaySettings
from shared.http import build_app
from shared.http.health import routes
from shared.http.serving import MAX_ADDRESS, MAX_HEADER, MAX_HEADERS, HttpRunner
from shared.settings import Settings
from shared.telemetry import configure_logging
from tests.integration.gateway.conftest import raw_exchange

END = b"\r\nHost: x\r\n\r\n"
REFUSED = {
    "address": (b"GET /v1/search?q=%b HTTP/1.1" % (b"a" * MAX_ADDRESS) + END, 414, "URL"),
    "header": (b"GET / HTTP/1.1\r\nX-Long: %b" % (b"a" * MAX_HEADER) + END, 431, "header"),
    "header name": (b"GET / HTTP/1.1\r\n%b: 1" % (b"a" * (MAX_HEADER + 1)) + END, 431, "header"),
    "headers": (b"GET / HTTP/1.1" + b"\r\nX: 1" * MAX_HEADERS + END, 431, "128 headers"),
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "malformed"),
    "no method": (b"FETCH-IT / HTTP/1.1" + END, 400, "malformed"),
    "no version": (b"GET / HTTP/7.7" + END, 400, "malformed"),
    "no colon": (b"GET / HTTP/1.1\r\nX" + END, 400, "malformed"),
    "two lengths": (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2" + END, 400, "malformed"),
}


@pytest.fixture(autouse=True)
def logged() -> Iterator[None]:
    """Let lines of the level `info` through, as a process does when nothing else is set."""
    configure_logging()
    yield
    configure_logging("warning")


@pytest.fixture(params=["gateway", "service"])
async def address(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """Serve a gateway or a service as their processes do."""
    app = await build(GatewaySettings.load()) if request.param == "gateway" else build_app([routes(lambda: None, [])])
    runner = HttpRunner(app, Settings.load())
    await runner.setup()
    yield f"http://127.0.0.1:{await runner.listen('127.0.0.1', 0)}"
    await runner.cleanup()


@pytest.mark.parametrize("kind", REFUSED)
async def test_a_request_that_cannot_be_read_is_a_problem_and_one_line_of_log(
    address: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    sent, status, part = REFUSED[kind]
    with caplog.at_level(logging.INFO), structlog.testing.capture_logs() as lines:
        answer = await raw_exchange(address, sent)
    head, _, body = answer.partition(b"\r\n\r\n")
    problem = json.loads(body)
    assert head.split()[1] == b"%d" % status
    assert b"Content-Type: application/problem+json" in head
    assert (problem["status"], part in problem["detail"]) == (status, True)
    assert caplog.records == []
    assert [(line["event"], line["log_level"], line["status"]) for line in lines] == [
        ("request refused", "info", status)
    ]


async def test_the_longest_allowed_query_is_accepted(address: str) -> None:
    query, header = b"a" * (MAX_ADDRESS - len("/healthz?q=")), b"a" * (MAX_HEADER - len("X-Long"))
    sent = b"GET /healthz?q=%b HTTP/1.1\r\nConnection: close\r\nX-Long: %b" % (query, header) + END
    answer = await raw_exchange(address, sent)
    assert answer.startswith(b"HTTP/1.1 200 ")


async def test_a_query_of_a_megabyte_is_refused_before_it_ends(address: str) -> None:
    answer = await raw_exchange(address, b"GET /v1/search?q=" + b"a" * 1024 * 1024 + b" HTTP/1.1" + END)
    assert answer.split()[1] == b"414"
