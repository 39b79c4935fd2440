"""What the headers of an answer say about asking again: pure."""

import re
from collections.abc import Mapping
from typing import Any, Final

WAIT_BOUNDS: Final = (30.0, 86_400.0)
"""Seconds: whatever an answer says, not sooner and not later."""
MAX_VALIDATOR: Final = 1_000
"""Characters of an ETag or a date: a longer one is no validator but an attempt to fill our memory."""


def validators(headers: Mapping[str, str]) -> dict[str, Any]:
    """Keep what the next conditional request needs."""
    pairs = {"etag": headers.get("ETag"), "modified": headers.get("Last-Modified")}
    return {name: value for name, value in pairs.items() if value and len(value) <= MAX_VALIDATOR}


def conditions(cursor: Mapping[str, Any]) -> dict[str, str]:
    """Make the headers that ask only for what changed since the validators of a cursor."""
    pairs = (("If-None-Match", cursor.get("etag")), ("If-Modified-Since", cursor.get("modified")))
    return {name: str(value) for name, value in pairs if value}


def freshness(headers: Mapping[str, str]) -> float | None:
    """Read how long an answer stays as it is, in seconds (Cache-Control: max-age), at most a day; None if unsaid."""
    found = re.search(r"(?:^|[\s,])max-age=(\d{1,9})", headers.get("Cache-Control", ""), re.IGNORECASE)
    return min(float(found[1]), WAIT_BOUNDS[1]) if found else None
