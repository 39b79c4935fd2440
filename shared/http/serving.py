"""The HTTP server of a process. Malformed requests are answered with problem details, like other failures."""

import asyncio
import contextlib
from collections.abc import Callable, Collection
from typing import Any, Final, TypeVar

import structlog
from aiohttp import web
from aiohttp.http import RawRequestMessage
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong
from yarl import URL

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
from shared.errors import ConfigurationError
from shared.http.api import Problem
from shared.http.app import NOSNIFF, problem_response
from shared.http.clients import client_address, within
from shared.http.cross_origin import ANSWERED
from shared.http.front import Front
from shared.http.site import inner_path
from shared.settings import Settings

MAX_ADDRESS: Final = 8 * 1024
"""Bytes of the path and query of a request. Another number than MAX_HEADER: only the limit tells which was passed."""
MAX_HEADER: Final = 16 * 1024
"""Bytes of one header, its name counted."""
MAX_HEADERS: Final = 128
R = TypeVar("R")
PAPERS: Final = "papers"
"""The one path of ours that may be the base: below it are ids, and no id is the name of a page."""
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
        response.headers.update(ANSWERED)  # it repeats nothing, and a script of another site can tell why
        response.force_close()
        return response


class HttpRunner(Runner):
    """Serve an application to clients from anywhere."""

    protocol = Answering

    def __init__(self, app: web.Application, settings: Settings, *, auto_decompress: bool = True) -> None:
        """`auto_decompress` unpacks the bodies of requests."""
        self._base = Front.of(settings).base
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

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        server.request_factory = below(self._base, server.request_factory, own_names(self.app))
        return server


def own_names(app: web.Application) -> frozenset[str]:
    """Return the first segments of the paths of an application."""
    return frozenset(resource.canonical.split("/")[1] for resource in app.router.resources())


def below(base: str, make: Callable[..., R], names: Collection[str]) -> Callable[..., R]:
    """Let requests for `<base>/<path>` ask for `<path>`, if its first segment is one of ours.

    Some proxies drop the base and others do not. Where they do, a path of ours may begin with the same word.

    Raises:
        ConfigurationError: the base is a page of ours, so that nobody could tell which is asked for.

    """
    if base[1:] not in ("", PAPERS) and base[1:] in names:
        raise ConfigurationError(f"PAPERWIRE_PUBLIC_URL ends with {base}, a path of Paperwire: choose another.")

    def made(head: RawRequestMessage, *rest: Any) -> R:  # noqa: ANN401  # passed on as they are
        path = inner_path(head.url.raw_path, base)
        if path == head.url.raw_path or path.split("/")[1] not in names or path.startswith("//"):
            return make(head, *rest)
        url = URL.build(path=path, query_string=head.url.raw_query_string, encoded=True)
        return make(head._replace(path=str(url), url=url), *rest)

    return made if base else make


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
