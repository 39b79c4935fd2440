"""How much one client may ask: a token bucket for each address, and which address is the client's."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from ipaddress import IPv6Address, ip_address, ip_network

from shared.settings import Network

REMEMBERED = 10_000
"""Addresses whose buckets are kept; the least recently seen is forgotten first."""
_HOUSEHOLD = 64  # bits of an IPv6 address that one customer is usually given


class TokenBuckets:
    """Full buckets hold a minute's requests, and fill evenly: a burst is fine, a steady flood is not."""

    def __init__(self, per_minute: int, clock: Callable[[], float]) -> None:
        """`clock` gives seconds; a limit of 0 lets everything through."""
        self._capacity = float(per_minute)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> float:
        """Take a token. Return 0, or the seconds until there is one."""
        if not self._capacity:
            return 0.0
        now = self._clock()
        tokens, seen = self._buckets.pop(client, (self._capacity, now))
        tokens = min(self._capacity, tokens + (now - seen) * self._capacity / 60)
        allowed = tokens >= 1
        self._buckets[client] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) * 60 / self._capacity


def client_address(peer: str | None, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """Tell who asks: the peer, or what trusted proxies say, read from the nearest one outwards.

    `forwarded` holds the X-Forwarded-For headers. What an untrusted peer claims is ignored: anyone can write it.
    """
    hops = [hop.strip() for header in forwarded for hop in header.split(",") if hop.strip()]
    client = peer or ""
    while hops and _within(client, trusted):
        client = hops.pop()
    return _customer(client)


def _customer(address: str) -> str:
    """Give one spelling; an IPv6 customer has 2⁶⁴ addresses, so their network stands for them."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(ip_network((parsed, _HOUSEHOLD), strict=False))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def _within(address: str, networks: Sequence[Network]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)
