"""What stands in front of the instance: the proxies that are trusted, and what they say of a request.

A proxy says it with X-Forwarded headers or with `Forwarded` (RFC 7239). Anyone can write these, so only those of
trusted proxies count, and of a list only what the nearest proxy added. Pure.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from multidict import CIMultiDict, CIMultiDictProxy

from shared.http.clients import client_address, is_forwarded, is_private, within, without_port
from shared.http.site import Site
from shared.settings import Network, Settings

UNKNOWN_HEADER: Final = "Paperwire-Unknown-Proxy"
"""The header in which our gateway tells a service that a proxy in front of it is not trusted."""
_HOST: Final = re.compile(r"(?:[\w.-]+|\[(?!.*:::)[\da-f:.]+\])(?::(?P<port>\d{1,5}))?", re.ASCII | re.IGNORECASE)
_PREFIX: Final = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[\w.~-]+)*/?", re.ASCII)
_MAX_PORT: Final = 65_535


@dataclass(frozen=True, slots=True)
class Heard:
    """What a request says of where it comes from; `forwarded` has the elements of its `Forwarded` headers."""

    peer: str
    scheme: str
    host: str
    headers: CIMultiDictProxy[str] | CIMultiDict[str]
    forwarded: Sequence[Mapping[str, str]] = ()

    def last(self, name: str) -> str:
        """Return the last value of a header that is a list, or ""."""
        return ",".join(self.headers.getall(name, [])).rpartition(",")[2].strip()

    def hops(self) -> list[str]:
        """Return the addresses that proxies name as their client, the nearest proxy's last.

        A proxy writes one of two headers, and may pass the other on as the client wrote it. So if both are there and
        disagree on the nearest client, there is no telling which is true, and none is returned.
        """
        values = ",".join(self.headers.getall("X-Forwarded-For", [])).split(",")
        own = [hop.strip() for hop in values if hop.strip()]
        standard = [element.get("for", "").strip() for element in self.forwarded]
        if not standard or not standard[-1]:
            return own
        return [] if own and without_port(own[-1]) != without_port(standard[-1]) else own or standard


@dataclass(frozen=True, slots=True)
class Front:
    """The public address of the instance, if it has one, and the networks of trusted proxies."""

    public_url: str | None = None
    trusted: tuple[Network, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> "Front":
        """Return the front that the settings describe."""
        return cls(settings.public_url, settings.trusted_proxies)

    @property
    def base(self) -> str:
        """The path of the public address, or ""."""
        return Site.of(self.public_url).base if self.public_url else ""

    def site(self, heard: Heard) -> Site:
        """Return where the client of a request reaches the instance: the public address, or what its proxy says.

        Raises:
            ValueError: a header of the proxy is malformed, and links are made from it; the text says which.

        """
        if self.public_url:
            return Site.of(self.public_url)
        if not within(heard.peer, self.trusted):
            return Site(f"{heard.scheme}://{heard.host}")
        said = heard.forwarded[-1] if heard.forwarded else {}
        scheme = (heard.last("X-Forwarded-Proto") or said.get("proto", heard.scheme)).lower()
        host = heard.last("X-Forwarded-Host") or said.get("host", heard.host)
        prefix = heard.last("X-Forwarded-Prefix")
        if scheme not in ("http", "https"):
            raise ValueError("The X-Forwarded-Proto header must be http or https.")
        if not is_host(host):
            raise ValueError("The X-Forwarded-Host header must be a host name with an optional port.")
        if not _PREFIX.fullmatch(prefix):
            raise ValueError("The X-Forwarded-Prefix header must be a path such as /papers.")
        return Site(f"{scheme}://{host}", prefix.rstrip("/"))

    def hops(self, heard: Heard) -> list[str]:
        """Return the addresses that a trusted proxy names as its client and those behind it, the nearest last."""
        return heard.hops() if within(heard.peer, self.trusted) else []

    def unknown_proxy(self, heard: Heard) -> str | None:
        """Return the address of the proxy that passed a request on and is not trusted, or None.

        Nobody on the internet is such a proxy, whatever they write. Without TLS of its own an instance whose public
        address has `https` is behind one, whatever it writes.
        """
        if within(heard.peer, self.trusted):
            told = heard.headers.get(UNKNOWN_HEADER, "")
            return told if is_private(told) else None
        hidden = (self.public_url or "").startswith("https:") and not self.trusted
        return heard.peer if is_private(heard.peer) and (hidden or is_forwarded(heard.headers)) else None


DIRECT: Final = Front()
"""Nothing: whoever connects is the client."""


def client_of(heard: Heard, trusted: Sequence[Network]) -> str:
    """Return the address of the client of a request, by what `trusted` proxies say."""
    return client_address(heard.peer, heard.hops(), trusted)


def is_host(text: str) -> bool:
    """Return whether a text is a host name or address with an optional port."""
    found = _HOST.fullmatch(text)
    return found is not None and int(found["port"] or 0) <= _MAX_PORT
