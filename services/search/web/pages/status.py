"""The status page: sources and their announcements, the backlog, and what was indexed in the last day."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

from services.search.api.reader import Reader
from services.search.ranking.qdrant_filter import indexed
from services.search.web.charts import Bar, bars
from services.search.web.render import render
from shared.board.day_line import day_line
from shared.board.rows import DayRow
from shared.http.app import UNKNOWN_PROXY

BARS, STEP = 12, timedelta(hours=2)
"""The number of bars of the chart, and the time that each covers."""
DAYS: Final = 10
"""Announcement days of the ledger that are shown."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger as a table: a row for each category of each source, a column for each day, the newest first."""

    days: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[DayRow | None, ...]], ...]


async def show(reader: Reader, request: web.Request) -> web.StreamResponse:
    """Show the status page."""
    now = reader.now()
    disk = await reader.instance.disk()
    papers, streams, sources, providers, ledger, plot = await asyncio.gather(
        reader.papers.count(),
        reader.instance.streams(),
        reader.instance.sources(),
        reader.instance.providers(),
        reader.instance.ledger(),
        _throughput(reader, now),
    )
    return render(
        "status.html",
        now=now,
        proxy=request.get(UNKNOWN_PROXY),
        papers=papers,
        streams=streams,
        sources=sources,
        providers=providers,
        pictures=await reader.instance.picture_stock(),
        disk=disk if disk and disk["state"] != "ok" else None,
        line=day_line(ledger, now.date()),
        ledger=table(ledger),
        plot=plot,
        lately=sum(bar.value for bar in plot),
    )


async def _throughput(reader: Reader, now: datetime) -> list[Bar]:
    """Count the papers by when the index last wrote them, whichever processes run the indexers."""
    end = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    starts = [end - n * STEP for n in range(BARS, 0, -1)]
    counts = await asyncio.gather(*(reader.papers.count(indexed(start, start + STEP)) for start in starts))
    labels = [f"{start:%H}:00 – {start + STEP:%H}:00 UTC" for start in starts]
    return bars(list(zip(labels, counts, strict=True)))


def table(rows: Sequence[DayRow]) -> Ledger:
    """Lay out the rows of the ledger as a table of the newest days."""
    days = sorted({row["day"] for row in rows}, reverse=True)[:DAYS]
    found = {(row["source"], row["category"], row["day"]): row for row in rows}
    names = sorted({(source, category) for source, category, day in found if day in days})
    rows_of = [
        (source, category, tuple(found.get((source, category, day)) for day in days)) for source, category in names
    ]
    return Ledger(tuple(days), tuple(rows_of))
