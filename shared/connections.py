"""The connections of an HTTP server: how many there may be, and how long each may keep the server waiting.

It imports nothing of ours, so that the embedded Qdrant can use it too.
"""

import asyncio
import contextlib
import os
import resource
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

BACKLOG: Final = 1024
"""Connections that the kernel accepts before the server has."""
BURST: Final = 32
"""Connections that the server accepts before it looks at them: each is a file, and those too many are closed then."""
RESERVED_FILES: Final = 128
"""Files of a process that are not connections of its server: those of Redis, Qdrant, logs and models."""
MAX_FILES: Final = 65_536
LOW_FILES: Final = 512
"""A limit of files below this is worth a warning."""


READS: Final = web.RequestKey("reads", bool)
"""Whether a request changes nothing, so that its work is dropped when its client has left; GET and HEAD do not."""


class BodyLateError(Exception):
    """A client has not sent the body of its request in time."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds until a connection is closed. Time in which the server did not run is not counted."""

    head: float = 10.0
    """From the connection, or the first byte of a request, to the end of its headers."""
    body: float = 30.0
    """From the end of the headers to the end of the body."""
    idle: float = 75.0
    """From an answer to the next request."""
    answer: float = 30.0
    """In which the client reads nothing of an answer."""


def raise_file_limit() -> int:
    """Raise the number of files that this process may open as far as the system allows, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):  # a system may allow less than it says
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return file_limit()


def file_limit() -> int:
    """Return how many files this process may open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_FILES if soft == resource.RLIM_INFINITY else min(soft, MAX_FILES)


