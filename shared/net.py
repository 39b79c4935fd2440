"""Sessions for addresses that users name (feeds, webhooks), which refuse private addresses.

The check is made where the socket is created, on the address that is really used, so it covers names that resolve to
private addresses, unusual spellings and DNS rebinding.
"""

import errno
import socket
from collections.abc import Callable, Sequence
from typing import Any

import aiohttp

from shared.ip_addresses import is_allowed
from shared.settings import Network


class AddressRefusedError(OSError):
    """An address that is private, and that no `PAPERWIRE_ALLOW_PRIVATE_ENDPOINTS` allows."""

    def __init__(self, address: object) -> None:
        text = f"{address} is a private address: list its network in PAPERWIRE_ALLOW_PRIVATE_ENDPOINTS to allow it"
        super().__init__(errno.EACCES, text)  # aiohttp shows `strerror` and nothing else

    def __str__(self) -> str:
        return str(self.strerror)


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
