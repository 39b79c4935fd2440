"""One paper: everything known of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aiohttp import web

from services.search import answers
from services.search.citation import bibtex
from services.search.conditions import where
from services.search.http import Reader
from services.search.query import Filters
from services.search.web.plots import Line, sparkline
from services.search.web.render import render
from shared.paper import Paper

SIMILAR: Final = 10
SIGNALS: Final[Mapping[str, str]] = {
    "upvotes": "Upvotes",
    "citations": "Citations",
    "influential_citations": "Influential citations",
    "stars": "Stars of its code",
    "comments": "Comments",
    "models": "Models made with it",
    "datasets": "Datasets made with it",
    "spaces": "Demos of it",
}
"""The signals in the order in which they are shown, and what they are called."""


@dataclass(frozen=True, slots=True)
class Row:
    """One signal: its value, how it went, and what it adds to the trend."""

    name: str
    value: float
    line: Line | None
    part: Mapping[str, Any] | None


async def show(reader: Reader, request: web.Request) -> web.StreamResponse:
    """Show one paper, and papers like it."""
    hit = await reader.paper(request.match_info["id"])
    similar = await reader.papers.like([hit.point], [], where(Filters()), limit=SIMILAR)
    paper = hit.payload["paper"]
    trend = hit.payload.get("trend")
    return render(
        "paper.html",
        paper=paper,
        trend=trend,
        rows=rows(paper, trend, hit.payload.get("readings") or []),
        similar=answers.listed(similar),
        citation=bibtex(Paper.model_validate(paper)),
    )


def rows(paper: Mapping[str, Any], trend: Mapping[str, Any] | None, readings: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Bring together what is known of each signal: now, over time, and in the trend."""
    parts = {part["signal"]: part for part in (trend or {}).get("components", ())}
    return [
        Row(name, value, sparkline(_over_time(readings, signal)), parts.get(signal))
        for signal, name in SIGNALS.items()
        if (value := (paper.get("signals") or {}).get(signal)) is not None
    ]


def _over_time(readings: Sequence[Mapping[str, Any]], signal: str) -> list[tuple[datetime, float]]:
    return [
        (datetime.fromisoformat(reading["at"]), float(value))
        for reading in readings
        if (value := reading["signals"].get(signal)) is not None
    ]
