"""The page of a paper: everything known about it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from services.search.api import markdown, responses
from services.search.api.reader import Reader
from services.search.query.filters import Filters
from services.search.similar.abstract_facets import Facet, spoken_of
from services.search.web.charts import Line, sparkline
from services.search.web.highwire import citation_tags
from services.search.web.personal import personal
from services.search.web.render import render
from services.search.web.sparks import over_time, with_sparks
from shared.export.citation import bibtex
from shared.http.site import address
from shared.papers.paper import Paper
from shared.papers.paths import paper_path

SIMILAR: Final = 10
VARY: Final = "Accept, Accept-Encoding, Accept-Language"
_QUALITY = re.compile(r"[01](?:\.\d{0,3})?", re.ASCII)
SIGNALS: Final[Mapping[str, str]] = {
    "upvotes": "Upvotes",
    "citations": "Citations",
    "influential_citations": "Influential citations",
    "stars": "Code stars",
    "comments": "Comments",
    "models": "Models",
    "datasets": "Datasets",
    "spaces": "Demos",
}
"""The signals in the order of display, with their labels."""


@dataclass(frozen=True, slots=True)
class Row:
    """One signal: its value, its history, and what it adds to the trend."""

    name: str
    value: float
    line: Line | None
    part: Mapping[str, Any] | None


async def show(reader: Reader, request: web.Request) -> web.StreamResponse:
    """Show a paper and similar papers, as a page or, where the client prefers it, as Markdown."""
    hit = await reader.paper(request.match_info["id"])
    asked = next((facet for facet in Facet if facet == request.query.get("by")), None)
    similar, by = await reader.similar.to_paper(hit, Filters(), None, limit=SIMILAR, by=asked)
    paper = hit.payload["paper"]
    if wants_markdown(request.headers.get("Accept", "")):
        text = markdown.page(paper, [each.payload["paper"] for each in similar], address())
        return web.Response(text=text, content_type="text/markdown", headers={"Vary": VARY})
    trend, whole = hit.payload.get("trend"), Paper.model_validate(paper)
    own, *others = await reader.illustrated(responses.listed([hit, *similar]))
    response = render(
        "paper.html",
        **(await personal(reader, request, [own], others, all_=True)).variables,
        paper=paper,
        trend=trend,
        rows=rows(paper, trend, hit.payload.get("readings") or []),
        picture=own["picture"],
        similar=await with_sparks(reader.papers, others),
        by=by,
        facets=spoken_of(paper.get("abstract") or ""),
        no_facet=asked and not by and responses.no_facet(asked),
        citation=bibtex(whole),
        citation_tags=citation_tags(whole, address() + paper_path(paper["id"])),
    )
    response.headers["Vary"] = f"Accept, {response.headers['Vary']}"
    return response


def wants_markdown(accept: str) -> bool:
    """Return whether a client accepts Markdown with at least the quality of HTML (RFC 9110, 12.5.1)."""
    wanted = {}
    for entry in accept.split(","):
        media, *parameters = (part.strip() for part in entry.split(";"))
        quality = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        wanted[media.lower()] = float(quality) if _QUALITY.fullmatch(quality) else 0.0
    return wanted.get("text/markdown", 0.0) > 0 and wanted["text/markdown"] >= wanted.get("text/html", 0.0)


def rows(paper: Mapping[str, Any], trend: Mapping[str, Any] | None, readings: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Collect the value, history and trend contribution of each signal."""
    parts = {part["signal"]: part for part in (trend or {}).get("components", ())}
    return [
        Row(name, value, sparkline(over_time(readings, signal)), parts.get(signal))
        for signal, name in SIGNALS.items()
        if (value := (paper.get("signals") or {}).get(signal)) is not None
    ]
