"""A work's counters over time: every recent reading, few old ones."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from shared.moments import iso, parse_moment
from shared.papers.paper import Reading, Signals

MAX_READINGS: Final = 40
# Up to this age, one reading is kept in each slot of this length.
_SLOTS: Final = (
    (timedelta(days=1), timedelta(hours=3)),
    (timedelta(days=14), timedelta(days=1)),
    (timedelta(days=120), timedelta(days=7)),
    (timedelta.max, timedelta(days=91)),
)


def add_reading(readings: Iterable[Reading], signals: Signals, at: datetime) -> tuple[Reading, ...]:
    """Add a reading of the counters, and thin those before it (oldest first, at most `MAX_READINGS`).

    The first reading stays, and the last one of each slot. Slots follow the calendar and are not counted from now, so
    thinning again at the same moment changes nothing.
    """
    new = Reading(at=iso(at), signals=signals)
    rows = sorted({row.at: row for row in (*readings, new)}.values(), key=lambda row: row.at)
    slots = {_slot(parse_moment(row.at), parse_moment(rows[-1].at)): row for row in rows}
    kept = sorted({row.at: row for row in (rows[0], *slots.values())}.values(), key=lambda row: row.at)
    return tuple(kept if len(kept) <= MAX_READINGS else (kept[0], *kept[1 - MAX_READINGS :]))


def _slot(then: datetime, now: datetime) -> tuple[timedelta, int]:
    width = next(width for oldest, width in _SLOTS if now - then <= oldest)
    return width, int(then.timestamp() // width.total_seconds())
