"""IP addresses as users write them, and which of them may be reached. Pure."""

import ipaddress
import re
import socket
import unicodedata
from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote

from shared.settings import Network

# Only these carry traffic in public; what lies outside (NAT64, `::127.0.0.1`, `fec0::/10` …) leads inside or nowhere,
# whatever `ipaddress.is_global` says of it.
_PUBLIC_V6: Final = ipaddress.ip_network("2000::/3")
# `is_global` is true for these too: 6to4 and its relays wrap any IPv4 address, others are for protocols and examples.
_MISJUDGED: Final = tuple(
    ipaddress.ip_network(text) for text in ("2002::/16", "192.0.0.0/24", "192.88.99.0/24", "3fff::/20")
)
# Where clouds give a machine its credentials; some are public addresses. Allowing a wider network does not allow these.
_METADATA: Final = frozenset(
    ipaddress.ip_address(text)
    for text in (
        "169.254.169.254",  # most clouds
        "169.254.170.2",  # AWS containers
        "169.254.170.23",
        "fd00:ec2::254",  # AWS
        "fd00:ec2::23",
        "168.63.129.16",  # Azure
        "100.100.100.200",  # Alibaba
        "192.0.0.192",  # Oracle
        "fd20:ce::254",  # Google
        "fd00:42::42",  # Scaleway
    )
)


_MAX_NAME: Final = 253
_NAME: Final = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*(?!(?:0x[0-9a-f]*|\d+)$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
)
"""The last label of a name is no number: programs read what ends with one as an IPv4 address."""
_DOTS: Final = dict.fromkeys(map(ord, "\u3002\uff0e\uff61"), ".")


def is_allowed(address: str, allowed: Sequence[Network]) -> bool:
    """Return whether an IP address may be reached: public, or inside one of the `allowed` networks.

    A metadata address of a cloud has to be allowed by itself.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if ip in _METADATA:
        return ipaddress.ip_network(ip) in allowed
    if any(ip.version == network.version and ip in network for network in allowed):
        return True
    if ip in _PUBLIC_V6 or ip.version == 4:  # noqa: PLR2004  # IPv4
        return ip.is_global and not ip.is_multicast and not any(ip in network for network in _MISJUDGED)
    return False


def literal_address(host: str) -> str | None:
    """Return the IP address that a host is written as, in whatever spelling, or None for a name to be resolved.

    `localhost` counts as an address (RFC 6761).
    """
    decoded = unicodedata.normalize("NFKC", unquote(host)).translate(_DOTS)
    plain = "".join(c for c in decoded if unicodedata.category(c) != "Cf").strip("[]").rstrip(".").lower()
    if plain == "localhost" or plain.endswith(".localhost"):
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(plain.partition("%")[0]))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(plain))  # reads `127.1`, `0x7f.1` and `2130706433` as resolvers do
    except (OSError, ValueError):
        return None


def is_host(text: str) -> bool:
    """Return whether a text can be a host: an IP address in whatever spelling, or a name of ASCII or Unicode (IDNA)."""
    if literal_address(text):
        return True
    try:
        name = text.removesuffix(".").encode("idna").decode("ascii").lower()
    except UnicodeError:  # an empty or a long label, or a character that no name has
        return False
    hidden = any(unicodedata.category(c) == "Cf" for c in text)
    return not hidden and len(name) <= _MAX_NAME and bool(_NAME.fullmatch(name))
