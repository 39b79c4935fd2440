"""The answers of the API. Papers themselves go straight from the index to JSON; these models document them."""

from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal

from pydantic import Field, create_model

from services.search.query.filters import FACETS
from services.search.ranking.highlights import Highlighter
from services.search.ranking.paper_index import Hit
from services.search.similar.abstract_facets import Facet
from shared.board.rows import Origin, PictureRow
from shared.http.site import address
from shared.papers.paper import Model, Paper, Reading, Trend
from shared.papers.paths import picture_path

COAUTHOR_PAPERS: Final = 200
"""Newest papers of an author that co-authors are counted in."""


class Highlight(Model):
    """Words of the query in a field of a paper. The text is plain and must be escaped."""

    field: Literal["title", "abstract"]
    text: str = Field(description="the title, or the sentence of the abstract that matches best")
    marks: list[Annotated[list[int], Field(min_length=2, max_length=2)]] = Field(
        description="start and end of each word found, in Unicode code points"
    )


class ShownPicture(Model):
    """A small picture of a paper, which this instance serves."""

    url: str
    width: int = Field(description="in pixels")
    height: int = Field(description="in pixels")
    origin: Origin = Field(description="where it is from")
    version: str = Field(description="changes with its content")


class Listed(Model):
    """A paper in a list."""

    score: float | None = Field(description="comparable within one answer only; null in lists without a query")
    paper: Paper
    duplicates: list[str] = Field(default=[], description="ids of works with the same title or nearly the same text")
    picture: ShownPicture | None = Field(default=None, description="a small picture of the paper; null without one")


class Found(Listed):
    """A result of a search."""

    highlights: list[Highlight]


class SearchAnswer(Model):
    """One page of results."""

    query: str
    mode: Literal["hybrid", "semantic", "lexical"]
    took_ms: float
    rerank_ms: float | None = Field(
        default=None, description="milliseconds of it that the cross-encoder took; null where none ranked the results"
    )
    notes: list[str] = Field(default=[], description="a sentence for each operator that was read as words")
    results: list[Found]
    next_cursor: str | None = Field(description="null on the last page")


class PaperList(Model):
    """A list of papers."""

    results: list[Listed]
    next_cursor: str | None = Field(default=None, description="null on the last page")


class SimilarAnswer(PaperList):
    """The papers most like one."""

    by: Facet | None = Field(description="the facet that they are compared by; null when it is all of the paper")
    notes: list[str] = Field(default=[], description="a sentence where the facet could not be compared")


class Count(Model):
    """A value and its number of papers."""

    value: str | int | bool
    count: int


Facets: Final[type[Model]] = create_model(
    "Facets",
    __base__=Model,
    __doc__="The most frequent values among the papers that a search finds.",
    **dict.fromkeys(FACETS, (list[Count], ...)),  # type: ignore[call-overload]  # fields by their names
)


class RecommendedPaper(Listed):
    """A paper that is recommended."""

    reasons: list[str] = Field(description="why, in words, such as: similar to “…”, which you saved (53%)")


class RecommendedPapers(Model):
    """One page of recommended papers, the best first."""

    results: list[RecommendedPaper]
    next_cursor: str | None = Field(description="null on the last page")
    liked: int = Field(description="papers in the index that the recommendations are near to")
    days: int | None = Field(description="the age in days of the oldest paper that could be here; null without a limit")


class Profile(PaperList):
    """An author: their papers, and what these have in common. People of one name are one author here."""

    name: str = Field(description="the most frequent spelling")
    papers: int
    years: list[Count] = Field(description="papers of each year")
    categories: list[Count]
    coauthors: list[Count] = Field(description=f"papers with each of them among the newest {COAUTHOR_PAPERS}")


class Trending(Model):
    """The trend of a paper."""

    id: str
    trend: Trend | None = Field(description="null until one of its signals exceeds those of its field")
    readings: list[Reading] = Field(description="its signals over time, oldest first")


class StreamStatus(Model):
    """The backlog of one service."""

    stream: str
    group: str
    waiting: int = Field(description="entries not yet delivered")
    pending: int = Field(description="entries being handled")
    dead: int = Field(description="dead letters of the stream")


class InstanceStatus(Model):
    """The status of the instance."""

    papers: int
    streams: list[StreamStatus]
    sources: list[dict[str, Any]] = Field(description="the state of each source, as the fetcher last saw it")
    providers: list[dict[str, Any]] = Field(
        description="the state of each metadata provider, as the enricher last saw it"
    )
    ledger: list[dict[str, Any]] = Field(description="the announcement days of each category, newest first")
    disk: dict[str, Any] | None = Field(
        default=None, description="the free space of the disk with the data, as the fetcher last read it"
    )
    pictures: dict[str, Any] | None = Field(
        default=None, description="how many pictures of papers are kept, wanted and failed; null before the first count"
    )
    mail: dict[str, Any] | None = Field(
        default=None, description="how many addresses nothing is sent to, as they refuse mail; null if none ever did"
    )


def listed(hits: list[Hit]) -> list[dict[str, Any]]:
    """Return the rows of a list of papers."""
    return [_row(hit) for hit in hits]


def found(hits: list[Hit], query: str) -> list[dict[str, Any]]:
    """Return the rows of results with the words of the query marked."""
    highlighter = Highlighter(query)
    rows = []
    for hit in hits:
        paper = hit.payload["paper"]
        highlights = highlighter.highlights(paper["title"], paper.get("abstract", ""))
        rows.append({**_row(hit), "highlights": highlights})
    return rows


def no_facet(facet: Facet) -> str:
    """Return the sentence about a paper that cannot be compared by a facet."""
    return f"No sentence of the abstract speaks of the {facet}, so the papers are compared as a whole."


def picture(paper_id: str, known: PictureRow) -> dict[str, Any]:
    """Return a picture with its address, as clients of this request reach it."""
    fields = {name: known.get(name) for name in ("width", "height", "origin", "version")}
    return {"url": address() + picture_path(paper_id, known["version"]), **fields}


def counts(rows: Iterable[tuple[str | int | bool, int]]) -> list[dict[str, Any]]:
    """Return the number of papers of each value."""
    return [{"value": value, "count": count} for value, count in rows]


def _row(hit: Hit) -> dict[str, Any]:
    return {"score": hit.score, "paper": hit.payload["paper"], "duplicates": hit.duplicates}
