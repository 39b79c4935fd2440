"""Moments: read, converted to UTC and written in one way. Pure."""

from datetime import UTC, datetime


def as_utc(moment: datetime) -> datetime:
    """Return a moment in UTC; one without a time zone is taken to be UTC.

    Raises:
        OverflowError: in UTC it lies outside the years 1 to 9999.

    """
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def parse_moment(text: str) -> datetime:
    """Parse an ISO 8601 date or moment; a date stands for its midnight in UTC.

    Raises:
        ValueError: the text is neither.

    """
    return as_utc(datetime.fromisoformat(text))


def from_unix(seconds: float) -> datetime:
    """Return seconds since 1970 as a moment in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def iso(moment: datetime, timespec: str = "seconds") -> str:
    """Return a moment as ISO 8601 in UTC with a `Z`; `timespec` is that of `datetime.isoformat`."""
    return as_utc(moment).isoformat(timespec=timespec).replace("+00:00", "Z")
