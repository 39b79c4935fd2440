"""The address of a client behind proxies. Pure."""

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address, ip_network

from shared.settings import Network

_CUSTOMER_BITS = 64  # bits of an IPv6 address that one customer is usually given


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
