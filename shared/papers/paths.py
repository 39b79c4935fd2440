"""The paths of papers, pictures and authors on our pages and in our API. Pure."""

from typing import Final
from urllib.parse import quote

_LOST: Final = frozenset({"", ".", ".."})
"""Segments of a path that browsers and proxies leave out."""
_OTHER: Final = frozenset({"citation", "picture.webp", "similar", "trend"})
"""Last segments that ask for something else about a paper."""


def in_path(text: str) -> str:
    """Write an id or a name as part of a path: a slash stays one, as some servers refuse `%2F` (Apache answers 404).

    Where the path would then mean something else, its slashes are encoded.
    """
    parts = text.split("/")
    whole = _LOST.isdisjoint(parts) and (len(parts) == 1 or parts[-1] not in _OTHER)
    return quote(text, safe=":/" if whole else ":")


def paper_path(id_: str) -> str:
    """Return the path of a paper's page; below `/v1` it is that of its JSON."""
    return f"/papers/{in_path(id_)}"


def picture_path(id_: str, version: str) -> str:
    """Return the path of the picture of a paper in a version, under which it never changes."""
    return f"{paper_path(id_)}/picture.webp?v={version}"


def author_path(name: str) -> str:
    """Return the path of an author's page."""
    return f"/authors/{in_path(name)}"
