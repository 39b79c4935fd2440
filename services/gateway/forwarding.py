"""The headers that the gateway forwards, and those that it adds."""

import ipaddress
from collections.abc import Sequence
from typing import Final

from multidict import CIMultiDict, CIMultiDictProxy

from shared.settings import Network

# RFC 9110, section 7.6.1: these speak of one connection, and ours has two.
HOP_BY_HOP: Final = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
# The body has been read when the request goes on: its length is known, and nobody is asked to wait with it.
_REQUEST_ONLY: Final = frozenset({"content-length", "expect"})
_CLIENTS: Final = "X-Forwarded-For"
_FORWARDED: Final = ("X-Forwarded-Host", "X-Forwarded-Proto")


def end_to_end(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """Copy the headers without those of the connection, `Connection` itself naming more of them."""
    named = {name.strip().lower() for value in headers.getall("Connection", ()) for name in value.split(",")}
    dropped = HOP_BY_HOP | named
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in dropped)


def local(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """Copy the headers of a request whose client is this machine: nobody is named as the client."""
    result = end_to_end(headers)
    for name in _REQUEST_ONLY:
        result.popall(name, None)
    return result


def onward(
    headers: CIMultiDictProxy[str], *, peer: str, host: str, scheme: str, trusted: Sequence[Network]
) -> CIMultiDict[str]:
    """Build the headers of the request to a service.

    `Host` stays the one the client asked for. What `peer` says about clients behind it is believed only when it is in
    one of the `trusted` networks; anyone else could write down any address.
    """
    result = local(headers)
    # Read from the request: `Connection` may name these headers, and a client must not remove what a proxy says of it.
    before = headers.getall(_CLIENTS, []) if _is_trusted(peer, trusted) else []
    for name in (_CLIENTS, "Forwarded", *_FORWARDED):
        result.popall(name, None)
        if name != _CLIENTS and _is_trusted(peer, trusted):
            result.extend((name, value) for value in headers.getall(name, []))
    result[_CLIENTS] = ", ".join([*before, peer])
    for name, value in zip(_FORWARDED, (host, scheme), strict=True):
        result.setdefault(name, value)
    return result


def _is_trusted(peer: str, trusted: Sequence[Network]) -> bool:
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:  # a unix socket has no address
        return False
    return any(address.version == network.version and address in network for network in trusted)
