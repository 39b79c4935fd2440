"""When alerts are sent: at once, or in a digest at a time that the reader chose. Pure: the caller passes the time."""

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
"""How long after its due time a digest waits at most for the day's batch to be complete."""
_DAY: Final = timedelta(days=1)
_SPAN_DAILY, _SPAN_WEEKLY = 3, 9
"""Days within which a schedule is due again, one of them spare: a zone that crosses the date line skips a day."""


class Weekday(StrEnum):
    """A day of the week, in the order of `date.weekday()`."""

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


class DigestSchedule(Body):
    """The fields that all digest schedules share."""

    timezone: Zone = "UTC"
    when_complete: bool = Field(
        default=False, strict=True, description="wait until the day's batch is complete, at most six hours"
    )


class Daily(DigestSchedule):
    """A digest every day at a time."""

    daily: Clock


class WeekdayHour(Body):
    """A day of the week and a time of that day."""

    day: Weekday
    at: Clock


class Weekly(DigestSchedule):
    """A digest every week, on a day at a time."""

    weekly: WeekdayHour


def _kind(value: Any) -> str | None:  # noqa: ANN401  # whatever the client sent
    if isinstance(value, Model | Body):
        return "daily" if isinstance(value, Daily) else "weekly"
    if isinstance(value, dict):
        return next((name for name in ("daily", "weekly") if name in value), None)
    return "instant" if value == "instant" else None


# The text is last: generated clients may take the first choice that is not an object, and try no other.
Schedule = Annotated[
    Annotated[Daily, Tag("daily")] | Annotated[Weekly, Tag("weekly")] | Annotated[Literal["instant"], Tag("instant")],
    Discriminator(
        _kind,
        custom_error_type="schedule",
        custom_error_message='must be "instant", {"daily": "08:00"} or {"weekly": {"day": "monday", "at": "08:00"}}',
    ),
]


def next_due(schedule: Daily | Weekly, after: datetime) -> datetime:
    """Return the first due time of a schedule after a moment, in UTC.

    A time that the clock skips is read with the offset before the change (02:30 becomes 03:30); of a time that occurs
    twice, the first counts. These are the rules of RFC 5545, section 3.3.5.
    """
    return min(moment for moment in _around(schedule, after) if moment > after)


def last_due(schedule: Daily | Weekly, until: datetime) -> datetime:
    """Return the last due time of a schedule that is not after a moment, in UTC."""
    return max(moment for moment in _around(schedule, until) if moment <= until)


def schedule_phrase(schedule: Schedule) -> str:
    """Return when alerts are sent, as the end of a sentence."""
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
    """Return the moment in UTC, because two moments of one zone are compared by wall clock time."""
    return datetime.combine(day, time.fromisoformat(clock), zone).astimezone(UTC)
