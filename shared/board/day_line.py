"""One sentence about the newest announcement day of the ledger. Pure."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Final, Literal

from shared.board.rows import DayRow

Row = DayRow
MAX_NAMES: Final = 3
"""Sources or categories that a clause names; the others are counted."""


def day_line(rows: Sequence[Row], today: date) -> str | None:
    """Return one sentence about the newest announcement day among `rows`; None when there are no rows.

    `today` is the date of the reader; the sentence says when the newest day is an older one. States that may have
    changed since (late, failing, stale, quiet) come with the time in UTC of the row. The sentence is plain text and has
    to be escaped, since an operator names the sources. Entries are counted in every category that lists them.

        No announcement today: arXiv observes a holiday (Thanksgiving).
        Announced today: 412 entries of arxiv; still waiting for cs.CV of arxiv, late as of 13:05 UTC.
        No data for today yet; announced on Monday, 2 March 2026: 90 of 94 entries of arxiv received.
    """
    if not rows:
        return None
    newest = max(str(row["day"]) for row in rows)
    here = [row for row in rows if row["day"] == newest]
    clauses = [say(some, here) for state, say in _CLAUSES.items() if (some := _in_state(here, state))]
    return f"{_head(here, date.fromisoformat(newest), today)}: {'; '.join(clauses)}."


def _in_state(rows: Sequence[Row], state: str) -> list[Row]:
    return [row for row in rows if row["state"] == state]


def _head(rows: Sequence[Row], day: date, today: date) -> str:
    announced = _sum(rows, "received") + _sum(rows, "missing") > 0
    words = "announced" if announced else "no announcement"
    if day < today:
        return f"No data for today yet; {words} on {day:%A}, {day.day} {day:%B} {day.year}"
    closed = all(row["state"] in ("holiday", "weekend") or row.get("expected") == 0 for row in rows)
    return f"{words.capitalize()} today{'' if announced or closed else ' so far'}"


def _complete(rows: Sequence[Row], day: Sequence[Row]) -> str:
    return f"{_sum(rows, 'received'):,} entries of {_names(rows, day)}"


def _partial(rows: Sequence[Row], day: Sequence[Row]) -> str:
    received, missing = _sum(rows, "received"), _sum(rows, "missing")
    if missing:
        return f"{received:,} of {received + missing:,} entries of {_names(rows, day)} received"
    return f"{received:,} entries of {_names(rows, day)}, possibly incomplete"


def _stale(rows: Sequence[Row], day: Sequence[Row]) -> str:
    return f"the previous announcement repeated by {_names(rows, day)}, as of {_time(rows)}"


def _late(rows: Sequence[Row], day: Sequence[Row]) -> str:
    return f"still waiting for {_names(rows, day)}, late as of {_time(rows)}{_note(rows)}"


def _failing(rows: Sequence[Row], day: Sequence[Row]) -> str:
    reason = str(rows[0].get("reason") or "").rstrip(".")
    return f"no answer from {_names(rows, day)} as of {_time(rows)}{f' ({reason})' if reason else ''}"


def _quiet(rows: Sequence[Row], day: Sequence[Row]) -> str:
    if all(row.get("expected") == 0 for row in rows):
        return f"no entries for the day from {_names(rows, day)}"
    return f"no entries yet from {_names(rows, day)}, not late as of {_time(rows)}"


def _holiday(rows: Sequence[Row], _: Sequence[Row]) -> str:
    return f"arXiv observes a holiday{_note(rows)}"


def _weekend(_: Sequence[Row], __: Sequence[Row]) -> str:
    return "arXiv announces nothing at the weekend"


# In the order in which a sentence tells them. The calendar, and so the weekend and the holiday, is arXiv's.
_CLAUSES: Final[dict[str, Callable[[Sequence[Row], Sequence[Row]], str]]] = {
    "complete": _complete,
    "partial": _partial,
    "holiday": _holiday,
    "weekend": _weekend,
    "stale": _stale,
    "late": _late,
    "failing": _failing,
    "quiet": _quiet,
}


def _names(rows: Sequence[Row], day: Sequence[Row]) -> str:
    """Return the names of the sources, or of categories where a source has others on that day."""
    names: list[str] = []
    for source in dict.fromkeys(str(row["source"]) for row in rows):
        mine = [str(row["category"]) for row in rows if row["source"] == source]
        whole = len(mine) == sum(row["source"] == source for row in day)
        names += [source] if whole else [f"{category} of {source}" for category in sorted(mine)]
    shown, more = names[:MAX_NAMES], len(names) - MAX_NAMES
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def _note(rows: Sequence[Row]) -> str:
    """Return the note of the calendar in parentheses, such as the name of a holiday."""
    note = next((str(row["note"]) for row in rows if row.get("note")), "")
    return f" ({note})" if note else ""


def _time(rows: Sequence[Row]) -> str:
    """Return the time of the oldest row."""
    return f"{datetime.fromisoformat(min(str(row['updated']) for row in rows)):%H:%M} UTC"


def _sum(rows: Sequence[Row], field: Literal["received", "missing"]) -> int:
    return sum(int(row.get(field) or 0) for row in rows)
