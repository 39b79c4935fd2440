"""Texts of messages, to test with."""

from typing import Any


def units(text: str) -> int:
    """Count the UTF-16 units of a text, as most services do."""
    return len(text.encode("utf-16-le")) // 2


def texts(value: Any) -> list[str]:
    """Return every string in a document."""
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in texts(one)]
    return [value] if isinstance(value, str) else []
