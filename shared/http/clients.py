"""The address of a client behind proxies. Pure."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv6Address, ip_address, ip_network

from shared.settings import Network

_FORWARDING = frozenset(
    {
        "cf-connecting-ip",
        "client-ip",
        "fastly-client-ip",
        "forwarded",
        "true-client-ip",
        "via",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-envoy-external-address",
        "x-original-forwarded-for",
        "x-original-host",
        "x-real-ip",
    }
)
"""Headers with which proxies say for whom they ask, beside `X-Forwarded-…`; in lower case."""
_CUSTOMER_BITS = 64  # bits of an IPv6 address that one customer is usually given


def is_direct(peer: str | None, headers: Iterable[str]) -> bool:
    """Return whether a request comes from this machine and, by the names of its headers, through no proxy."""
    names = {name.lower() for name in headers}
    proxied = not _FORWARDING.isdisjoint(names) or any(name.startswith("x-forwarded-") for name in names)
    return not proxied and is_loopback(peer or "")


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
        client = hops.pop()
    return _customer(client)


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
