"""The small charts on cards: the signal of a paper that grew, over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.search.ranking.paper_index import PaperIndex
from services.search.web.charts import Line, sparkline
from services.search.web.formatting import count, day
from shared.papers.names import point_id

WIDTH: Final = 64.0
HEIGHT: Final = 16.0
SHOWN: Final[Mapping[str, str]] = {"upvotes": "upvote", "stars": "star", "citations": "citation", "comments": "comment"}
"""The signals with a chart; the first one that grew is drawn."""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Spark:
    """A chart, and the same in words."""

    line: Line
    text: str


async def with_sparks(papers: PaperIndex, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Add `spark` to the rows of a list: the chart of a paper, or None. Papers without signals cost nothing.

    Raises:
        TransientError: Qdrant does not answer.

    """
    points = {row["paper"]["id"]: point_id(row["paper"]["id"]) for row in rows if _has_signals(row["paper"])}
    found = await papers.get(list(points.values()), ("readings",))
    drawn = {paper: spark(found.get(point, {}).get("readings") or ()) for paper, point in points.items()}
    return [{**row, "spark": drawn.get(row["paper"]["id"])} for row in rows]


def spark(readings: Sequence[Mapping[str, Any]]) -> Spark | None:
    """Draw the first signal of `SHOWN` that grew; None if none did."""
    for name, one in SHOWN.items():
        known = over_time(readings, name)
        if known and known[-1][1] > known[0][1] and (line := sparkline(known, WIDTH, HEIGHT)):
            first, last = known[0], known[-1]
            words = (
                f"From {first[1]:,.0f} to {count(int(last[1]), one)}, {day(first[0].date())} to {day(last[0].date())}"
            )
            return Spark(line, words)
    return None


def over_time(readings: Sequence[Mapping[str, Any]], signal: str) -> list[tuple[datetime, float]]:
    """Return the moments at which a signal was known, with its values, oldest first."""
    return [
        (datetime.fromisoformat(reading["at"]), float(value))
        for reading in readings
        if (value := reading["signals"].get(signal)) is not None
    ]


def _has_signals(paper: Row) -> bool:
    signals = paper.get("signals") or {}
    return any(signals.get(name) for name in SHOWN)
