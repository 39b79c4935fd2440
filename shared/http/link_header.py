"""The `Link` header of an answer (RFC 8288): the next page, other forms of the same list, and its description. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

MAX_BYTES: Final = 2048
"""Bytes of the header: many proxies read all headers of an answer into 4 KiB."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link: its target as a URL reference in ASCII, its relation, and the media type that is found there, or ""."""

    target: str
    relation: str
    media: str = ""

    def __str__(self) -> str:
        """Return it as in the header."""
        media = f'; type="{self.media}"' if self.media else ""
        return f'<{self.target}>; rel="{self.relation}"{media}'


def header(links: Iterable[Link]) -> str:
    """Write links, the most important first; those that no longer fit are left out."""
    written: list[str] = []
    size = 0
    for text in map(str, links):
        size += len(text) + 2
        if size <= MAX_BYTES:
            written.append(text)
    return ", ".join(written)
