"""Escapes text for the markup of chats, so that it cannot format, link or mention anybody, and cuts it.

Each filter cuts at `limit` of the result, never inside an escape. Lengths are UTF-16 units, as most services count;
`cut_bytes` counts bytes of UTF-8.
"""

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote, urlsplit

ELLIPSIS: Final = "…"
_HTML: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_MRKDWN: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MARKDOWN: Final = {c: "\\" + c for c in "\\`*_[]()<>#|~"}
_ZERO_WIDTH: Final = "\u200b"
_MENTIONS: Final = {**_MARKDOWN, "@": "@" + _ZERO_WIDTH}
"""Chats that read Markdown also read `@channel`, which a backslash does not stop."""


def flat(text: str) -> str:
    """Return a text as one line."""
    return " ".join(text.split())


def cut(text: str, limit: int) -> str:
    """Cut a plain text."""
    return _escaped(text, limit, {}, _units)


def cut_bytes(text: str, limit: int) -> str:
    """Cut a plain text by its bytes."""
    return _escaped(text, limit, {}, lambda piece: len(piece.encode()))


def html(text: str, limit: int) -> str:
    """Escape for HTML as Telegram and Matrix read it."""
    return _escaped(text, limit, _HTML, _units)


def mrkdwn(text: str, limit: int) -> str:
    """Escape for Slack: only the three characters that start links and mentions."""
    return _escaped(text, limit, _MRKDWN, _units)


def markdown(text: str, limit: int) -> str:
    """Escape for Markdown with mentions: Discord, Mattermost, Teams."""
    return _escaped(text, limit, _MENTIONS, _units)


def link(address: str | None) -> str:
    """Return an http or https address that is safe in every markup, or nothing for any other."""
    try:
        parts = urlsplit(address or "")
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    return quote(address or "", safe="%/:=&?~#+!$,;'@*-._")[:2_000]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _escaped(text: str, limit: int, table: Mapping[str, str], size: Callable[[str], int]) -> str:
    pieces: list[str] = []
    room, end = limit, 0
    for character in text:
        piece = table.get(character, character)
        room -= size(piece)
        if room < 0:
            return "".join(pieces[:end]) + ELLIPSIS
        pieces.append(piece)
        if room >= size(ELLIPSIS):
            end = len(pieces)
    return "".join(pieces)
