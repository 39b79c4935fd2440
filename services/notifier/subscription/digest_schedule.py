"""When alerts go: at once, or gathered for an hour of the reader's. Pure: the moment is handed in."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from shared.http.api import Body
from shared.papers.paper import Model

MAX_WAIT_FOR_BATCH: Final = timedelta(hours=6)
"""How long after its hour a digest waits at most for a batch to be complete."""
_DAY: Final = timedelta(days=1)
_SPAN_DAILY, _SPAN_WEEKLY = 3, 9
"""Days within which a schedule comes round, one of them lost to a time zone that moved over the date line."""


class Weekday(StrEnum):
    """A day of the week; its place among them is that of `date.weekday()`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


_WEEK: Final = tuple(Weekday)


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:  # OSError: "America" is a folder
        raise PydanticCustomError("timezone", "must be the name of a time zone, such as Europe/Paris") from error
    return value


Clock = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["08:00"])]
Zone = Annotated[str, Field(max_length=64, examples=["Europe/Paris"]), AfterValidator(_zone)]


class Gathered(Body):
    """What digests have in common."""

    timezone: Zone = "UTC"
    when_complete: bool = Field(
        default=False, strict=True, description="not before the day's batch is complete, at most six hours later"
    )


class Daily(Gathered):
    """Every day at an hour."""

    daily: Clock


class WeekdayHour(Body):
    """A day of the week, and an hour of it."""

    day: Weekday
    at: Clock


class Weekly(Gathered):
    """Every week, on a day at an hour."""

    weekly: WeekdayHour


def _kind(value: Any) -> str | None:  # noqa: ANN401  # whatever the client sent
    if isinstance(value, Model | Body):
        return "daily" if isinstance(value, Daily) else "weekly"
    if isinstance(value, dict):
        return next((name for name in ("daily", "weekly") if name in value), None)
    return "instant" if value == "instant" else None


Schedule = Annotated[
    Annotated[Literal["instant"], Tag("instant")] | Annotated[Daily, Tag("daily")] | Annotated[Weekly, Tag("weekly")],
    Discriminator(
        _kind,
        custom_error_type="schedule",
        custom_error_message='must be "instant", {"daily": "08:00"} or {"weekly": {"day": "monday", "at": "08:00"}}',
    ),
]


def next_due(schedule: Daily | Weekly, after: datetime) -> datetime:
    """Give the first moment of a schedule after a moment, in UTC.

    An hour that the clock skips counts as if it had not been turned yet (02:30 becomes 03:30); of an hour that comes
    twice the first one counts. These are the rules of RFC 5545, section 3.3.5.
    """
    return min(moment for moment in _around(schedule, after) if moment > after)


def last_due(schedule: Daily | Weekly, until: datetime) -> datetime:
    """Give the last moment of a schedule that is not after a moment, in UTC."""
    return max(moment for moment in _around(schedule, until) if moment <= until)


def schedule_phrase(schedule: Schedule) -> str:
    """Say when something comes, to go on a sentence with."""
    if isinstance(schedule, str):
        return "as soon as they are found"
    at = schedule.daily if isinstance(schedule, Daily) else schedule.weekly.at
    day = "every day" if isinstance(schedule, Daily) else f"every {schedule.weekly.day.value.capitalize()}"
    return f"{day} at {at} ({schedule.timezone.replace('_', ' ')})"


def _around(schedule: Daily | Weekly, moment: datetime) -> list[datetime]:
    zone = _zone_info(schedule.timezone)
    today = moment.astimezone(zone).date()
    span = _SPAN_DAILY if isinstance(schedule, Daily) else _SPAN_WEEKLY
    days = [today + offset * _DAY for offset in range(-span, span + 1)]
    if isinstance(schedule, Daily):
        return [_at(day, schedule.daily, zone) for day in days]
    return [_at(day, schedule.weekly.at, zone) for day in days if _WEEK[day.weekday()] is schedule.weekly.day]


@lru_cache(maxsize=1_024)
def _zone_info(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _at(day: date, clock: str, zone: ZoneInfo) -> datetime:
    """Give the moment in UTC: two moments of one zone would be compared by what its clock shows."""
    return datetime.combine(day, time.fromisoformat(clock), zone).astimezone(UTC)