def connection_limit() -> int:
    """Return how many connections a server may have: an answer may need a file too, such as the gateway's."""
    return max(16, (file_limit() - RESERVED_FILES) // 2)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of a server for its clients."""

    timeouts: Timeouts = Timeouts()
    connections: int | None = None
    """All connections; None is what the limit of files allows."""
    per_client: int | None = None
    """Connections of one client; None is no limit."""
    client: Callable[[str], str | None] = str
    """Names the client of an address; None is a client without a limit, such as a proxy."""
    sweep: float = 1.0
    """Seconds between checks of the timeouts."""


class Connection(RequestHandler):
    """A connection that knows since when it keeps the server waiting."""

    __slots__ = ("_head_since", "_requested", "_unread", "_unread_since", "client")

    def __init__(self, manager: "Server", **options: Any) -> None:  # noqa: ANN401  # passed on as they are
        super().__init__(manager, **options)
        self.client: str | None = None
        self._head_since: float | None = None
        self._requested = 0.0
        self._unread, self._unread_since = 0, 0.0

    @property
    def waits(self) -> bool:
        """Return whether no request is under way."""
        return not self._request_in_progress and not self._messages

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start counting the time of the first request."""
        super().connection_made(transport)
        if isinstance(self._manager, Server):
            self._head_since = self._manager.awake
            self._manager.admit(self)

    def data_received(self, data: bytes) -> None:
        """Record when a request begins, and when its headers are complete."""
        server, requests = self._manager, self._request_count
        now = server.awake if isinstance(server, Server) else 0.0
        if self._head_since is None and self.waits:
            self._head_since = now
        super().data_received(data)
        if self._request_count > requests:
            self._head_since, self._requested = None, now

    def connection_lost(self, exc: BaseException | None) -> None:
        """Give the place of the connection back, and drop the work of a request that changes nothing."""
        if isinstance(self._manager, Server):
            self._manager.leave(self)
        request, task = self._current_request, self._task_handler
        super().connection_lost(exc)
        if request is not None and task is not None and request.get(READS, request.method in ("GET", "HEAD")):
            task.cancel()

    def overdue(self, now: float, allowed: Timeouts) -> str | None:
        """Return what a client has not sent or read in time, or None. aiohttp closes idle connections itself."""
        if self.waits:
            return "headers" if self._head_since is not None and now - self._head_since > allowed.head else None
        request = self._current_request
        if request is not None and not request.content.is_eof() and now - self._requested > allowed.body:
            return "body"
        unread = self.transport.get_write_buffer_size() if self.transport else 0
        if not unread or unread != self._unread:
            self._unread, self._unread_since = unread, now
        return "answer" if now - self._unread_since > allowed.answer else None

    def close_late(self, late: str) -> None:  # noqa: ARG002  # for subclasses
        """Close the connection of a client that is late."""
        self.drop()

    def drop(self) -> None:
        """Close the connection at once."""
        if self.transport is not None:
            self.transport.abort()


class Server(web.Server):
    """Make the connections of a server, and end those that are too many or too slow."""

    def __init__(self, *args: Any, bounds: Bounds, protocol: type[Connection], **options: Any) -> None:  # noqa: ANN401
        super().__init__(*args, keepalive_timeout=bounds.timeouts.idle, **options)
        self.awake = 0.0
        """Seconds that the server has run."""
        self._bounds = bounds
        self._protocol = protocol
        self._most = bounds.connections or connection_limit()
        self._options = {name: value for name, value in options.items() if name != "request_factory"}
        self._open: dict[Connection, None] = {}
        self._clients: dict[str, dict[Connection, None]] = {}

    def __call__(self) -> RequestHandler:
        """Make the handler of a connection."""
        keepalive = self._bounds.timeouts.idle
        loop = asyncio.get_running_loop()
        return self._protocol(self, loop=loop, keepalive_timeout=keepalive, **self._options)

    def admit(self, connection: Connection) -> None:
        """Count a connection. One too many takes the place of the one that has waited longest for a request."""
        peer = connection.peername
        address = str(peer[0]) if isinstance(peer, tuple) else ""
        connection.client = self._bounds.client(address)
        self._open[connection] = None
        if len(self._open) > self._most:
            _make_room(self._open)
        if self._bounds.per_client is not None and connection.client is not None:
            own = self._clients.setdefault(connection.client, {})
            own[connection] = None
            if len(own) > self._bounds.per_client:
                _make_room(own)

    def leave(self, connection: Connection) -> None:
        """Stop counting a connection."""
        self._open.pop(connection, None)
        own = self._clients.get(connection.client or "")
        if own is not None:
            own.pop(connection, None)
            if not own:
                del self._clients[connection.client or ""]

    async def sweep(self) -> None:
        """Close overdue connections until cancelled."""
        while True:
            await asyncio.sleep(self._bounds.sweep)
            self.awake += self._bounds.sweep
            for connection in list(self._open):
                if late := connection.overdue(self.awake, self._bounds.timeouts):
                    connection.close_late(late)


def _make_room(connections: dict[Connection, None]) -> None:
    """Drop the oldest connection that waits, or else the newest: requests under way are not cut off."""
    newest = next(reversed(connections))
    chosen = next((one for one in connections if one.waits), newest)
    del connections[chosen]
    chosen.drop()


class Runner(web.AppRunner):
    """Return the place of the connection."""

    protocol: type[Connection] = Connection

    def __init__(
        self,
        app: web.Application,
        bounds: Bounds = Bounds(),  # immutable
        *,
        shutdown_timeout: float = 2.0,
        **options: Any,  # noqa: ANN401  # of the handler of connections
    ) -> None:
        self._bounds = bounds
        self._options = {"access_log": None, **options}
        self._sweeping: asyncio.Task[None] | None = None
        super().__init__(app, shutdown_timeout=shutdown_timeout)

    async def listen(self, host: str, port: int) -> int:
        """Listen, and return the port."""
        # asyncio has one number for the backlog and for a burst, so the backlog is made longer afterwards.
        site = web.TCPSite(self, host, port, backlog=min(BURST, max(1, connection_limit() // 8)))
        await site.start()
        for listening in site._server.sockets:  # type: ignore[union-attr]  # noqa: SLF001  # as in _make_server
            with socket.socket(fileno=os.dup(listening.fileno())) as own:
                own.listen(BACKLOG)
        return int(self.addresses[0][1])

    async def _make_server(self) -> web.Server:
        # aiohttp has no public way to replace the handler of connections: hence the bound in pyproject.toml.
        raise_file_limit()
        made = await super()._make_server()
        server = Server(
            made.request_handler,
            request_factory=made.request_factory,
            bounds=self._bounds,
            protocol=self.protocol,
            **self._options,
        )
        self._sweeping = asyncio.create_task(server.sweep())
        return server

    async def cleanup(self) -> None:
        """Stop listening, and close the connections."""
        if self._sweeping:
            self._sweeping.cancel()
        await super().cleanup()
