"""When the first papers of a source arrive at an instance that has only its sample. Pure."""

from collections.abc import Iterable
from datetime import datetime

from shared.board.rows import SourceRow
from shared.moments import parse_moment


def first_poll(sources: Iterable[SourceRow], now: datetime) -> tuple[str, str] | None:
    """Return the name of the source that is polled next, and when in ISO 8601; None if no poll is planned."""
    planned = ((moment, row["name"]) for row in sources if (moment := row.get("next_poll")))
    coming = sorted((parse_moment(moment), moment, name) for moment, name in planned if parse_moment(moment) > now)
    return (coming[0][2], coming[0][1]) if coming else None
