"""What the headers of an answer say about asking again: pure."""

import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from time import time
from typing import Any, Final

WAIT_BOUNDS: Final = (30.0, 86_400.0)
"""Seconds: whatever Retry-After says, not sooner and not later."""


def retry_after(value: str | None, now: float | None = None) -> float | None:
    """Read a Retry-After header, seconds or a date, into bounded seconds; None where it says nothing usable."""
    if value is None:
        return None
    try:
        seconds = float(value) if not value.endswith("GMT") else _seconds_until(value, now)
    except (ValueError, OverflowError):
        return None
    return None if math.isnan(seconds) else min(max(seconds, WAIT_BOUNDS[0]), WAIT_BOUNDS[1])


def _seconds_until(value: str, now: float | None) -> float:
    return parsedate_to_datetime(value).timestamp() - (time() if now is None else now)


def validators(headers: Mapping[str, str]) -> dict[str, Any]:
    """Keep what the next conditional request needs."""
    pairs = {"etag": headers.get("ETag"), "modified": headers.get("Last-Modified")}
    return {name: value for name, value in pairs.items() if value}


def freshness(headers: Mapping[str, str]) -> float | None:
    """Read how long an answer stays as it is, in seconds (Cache-Control: max-age), at most a day; None if unsaid."""
    found = re.search(r"(?:^|[\s,])max-age=(\d{1,9})", headers.get("Cache-Control", ""), re.IGNORECASE)
    return min(float(found[1]), WAIT_BOUNDS[1]) if found else None
