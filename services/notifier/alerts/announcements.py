"""What a source announced on a day, for a subscription: as a sentence, and whether all papers have arrived. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from services.notifier.subscription.model import Subscription
from shared.board.day_line import day_line
from shared.board.rows import DayRow

_SETTLED: Final = frozenset({"complete", "weekend", "holiday"})
_ABANDONED_AFTER: Final = timedelta(days=7)
"""Age from which the newest row of a ledger shows that its sources are no longer polled."""


def sentence(rows: Sequence[DayRow], subscription: Subscription, today: date) -> str | None:
    """Return a sentence on what was announced that day in the categories and sources of a subscription."""
    return day_line(_about(rows, subscription), today)


def is_complete(rows: Sequence[DayRow], subscription: Subscription, today: date) -> bool:
    """Return whether all announced papers of a day have arrived, or nothing is known about that day."""
    matching = _about(rows, subscription)
    oldest = (today - _ABANDONED_AFTER).isoformat()
    if not any(str(row["day"]) >= oldest for row in matching):
        return True
    here = [row for row in matching if row["day"] == today.isoformat()]
    return bool(here) and all(row["state"] in _SETTLED or row.get("expected") == row["received"] for row in here)


def _about(rows: Sequence[DayRow], subscription: Subscription) -> list[DayRow]:
    """Return the rows of the sources and categories of a subscription; all rows if none match."""
    matching = [row for row in rows if not subscription.sources or row["source"] in subscription.sources]
    narrow = [row for row in matching if not subscription.categories or row["category"] in subscription.categories]
    return narrow or matching or list(rows)
