"""The line that alerts show for the summary of a provider. Pure."""

from collections.abc import Mapping
from typing import Any

from shared.papers.names import provider_name
from shared.papers.paper import MAX_TLDR


def tldr_line(paper: Mapping[str, Any]) -> str:
    """Return the summary of a paper in an alert, marked as its provider's, or nothing."""
    found = paper.get("tldr")
    if not found:
        return ""
    text = " ".join(found["text"].split())[:MAX_TLDR]
    return f"TLDR by {provider_name(found['source'])}: {text}"
