"""Recognizes the files that subscriptions are imported from, and reads our own export. Pure."""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass
from typing import Any, Final

import orjson

from shared.errors import ConfigurationError

MAX_FILE: Final = 50 * 1024 * 1024
"""Bytes of a file."""
_BEGINNING: Final = 65_536
"""Characters in which a file shows its format; a license may stand before it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that could not be imported: its place and the reason."""

    where: str
    reason: str


def decoded(raw: bytes) -> str:
    """Return the text of a file: in UTF-16 or UTF-8, or else in Windows-1252, which programs wrote before."""
    if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace")
    if b"\0" in raw[:2]:
        return raw.decode("utf-16-be" if raw[:1] == b"\0" else "utf-16-le", "replace")
    try:
        return raw.removeprefix(BOM_UTF8).decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def kind_of(raw: bytes) -> str:
    """Return the format of a file: `json`, `opml` or `bibtex`.

    Raises:
        ConfigurationError: it is none of these, or too large.

    """
    if len(raw) > MAX_FILE:
        raise ConfigurationError(f"The file is larger than {MAX_FILE // 1024**2} MB; import it in parts.")
    begin = decoded(raw[:_BEGINNING]).lstrip()
    if begin.startswith(("{", "[")):
        return "json"
    if begin.startswith("<"):
        if "<opml" in begin.lower():
            return "opml"
    elif "@" in begin:
        return "bibtex"
    raise ConfigurationError("The file is neither an export of subscriptions, nor OPML, nor BibTeX.")


def read_export(raw: bytes) -> list[dict[str, Any]]:
    """Read subscriptions as `subscriptions export` writes them, or a bare list of them."""
    try:
        found = orjson.loads(decoded(raw))
    except orjson.JSONDecodeError as error:
        raise ConfigurationError(f"The file is not valid JSON: {error}.") from error
    rows = found.get("subscriptions") if isinstance(found, dict) else found
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ConfigurationError("The file holds no list of subscriptions.")
    return rows
