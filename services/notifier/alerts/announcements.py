"""What the ledger of announcements says of a day, for a subscription: in a sentence, and whether all is here. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from services.notifier.subscription.model import Subscription
from shared.board.day_line import day_line
from shared.board.rows import DayRow

_SETTLED: Final = frozenset({"complete", "weekend", "holiday"})
_FORGOTTEN: Final = timedelta(days=7)
"""A ledger that tells nothing of so many days is of sources that are gone: nobody waits for them."""


def sentence(rows: Sequence[DayRow], subscription: Subscription, today: date) -> str | None:
    """Say in one sentence what the day brought in the categories and sources of a subscription."""
    return day_line(_about(rows, subscription), today)


def is_complete(rows: Sequence[DayRow], subscription: Subscription, today: date) -> bool:
    """Tell whether all that a day was to bring is here, or nothing tells what it was to bring."""
    mine = _about(rows, subscription)
    oldest = (today - _FORGOTTEN).isoformat()
    if not any(str(row["day"]) >= oldest for row in mine):
        return True
    here = [row for row in mine if row["day"] == today.isoformat()]
    return bool(here) and all(row["state"] in _SETTLED or row.get("expected") == row["received"] for row in here)


def _about(rows: Sequence[DayRow], subscription: Subscription) -> list[DayRow]:
    """Choose the rows of what a subscription looks at; if they are of none of it, all."""
    mine = [row for row in rows if not subscription.sources or row["source"] in subscription.sources]
    narrow = [row for row in mine if not subscription.categories or row["category"] in subscription.categories]
    return narrow or mine or list(rows)
