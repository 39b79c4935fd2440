"""Sessions for addresses that users name (feeds, webhooks), which refuse private addresses.

The check is made where the socket is created, on the address that is really used, so it covers names that resolve to
private addresses, unusual spellings and DNS rebinding.
"""

import errno
import ipaddress
import socket
from collections.abc import Callable, Sequence
from typing import Any, Final

import aiohttp

from shared.settings import Network

# Only these carry traffic in public; what lies outside (NAT64, `::127.0.0.1`, `fec0::/10` …) leads inside or nowhere,
# whatever `ipaddress.is_global` says of it.
_PUBLIC_V6: Final = ipaddress.ip_network("2000::/3")
# `is_global` is true for these too: 6to4 and its relays wrap any IPv4 address, the last is for documentation.
_MISJUDGED: Final = tuple(ipaddress.ip_network(text) for text in ("2002::/16", "192.88.99.0/24", "3fff::/20"))


class AddressRefusedError(OSError):
    """An address that is private, and that no `PAPERWIRE_ALLOW_PRIVATE_ENDPOINTS` allows."""

    def __init__(self, address: object) -> None:
        text = f"{address} is a private address: list its network in PAPERWIRE_ALLOW_PRIVATE_ENDPOINTS to allow it"
        super().__init__(errno.EACCES, text)  # aiohttp shows `strerror` and nothing else

    def __str__(self) -> str:
        return str(self.strerror)


def is_allowed(address: str, allowed: Sequence[Network]) -> bool:
    """Return whether an IP address may be reached: public, or inside one of the `allowed` networks."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if any(ip.version == network.version and ip in network for network in allowed):
        return True
    if ip in _PUBLIC_V6 or ip.version == 4:  # noqa: PLR2004  # IPv4
        return ip.is_global and not ip.is_multicast and not any(ip in network for network in _MISJUDGED)
    return False


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
