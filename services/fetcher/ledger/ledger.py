"""The ledger: the counts and the state of each announcement day of each category.

It is one Redis hash, `ledger`, of fields `source|category|day`; each holds one row of `/v1/status` as JSON.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, cast

import structlog
from redis.asyncio import Redis

from services.fetcher.ledger.calendar import Calendar, arxiv_calendar
from services.fetcher.ledger.observation import Observation
from shared.board import LEDGER, DayRow

KEPT: Final = timedelta(days=60)
MAX_ROWS: Final = 10_000
"""Rows kept; the oldest are deleted first."""
COUNTS: Final = ("new", "revised", "withdrawn", "cross-listed", "recovered")
CAPPED: Final = "capped"
"""A count that marks an answer cut off by the source: there may be more papers than it shows."""
MAX_REASON: Final = 300

Row = DayRow
log = structlog.get_logger("fetcher")


def row_of(source: str, seen: Observation, before: Row | None) -> Row:
    """Return the row of an observation, which replaces the row before and keeps what only that one knew.

    A day never loses papers: a later observation of fewer, as after a restart, only updates what was expected.
    """
    before = before or {}
    verified = seen.expected is not None
    expected = seen.expected if verified else before.get("expected")
    missing = seen.missing if verified or seen.missing else before.get("missing", 0)
    fresh: Row = {"expected": expected, "missing": missing, "reason": ""}
    if before.get("received", 0) > seen.received:
        return before | fresh
    counts = cast("Row", {name: seen.counts.get(name, 0) for name in COUNTS})
    row: Row = {"source": source, "category": seen.category, "day": seen.day, "received": seen.received}
    return row | counts | {"stale": seen.stale, "capped": bool(seen.counts.get(CAPPED))} | fresh


def state_of(row: Row, calendar: Calendar, now: datetime) -> str:
    """Return the state of a day: failing, stale, weekend, holiday, quiet, late, partial or complete.

    A quiet day brought nothing and no more is expected, or it has only begun. `complete` with `expected` null relies on
    the source alone; with a number, a second interface confirmed it.
    """
    if row.get("reason"):
        return "failing"
    if not row["received"] and not row["expected"]:
        day = date.fromisoformat(row["day"])
        if explained := calendar.explained(day):
            return explained
        if row["expected"] == 0:
            return "quiet"
        return "stale" if row["stale"] else "late" if calendar.late(day, now) else "quiet"
    if row["stale"]:
        return "stale"
    return "partial" if row["missing"] or row["capped"] or row["received"] == 0 else "complete"


class Ledger:
    """Stores the rows. The lease of a source makes sure that one process at a time writes its rows."""

    def __init__(self, redis: "Redis[bytes]", clock: Callable[[], datetime], calendar: Calendar | None = None) -> None:
        """`clock` returns the time with its zone; the default calendar is arXiv's."""
        self._redis = redis
        self._clock = clock
        self._calendar = calendar or arxiv_calendar()
        self._pruned: date | None = None

    async def record(self, source: str, observed: Sequence[Observation]) -> None:
        """Store what a poll of a source saw."""
        if not observed:
            return
        names = [_field(source, seen.category, seen.day) for seen in observed]
        known = await LEDGER.some(self._redis, names)
        rows: dict[str, Row] = {}
        for name, seen, before in zip(names, observed, known, strict=True):
            rows[name] = row_of(source, seen, rows.get(name) or before)
        await self._write(rows)
        await LEDGER.drop(self._redis, {_field(source, "", seen.day) for seen in observed})
        await self._prune()

    async def failed(self, source: str, reason: str) -> None:
        """Store that a poll of a source failed, for the categories of the current day that are still missing."""
        day = self._calendar.day_of(self._clock()).isoformat()
        own = [row for row in await self._all() if row["source"] == source and row["category"]]
        categories = {row["category"] for row in own} or {""}
        here = {row["category"]: row for row in own if row["day"] == day}
        rows: dict[str, Row] = {}
        for category in categories:
            row = here.get(category) or row_of(source, Observation(category, day, 0), None)
            if not row["received"]:
                rows[_field(source, category, day)] = row | {"reason": reason[:MAX_REASON]}
        await self._write(rows)

    async def rows(self, limit: int = 200) -> list[Row]:
        """Return the newest rows, each with its current state."""
        found = sorted(await self._all(), key=lambda row: (row["day"], row["source"], row["category"]))
        rows = found[: -limit - 1 : -1]
        now = self._clock()
        return [row | self._state(row, now) for row in rows]

    async def _all(self) -> list[Row]:
        return list((await LEDGER.rows(self._redis)).values())

    async def _write(self, rows: Mapping[str, Row]) -> None:
        now = self._clock()
        stamp = now.isoformat()
        written = {name: row | self._state(row, now) | {"updated": stamp} for name, row in rows.items()}
        if written:
            await LEDGER.put(self._redis, written)

    def _state(self, row: Row, now: datetime) -> Row:
        """Return the state of a row, and the calendar's note about its day."""
        note = self._calendar.note(date.fromisoformat(row["day"]))
        return {"state": state_of(row, self._calendar, now), "note": note}

    async def _prune(self) -> None:
        """Once a day, delete rows that are too old or too many."""
        today = self._clock().date()
        if self._pruned == today:
            return
        self._pruned = today
        if today > self._calendar.until:
            log.warning("calendar outdated", archive="arxiv", until=str(self._calendar.until))
        names = sorted(await LEDGER.ids(self._redis), key=_day)
        oldest = (today - KEPT).isoformat()
        kept = [name for name in names if _day(name) >= oldest][-MAX_ROWS:]
        if gone := names[: len(names) - len(kept)]:
            await LEDGER.drop(self._redis, gone)


def _field(source: str, category: str, day: str) -> str:
    return f"{source}|{category}|{day}"


def _day(name: str) -> str:
    return name.rpartition("|")[2]
