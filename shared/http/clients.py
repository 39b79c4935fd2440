"""The address of a client behind proxies. Pure."""

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv6Address, ip_address, ip_network

from shared.settings import Network

_FORWARDING = re.compile(
    r"forwarded|(?:client|connecting|real|remote|source|user)[-_]?(?:ip|addr)|^via$|^cdn-loop$|^cf-ray$"
    r"|^x[-_](?:original[-_]host|envoy[-_]external[-_]address|amzn[-_]trace[-_]id|azure[-_])",
    re.IGNORECASE,
)
"""In the names of headers with which proxies say for whom they ask, or that they are there."""
_CUSTOMER_BITS = 64  # bits of an IPv6 address that one customer is usually given


def is_direct(peer: str | None, headers: Iterable[str]) -> bool:
    """Return whether a request comes from this machine and, by the names of its headers, through no proxy."""
    return is_loopback(peer or "") and not any(map(_FORWARDING.search, headers))


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine, by its address or as `localhost`."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def client_address(peer: str | None, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """Return the address of a client: the peer, or what trusted proxies name, read from the nearest one outwards.

    `forwarded` holds the X-Forwarded-For headers. What an untrusted peer claims is ignored: anyone can write it.
    """
    hops = [hop.strip() for header in forwarded for hop in header.split(",") if hop.strip()]
    client = peer or ""
    while hops and within(client, trusted):
        client = _without_port(hops.pop())
    return _customer(client)


def _without_port(hop: str) -> str:
    """Drop the port that some proxies add: with it, each connection would be another client."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def _customer(address: str) -> str:
    """Return one spelling of an address; of IPv6 it is the network, since one customer has 2⁶⁴ addresses."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(ip_network((parsed, _CUSTOMER_BITS), strict=False))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def within(address: str, networks: Sequence[Network]) -> bool:
    """Return whether an address is in any of some networks."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)
