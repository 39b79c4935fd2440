"""When arXiv announces: which days have an announcement, when it is due, and why a day has none.

An announcement day is the date its lists bear: the day after the evening of the announcement.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Final, Literal
from zoneinfo import ZoneInfo

DAY: Final = timedelta(days=1)
LATE_AFTER: Final = timedelta(hours=6)
"""Feeds are rebuilt about four hours after the announcement: two more, and it is late."""
_NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_FRIDAY, _SUNDAY = 4, 6
_LONGEST_BREAK: Final = 30
"""Days: a calendar without an announcement for so long is no calendar."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """`evenings` are weekdays, Monday being 0; `holidays` are the evenings left out, with their names."""

    zone: ZoneInfo
    hour: int
    evenings: frozenset[int]
    holidays: Mapping[date, str]

    def day_of(self, moment: datetime) -> date:
        """Give the day whose turn it is: it changes in the evening, at the hour of the announcement."""
        local = moment.astimezone(self.zone)
        return local.date() + DAY if local.hour >= self.hour else local.date()

    def due(self, day: date) -> datetime:
        """Give the moment, in UTC, at which the announcement of a day is made."""
        return datetime.combine(day - DAY, time(self.hour), self.zone).astimezone(UTC)

    def late(self, day: date, moment: datetime) -> bool:
        """Tell whether what a day should bring ought to be here."""
        return moment >= self.due(day) + LATE_AFTER

    def reason(self, day: date) -> Literal["weekend", "holiday"] | None:
        """Say why a day has no announcement; None when it has one."""
        evening = day - DAY
        if evening.weekday() not in self.evenings:
            return "weekend"
        return "holiday" if self._left_out(evening) is not None else None

    def name(self, day: date) -> str:
        """Name the holiday of a day, or give nothing."""
        return (self._left_out(day - DAY) or "") if self.reason(day) == "holiday" else ""

    def latest(self, moment: datetime) -> date:
        """Give the last day that has an announcement and whose turn has come."""
        return self._seek(self.day_of(moment), -DAY)

    def next(self, day: date) -> date:
        """Give the first announcement day after a day."""
        return self._seek(day + DAY, DAY)

    def before(self, day: date) -> date:
        """Give the last announcement day before a day."""
        return self._seek(day - DAY, -DAY)

    def _seek(self, day: date, step: timedelta) -> date:
        for _ in range(_LONGEST_BREAK):
            if self.reason(day) is None:
                return day
            day += step
        message = f"the calendar has no announcement for {_LONGEST_BREAK} days around {day}"
        raise ValueError(message)

    def _left_out(self, evening: date) -> str | None:
        name = self.holidays.get(evening)
        if name is None and evening.weekday() == _SUNDAY:
            name = self.holidays.get(evening - (_SUNDAY - _FRIDAY) * DAY)
        return name


def parse_calendar(text: str) -> Calendar:
    """Read a calendar; raises ValueError or KeyError where it is none."""
    document = tomllib.loads(text)
    return Calendar(
        zone=ZoneInfo(document["timezone"]),
        hour=int(document["hour"]),
        evenings=frozenset(_NAMES.index(name) for name in document["evenings"]),
        holidays={date.fromisoformat(day): str(name) for day, name in document["holidays"].items()},
    )


@cache
def arxiv_calendar() -> Calendar:
    """Give the bundled calendar of arXiv."""
    return parse_calendar((files("services.fetcher") / "arxiv_calendar.toml").read_text("utf-8"))
