"""The headers that the gateway forwards, and those that it adds."""

from typing import Final

from multidict import CIMultiDict, CIMultiDictProxy

from shared.http.front import UNKNOWN_HEADER, Front, Heard

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
# The body has been read when the request goes on: its length is known, and nobody is asked to wait with it. The others
# are written anew.
_DROPPED: Final = (
    "Content-Length",
    "Expect",
    "Forwarded",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Prefix",
    "X-Forwarded-Proto",
    UNKNOWN_HEADER,
)


def end_to_end(headers: CIMultiDictProxy[str] | CIMultiDict[str]) -> CIMultiDict[str]:
    """Copy the headers without those of the connection, `Connection` itself naming more of them."""
    named = {name.strip().lower() for value in headers.getall("Connection", ()) for name in value.split(",")}
    dropped = HOP_BY_HOP | named
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in dropped)


def onward(heard: Heard, front: Front) -> CIMultiDict[str]:
    """Build the headers of the request to a service.

    `Host` stays the one the client asked for. What the peer says about clients behind it is believed only when `front`
    trusts it; anyone else could write down any address. The service trusts the gateway, so it reads what is believed.
    """
    result = end_to_end(heard.headers)
    for name in _DROPPED:
        result.popall(name, None)
    # Read from the request: `Connection` may name these headers, and a client must not remove what a proxy says of it.
    site = front.site(heard)
    result["X-Forwarded-For"] = ", ".join([*front.hops(heard), heard.peer or "unknown"])
    result["X-Forwarded-Proto"], _, result["X-Forwarded-Host"] = site.origin.partition("://")
    if site.base:
        result["X-Forwarded-Prefix"] = site.base
    if proxy := front.unknown_proxy(heard):
        result[UNKNOWN_HEADER] = proxy
    return result
