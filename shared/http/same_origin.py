"""Whether a request that changes something comes from a page of this site. Pure.

A browser sends the cookie of a reader with whatever asks it to. Browsers say where a request is from: in
`Sec-Fetch-Site`, over TLS and on this machine, and in `Origin`. A client that sends neither is no browser of the last
years, and nobody makes it send the cookie of another.
"""

from collections.abc import Mapping
from typing import Final

_OWN: Final = frozenset({"same-origin", "none"})
"""Values of Sec-Fetch-Site: from a page of this site, or by the reader's own hand."""


def is_same_origin(headers: Mapping[str, str], host: str, origin: str) -> bool:
    """Return whether a request is from a page of this site, by its headers.

    `host` is its Host; `origin` is that of the public address, which a proxy may have replaced in `Host`.
    """
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site.lower() in _OWN
    said = headers.get("Origin")
    return said is None or said == origin or said.partition("://")[2] == host
