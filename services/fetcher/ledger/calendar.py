"""The calendar of arXiv: which days have an announcement, when it is due, and why a day has none.

An announcement day is the date on its lists: the day after the evening of the announcement.
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
"""Feeds are rebuilt about four hours after the announcement; after two more it is late."""
_NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_FRIDAY, _SUNDAY = 4, 6
_LONGEST_BREAK: Final = 30
"""Days: a calendar without an announcement for longer is invalid."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """`evenings` are weekdays (Monday is 0); `holidays` are evenings without an announcement, with their names.

    Holidays are known until `until`; the later ones in `presumed` are likely but not announced. `renewal` is the time,
    in UTC, at which the API renews its index and may answer incompletely.
    """

    zone: ZoneInfo
    hour: int
    evenings: frozenset[int]
    holidays: Mapping[date, str]
    until: date
    presumed: Mapping[date, str]
    renewal: tuple[time, time]

    def day_of(self, moment: datetime) -> date:
        """Return the announcement day of a moment: it changes in the evening, at the hour of the announcement."""
        local = moment.astimezone(self.zone)
        return local.date() + DAY if local.hour >= self.hour else local.date()

    def due(self, day: date) -> datetime:
        """Return the moment, in UTC, at which the announcement of a day is made."""
        return datetime.combine(day - DAY, time(self.hour), self.zone).astimezone(UTC)

    def late(self, day: date, moment: datetime) -> bool:
        """Return whether the announcement of a day should have arrived by a moment."""
        return moment >= self.due(day) + LATE_AFTER

    def reason(self, day: date) -> Literal["weekend", "holiday"] | None:
        """Return why a day has no announcement, or None if it has one."""
        evening = day - DAY
        if evening.weekday() not in self.evenings:
            return "weekend"
        return "holiday" if _left_out(self.holidays, evening) is not None else None

    def explained(self, day: date) -> Literal["weekend", "holiday"] | None:
        """Return what explains a day without papers: its `reason`, or a presumed holiday."""
        return self.reason(day) or ("holiday" if _left_out(self.presumed, day - DAY) else None)

    def note(self, day: date) -> str:
        """Return the holiday of a day, or that holidays of its time are not known yet; empty for an ordinary day."""
        if self.reason(day) == "weekend":
            return ""
        if day - DAY <= self.until:
            return _left_out(self.holidays, day - DAY) or ""
        unknown = f"arXiv's holidays are known until {self.until} only"
        name = _left_out(self.presumed, day - DAY)
        return f"presumably {name}: {unknown}" if name else unknown

    def renewed(self, moment: datetime) -> datetime | None:
        """Return the end, in UTC, of the renewal of the API's index in progress at a moment, or None."""
        utc = moment.astimezone(UTC)
        begin, end = self.renewal
        return datetime.combine(utc.date(), end, UTC) if begin <= utc.time() < end else None

    def latest(self, moment: datetime) -> date:
        """Return the latest day with an announcement at a moment."""
        return self._seek(self.day_of(moment), -DAY)

    def next(self, day: date) -> date:
        """Return the first announcement day after a day."""
        return self._seek(day + DAY, DAY)

    def before(self, day: date) -> date:
        """Return the last announcement day before a day."""
        return self._seek(day - DAY, -DAY)

    def _seek(self, day: date, step: timedelta) -> date:
        for _ in range(_LONGEST_BREAK):
            if self.reason(day) is None:
                return day
            day += step
        message = f"the calendar has no announcement within {_LONGEST_BREAK} days of {day}"
        raise ValueError(message)


def _left_out(evenings: Mapping[date, str], evening: date) -> str | None:
    name = evenings.get(evening)
    if name is None and evening.weekday() == _SUNDAY:
        name = evenings.get(evening - (_SUNDAY - _FRIDAY) * DAY)
    return name


def parse_calendar(text: str) -> Calendar:
    """Read a calendar; raises ValueError or KeyError if it is invalid."""
    document = tomllib.loads(text)
    return Calendar(
        zone=ZoneInfo(document["timezone"]),
        hour=int(document["hour"]),
        evenings=frozenset(_NAMES.index(name) for name in document["evenings"]),
        holidays=_named(document["holidays"]),
        until=document["known_until"],
        presumed=_named(document["presumed"]),
        renewal=(document["renewal"][0], document["renewal"][1]),
    )


def _named(days: Mapping[str, str]) -> dict[date, str]:
    return {date.fromisoformat(day): str(name) for day, name in days.items()}


@cache
def arxiv_calendar() -> Calendar:
    """Return the bundled calendar of arXiv."""
    return parse_calendar((files("services.fetcher.ledger") / "arxiv_calendar.toml").read_text("utf-8"))
