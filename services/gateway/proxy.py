"""Pass a request on to its service, and the answer back as it comes."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Final

import aiohttp
import structlog
from aiohttp import web
from prometheus_client import Counter
from yarl import URL

from services.gateway.forwarding import end_to_end, onward
from services.gateway.routing import service_of
from services.gateway.upstream import Upstream
from shared.connections import READS
from shared.dependencies import Dependencies
from shared.http import Problem
from shared.http.app import heard_of
from shared.http.front import DIRECT, Front
from shared.http.site import inner_path
from shared.shown_address import shown
from shared.tasks import cancel

FAILURES: Final = Counter(
    "paperwire_gateway_failures", "Attempts to pass a request on that failed", ["service", "kind"]
)
# Repeating these does no harm even when the first attempt was carried out unseen (RFC 9110, section 9.2.2).
IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
READING: Final = frozenset({"GET", "HEAD"})
AUTOMATIC: Final = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
CONNECT_S: Final = 2.0
RETRY_AFTER: Final = {"Retry-After": "2"}
log = structlog.get_logger("gateway")


def open_session(timeout: float) -> aiohttp.ClientSession:
    """Open the client of the services; it gives up after `timeout` silent seconds. The caller closes it."""
    return aiohttp.ClientSession(
        # The names of scaled services resolve to several addresses, and these change.
        connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=5),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=timeout),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=AUTOMATIC,
        trust_env=False,
    )


class Proxy:
    """The handler of every path that is not the gateway's own."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        upstreams: Mapping[str, Upstream],
        dependencies: Dependencies,
        front: Front = DIRECT,
    ) -> None:
        """`upstreams` by service name; `front` is what stands in front of the gateway."""
        self._session = session
        self._dependencies = dependencies
        self._upstreams = upstreams
        self._front = front

    async def forward(self, request: web.Request) -> web.StreamResponse:
        """Return the response of the service; raises `Problem` when none answers."""
        request[READS] = True  # its service sees that the client has left, and decides whether to go on
        # Read whole, like nginx does: bodies are small by rule, a slow sender holds no service up, and a retry has it.
        body = await request.read() if request.can_read_body else None
        headers = onward(heard_of(request), self._front)
        path = inner_path(request.rel_url.raw_path, self._front.base)
        upstream = self._upstreams[service_of(path, request.query)]
        asked = partial(self.ask, upstream, request.method, request.rel_url.raw_path_qs, headers=headers, body=body)
        if request.method in READING:
            async with self._dependencies.required(upstream.name):
                answer = await asked()
        else:  # what changes something is not broken off
            answer = await asked()
        async with answer:
            return await _relay(request, answer)

    async def check_health(self, upstream: Upstream) -> None:
        """Return when one address of a service answers, or refuses the connection: neither is silent."""
        asking = [asyncio.create_task(self._is_alive(address)) for address in upstream.addresses]
        try:
            await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await cancel(asking)

    async def _is_alive(self, address: str) -> bool:
        try:
            async with self._session.get(f"{address}/healthz") as answer:
                return answer.ok
        except (aiohttp.ClientError, OSError):
            return False

    async def ask(
        self,
        upstream: Upstream,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> aiohttp.ClientResponse:
        """Send a request to one address of a service after another until one answers; the caller closes the response.

        `target` is a path and query as they stand in the request; it begins with a slash, or it could name a host.
        An address that refuses the connection is skipped for every method, as nothing was sent. One that breaks off is
        followed by one other try, when repeating the request is harmless.

        Raises:
            Problem: 503 no address takes the connection; 502 it broke off; 504 it stayed silent.
        """
        tries = 2 if method in IDEMPOTENT else 1
        for address in upstream.candidates():
            url = URL(address + target, encoded=True)
            try:
                return await self._session.request(method, url, headers=headers, data=body, allow_redirects=False)
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
                upstream.rest(address)
                _failed(upstream, address, "refused", error)
            except TimeoutError as error:
                _failed(upstream, address, "silent", error)
                raise Problem(504, f"The {upstream.name} service took too long to answer; try again.") from error
            except (aiohttp.ClientError, ConnectionError) as error:
                _failed(upstream, address, "broken", error)
                tries -= 1
                if not tries:
                    raise Problem(502, f"The {upstream.name} service closed the connection; try again.") from error
        raise Problem(503, f"The {upstream.name} service cannot be reached; try again shortly.", headers=RETRY_AFTER)


def _failed(upstream: Upstream, address: str, kind: str, error: Exception) -> None:
    FAILURES.labels(upstream.name, kind).inc()
    log.warning("upstream failed", service=upstream.name, address=shown(address), kind=kind, error=str(error))


async def _relay(request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    """Send an answer on, piece by piece; once begun it can only be completed or cut."""
    response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=end_to_end(answer.headers))
    try:
        await response.prepare(request)
        async for piece in answer.content.iter_any():
            await response.write(piece)
        await response.write_eof()
    except (TimeoutError, aiohttp.ClientError, ConnectionError) as error:
        if request.transport is None or request.transport.is_closing():
            log.debug("request aborted", path=shown(request.path), error=str(error))
            return response
        log.warning("response aborted", path=shown(request.path), error=str(error))
        request.transport.abort()  # a clean end would make the part look whole
    return response
