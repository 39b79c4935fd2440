"""The HTTP server of a process. Malformed requests are answered with problem details, like other failures."""

import asyncio
import contextlib
from typing import Any, Final

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong

from shared.connections import (
    LOW_FILES,
    BodyLateError,
    Bounds,
    Connection,
    Runner,
    Server,
    connection_limit,
    file_limit,
)
from shared.http.api import Problem
from shared.http.app import NOSNIFF, problem_response
from shared.http.clients import client_address, within
from shared.settings import Settings

MAX_ADDRESS: Final = 8 * 1024
"""Bytes of the path and query of a request. Another number than MAX_HEADER: only the limit tells which was passed."""
MAX_HEADER: Final = 16 * 1024
"""Bytes of one header, its name counted."""
MAX_HEADERS: Final = 128
LINGER: Final = 2.0
"""Seconds that a refused client may take to read why."""
log = structlog.get_logger("http")


class Answering(Connection):
    """A connection that reads on for a while after a refusal: closing on unread bytes would destroy the answer."""

    __slots__ = ("_gone", "_refused")

    def __init__(self, manager: Server, **options: Any) -> None:  # noqa: ANN401  # passed on as they are
        super().__init__(manager, **options)
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

    def close_late(self, late: str) -> None:
        """End a late request: one that waits for its body is answered, others are cut off."""
        log.debug("request timed out", late=late, client=self.client)
        if late == "body" and self._current_request is not None:
            self._current_request.content.set_exception(BodyLateError())
        else:
            self.drop()

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
            response = super().handle_error(request, status, exc, message)
            response.headers.update(NOSNIFF)
            return response
        self._refused = True
        problem = refusal(exc)
        log.info("request refused", status=problem.status, peer=request.remote, reason=str(problem))
        response = problem_response(problem)
        response.force_close()
        return response


class HttpRunner(Runner):
    """Serve an application to clients from anywhere."""

    protocol = Answering

    def __init__(self, app: web.Application, settings: Settings, *, auto_decompress: bool = True) -> None:
        """`auto_decompress` unpacks the bodies of requests."""
        super().__init__(
            app,
            bounds_of(settings),
            auto_decompress=auto_decompress,
            max_line_size=MAX_ADDRESS,
            max_field_size=MAX_HEADER,
            max_headers=MAX_HEADERS,
        )

    async def listen(self, host: str, port: int) -> int:
        """Listen, and return the port; warn when few files leave few connections."""
        warn_of_few_files()
        return await super().listen(host, port)


def warn_of_few_files() -> None:
    """Log what to set if this process may open so few files that few connections are left."""
    if (files := file_limit()) < LOW_FILES:
        advice = f"allow more files, for example with: ulimit -n {LOW_FILES}"
        log.warning("file limit low", files=files, connections=connection_limit(), advice=advice)


def bounds_of(settings: Settings) -> Bounds:
    """Return the limits of a server; those for each client do not apply to trusted proxies, which have many clients."""

    def client(address: str) -> str | None:
        return None if within(address, settings.trusted_proxies) else client_address(address, (), ())

    return Bounds(per_client=settings.connections_per_client or None, client=client)


def refusal(error: HttpProcessingError) -> Problem:
    """Return the problem of bytes that the parser refused, without repeating them."""
    if isinstance(error, LineTooLong):
        if error.args[1] == MAX_ADDRESS:  # the limit that was exceeded, undocumented: see the bound in pyproject.toml
            return Problem(414, f"The request URL is longer than {MAX_ADDRESS} bytes. Send a shorter one.")
        return Problem(431, f"A request header is longer than {MAX_HEADER} bytes. Send a shorter one.")
    if error.message == "Too many headers received":
        return Problem(431, f"The request has more than {MAX_HEADERS} headers. Send fewer.")
    return Problem(400, "This is not a valid HTTP/1.1 request: its first line or a header is malformed.")
