"""The address of a client behind proxies. Pure."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from shared.settings import Network

_FORWARDING: Final = ("forwarded", "via", "x-forwarded-", "x-real-ip")
"""What the headers begin with by which proxies say that they pass a request on."""
_CUSTOMER_BITS: Final = 64
"""Bits of an IPv6 address that one customer is usually given."""


def is_forwarded(headers: Iterable[str]) -> bool:
    """Return whether a request came through a proxy, by the names of its headers."""
    return any(name.lower().startswith(_FORWARDING) for name in headers)


def is_private(host: str) -> bool:
    """Return whether an address is of this machine or of a private network."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_private


def client_address(peer: str | None, named: Sequence[str], trusted: Sequence[Network]) -> str:
    """Return the address of a client: the peer, or what trusted proxies name, read from the nearest one outwards.

    `named` holds the addresses that they name. What an untrusted peer claims is ignored: anyone can write it.
    """
    left, client = list(named), peer or ""
    while left and within(client, trusted):
        client = without_port(left.pop())
    return _customer(client)


def without_port(hop: str) -> str:
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
    """Return whether an address is in any of some networks; a unix socket has no address."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None) or parsed
    return any(mapped in network or parsed in network for network in networks)
