"""The HTTP server of a process. Bytes that are no request are answered with problem details, as other failures."""

import asyncio
import contextlib
from typing import Any, Final

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong
from aiohttp.web_protocol import RequestHandler

from shared.http.api import Problem
from shared.http.app import problem_response

MAX_ADDRESS: Final = 8 * 1024
"""Bytes of the path and query of a request. Another number than MAX_HEADER: only the limit tells which was passed."""
MAX_HEADER: Final = 16 * 1024
"""Bytes of one header, its name counted."""
MAX_HEADERS: Final = 128
LINGER: Final = 2.0
"""Seconds that a refused client may take to read why."""
log = structlog.get_logger("http")


class Runner(web.AppRunner):
    """Serve an application: without an access log, for metrics count requests, and with problems for broken ones."""

    def __init__(self, app: web.Application, *, auto_decompress: bool = True) -> None:
        """`auto_decompress` unpacks the bodies of requests."""
        self._options: dict[str, Any] = {
            "access_log": None,
            "auto_decompress": auto_decompress,
            "max_line_size": MAX_ADDRESS,
            "max_field_size": MAX_HEADER,
            "max_headers": MAX_HEADERS,
        }
        super().__init__(app, shutdown_timeout=2.0)

    async def _make_server(self) -> web.Server:
        # aiohttp has no public way to replace the handler of connections: hence the bound in pyproject.toml.
        made = await super()._make_server()
        return _Server(made.request_handler, request_factory=made.request_factory, **self._options)


class _Server(web.Server):
    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  # passed on as they are
        super().__init__(*args, **options)
        self._options = {name: value for name, value in options.items() if name != "request_factory"}

    def __call__(self) -> RequestHandler:
        return _Connection(self, loop=asyncio.get_running_loop(), **self._options)


class _Connection(RequestHandler):
    """A connection that reads on for a while after a refusal: closing on unread bytes would destroy the answer."""

    __slots__ = ("_gone", "_refused")

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  # passed on as they are
        super().__init__(*args, **options)
        self._refused = False
        self._gone = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        """Parse bytes until a request is refused, and drop what follows."""
        if not self._refused:
            super().data_received(data)

    def eof_received(self) -> None:
        """Record that the client sends no more."""
        super().eof_received()
        self._gone.set()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Record that the client has disconnected."""
        super().connection_lost(exc)
        self._gone.set()

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send an answer; after a refusal, close for writing and wait until the client has closed."""
        sent = await super().finish_response(request, resp, start_time)
        if self._refused and self.transport is not None:
            self.transport.write_eof()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._gone.wait(), LINGER)
        return sent

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what the parser refused, and close; what fails past our middlewares is left to aiohttp, which logs."""
        if not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        self._refused = True
        problem = refusal(exc)
        log.info("request refused", status=problem.status, peer=request.remote, reason=str(problem))
        response = problem_response(problem)
        response.force_close()
        return response


def refusal(error: HttpProcessingError) -> Problem:
    """Return the problem of bytes that the parser refused, without repeating them."""
    if isinstance(error, LineTooLong):
        if error.args[1] == MAX_ADDRESS:  # the limit that was exceeded, undocumented: see the bound in pyproject.toml
            return Problem(414, f"The address of the request is over {MAX_ADDRESS} bytes; ask with a shorter one.")
        return Problem(431, f"A header of the request is over {MAX_HEADER} bytes; send a shorter one.")
    if error.message == "Too many headers received":
        return Problem(431, f"The request has over {MAX_HEADERS} headers; send fewer.")
    return Problem(400, "This is not a request of HTTP/1.1: its first line or a header is malformed.")
