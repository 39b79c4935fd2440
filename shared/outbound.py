"""Requests to servers outside: one exchange, bounded in bytes and time, with failures in words that are safe to show.

The session refuses private addresses. The check is made where the socket is created, on the address that is really
used, so it covers names that resolve to private addresses, unusual spellings and DNS rebinding. Budgets, redirects,
conditions and retries are the callers'.
"""

import errno
import os
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import aiohttp
from yarl import URL

from shared.ip_addresses import is_allowed, literal_address
from shared.settings import Network


class AddressRefusedError(OSError):
    """An address that is private, and that no `PAPERWIRE_ALLOW_PRIVATE_ENDPOINTS` allows."""

    def __init__(self, address: object) -> None:
        text = f"{address} is a private address: list its network in PAPERWIRE_ALLOW_PRIVATE_ENDPOINTS to allow it"
        super().__init__(errno.EACCES, text)  # aiohttp shows `strerror` and nothing else

    def __str__(self) -> str:
        return str(self.strerror)


def check_literal(url: str, allowed: Sequence[Network]) -> None:
    """Raise AddressRefusedError for an address that names a private host by number, before anything is sent."""
    address = literal_address(URL(url).host or "")
    if address and not is_allowed(address, allowed):
        raise AddressRefusedError(address)


UNRESOLVED: Final = "the name of the host cannot be resolved; this machine may be offline"
"""What an exchange says that fails for that reason."""
_MEANINGS: Final = (
    (aiohttp.ClientPayloadError, "the answer is incomplete, or is not encoded as its headers say"),
    (aiohttp.ClientResponseError, "the answer is not valid HTTP, or is longer than its headers say"),
    (socket.gaierror, UNRESOLVED),
    (UnicodeError, "the name of the host is not valid"),
)
"""What an error means, or the error of the connection behind it."""


class Failure(Enum):
    """The reason why there is no complete answer."""

    REFUSED = "the address is private"
    TIME = "the time limit was exceeded"
    BROKEN = "the connection or the answer is broken"


class ExchangeError(Exception):
    """There is no complete answer. The text contains neither the address, which may hold a key, nor received bytes."""

    def __init__(self, failure: Failure, text: str) -> None:
        """`text` says what happened."""
        super().__init__(text)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Received:
    """An answer. `body` is empty for a status that was not wanted; `more` means that it exceeded the limit."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes
    more: bool


async def exchange(
    session: aiohttp.ClientSession,
    method: str,
    url: str | URL,
    *,
    max_body: int,
    wanted: Callable[[int], bool],
    **request: Any,  # noqa: ANN401  # headers, json and data, as aiohttp takes them
) -> Received:
    """Send a request and read up to `max_body` bytes of its answer, if its status is `wanted`; follow no redirect.

    Raises:
        ExchangeError: there is no whole answer within the time of the session.

    """
    try:
        async with session.request(method, url, allow_redirects=False, **request) as response:
            body, more = await read_capped(response, max_body) if wanted(response.status) else (b"", False)
            if more:
                response.close()  # nobody reads the rest
            return Received(response.status, response.reason or "", response.headers, body, more)
    except TimeoutError as error:
        raise ExchangeError(Failure.TIME, f"no complete answer within {session.timeout.total:g} s") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        cause = getattr(error, "os_error", error)
        if isinstance(cause, AddressRefusedError):
            raise ExchangeError(Failure.REFUSED, str(cause)) from error
        raise ExchangeError(Failure.BROKEN, _words(error, cause)) from error


def _words(error: Exception, cause: Exception) -> str:
    if meaning := next((text for kind, text in _MEANINGS if isinstance(error, kind) or isinstance(cause, kind)), None):
        return meaning
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return str(error.certificate_error)
    if isinstance(cause, ssl.SSLError):
        return cause.strerror or type(error).__name__
    # asyncio puts the address that was dialled into `strerror`, and joins the errors of several.
    number = getattr(cause, "errno", None)
    return os.strerror(number) if number else type(error).__name__


def guarded_socket(allowed: Sequence[Network]) -> Callable[[Any], socket.socket]:
    """Return the socket factory of a connector that refuses private addresses."""

    def make(info: tuple[int, int, int, str, tuple[Any, ...]]) -> socket.socket:
        family, kind, proto, _, address = info
        if not is_allowed(str(address[0]), allowed):
            raise AddressRefusedError(address[0])
        return socket.socket(family=family, type=kind, proto=proto)

    return make


def outbound_session(
    allowed: Sequence[Network], user_agent: str, *, total: float, limit: int = 100
) -> aiohttp.ClientSession:
    """Return an HTTP client session for addresses from outside; the caller closes it.

    `total` is the seconds for a whole exchange, body included; `limit` the connections at once. No proxy from the
    environment, no cookies; redirects are for the caller to refuse or follow.
    """
    connector = aiohttp.TCPConnector(socket_factory=guarded_socket(allowed), limit=limit, ttl_dns_cache=30)
    return aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=total, sock_connect=min(10.0, total)),
        headers={"User-Agent": user_agent},
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    )


async def read_capped(response: aiohttp.ClientResponse, most: int) -> tuple[bytes, bool]:
    """Read a body chunk by chunk, at most `most` bytes after decompression; the flag tells whether there was more."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        body += chunk
        if len(body) > most:
            return bytes(body[:most]), True
    return bytes(body), False
