"""The due times of digests: across clock changes, in unusual time zones, and at the date line."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from services.notifier.subscription.digest_schedule import Daily, Schedule, Weekly, last_due, next_due

SCHEDULES: TypeAdapter[Any] = TypeAdapter(Schedule)
ZONES = (
    "UTC", "Europe/Paris", "America/New_York", "America/St_Johns", "Asia/Kathmandu", "Pacific/Kiritimati",
    "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham", "Africa/Casablanca", "America/Sao_Paulo", "Asia/Tehran",
    "Etc/GMT-14", "Etc/GMT+12", "Antarctica/Troll",
)  # fmt: skip
STEP = timedelta(minutes=15)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

clocks = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.sampled_from((0, 15, 30, 45)))
moments = st.integers(0, 4 * 24 * 365 * 20).map(lambda n: datetime(2010, 1, 1, tzinfo=UTC) + n * STEP)
daily = st.builds(lambda at, zone: Daily(daily=at, timezone=zone), clocks, st.sampled_from(ZONES))
weekly = st.builds(
    lambda day, at, zone: SCHEDULES.validate_python({"weekly": {"day": day, "at": at}, "timezone": zone}),
    st.sampled_from(DAYS), clocks, st.sampled_from(ZONES),
)  # fmt: skip


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def dues(schedule: Daily | Weekly, after: datetime, number: int) -> list[str]:
    found = []
    for _ in range(number):
        after = next_due(schedule, after)
        found.append(after.isoformat(timespec="minutes").replace("+00:00", "Z"))
    return found


def test_a_digest_keeps_its_local_time_across_a_clock_change() -> None:
    paris = Daily(daily="08:00", timezone="Europe/Paris")
    assert dues(paris, at("2026-03-27T12:00"), 3) == ["2026-03-28T07:00Z", "2026-03-29T06:00Z", "2026-03-30T06:00Z"]
    assert dues(paris, at("2026-10-23T12:00"), 3) == ["2026-10-24T06:00Z", "2026-10-25T07:00Z", "2026-10-26T07:00Z"]


def test_a_skipped_local_time_is_due_with_the_offset_before_the_change() -> None:
    skipped = Daily(daily="02:30", timezone="Europe/Paris")
    assert dues(skipped, at("2026-03-28T12:00"), 2) == ["2026-03-29T01:30Z", "2026-03-30T00:30Z"]


def test_a_repeated_local_time_is_due_once() -> None:
    twice = Daily(daily="02:30", timezone="Europe/Paris")
    assert dues(twice, at("2026-10-24T12:00"), 2) == ["2026-10-25T00:30Z", "2026-10-26T01:30Z"]


def test_a_day_skipped_at_the_date_line_does_not_double_a_digest() -> None:
    """Samoa went from 29 to 31 December 2011."""
    samoa = Daily(daily="08:00", timezone="Pacific/Apia")
    assert dues(samoa, at("2011-12-28T20:00"), 3) == ["2011-12-29T18:00Z", "2011-12-30T18:00Z", "2011-12-31T18:00Z"]
    friday = SCHEDULES.validate_python({"weekly": {"day": "friday", "at": "08:00"}, "timezone": "Pacific/Apia"})
    assert dues(friday, at("2011-12-24T00:00"), 2) == ["2011-12-30T18:00Z", "2012-01-05T18:00Z"]


@pytest.mark.parametrize(
    ("zone", "due"), (("Asia/Kathmandu", "2026-03-02T02:15Z"), ("Pacific/Kiritimati", "2026-03-01T18:00Z"))
)
def test_unusual_time_zones_are_supported(zone: str, due: str) -> None:
    assert dues(Daily(daily="08:00", timezone=zone), at("2026-03-01T12:00"), 1) == [due]


def test_a_weekly_schedule_is_due_on_one_day() -> None:
    monday = SCHEDULES.validate_python({"weekly": {"day": "monday", "at": "08:00"}, "timezone": "Europe/Paris"})
    assert dues(monday, at("2026-03-24T00:00"), 2) == ["2026-03-30T06:00Z", "2026-04-06T06:00Z"]


@given(schedule=daily | weekly, after=moments)
def test_the_next_due_time_is_the_first_at_the_local_time(schedule: Daily | Weekly, after: datetime) -> None:
    due = next_due(schedule, after)
    assert due > after
    assert last_due(schedule, due) == due
    assert last_due(schedule, due - STEP) <= after
    zone = ZoneInfo(schedule.timezone)
    moment = after + STEP
    while moment < due:
        assert not shows(schedule, moment.astimezone(zone)), f"{moment} comes before {due}"
        moment += STEP
    local = due.astimezone(zone)
    assert shows(schedule, local) or not exists(schedule, local, zone)


def shows(schedule: Daily | Weekly, local: datetime) -> bool:
    """Return whether a clock shows the time of a schedule, for the first time that day."""
    clock = schedule.daily if isinstance(schedule, Daily) else schedule.weekly.at
    day_fits = isinstance(schedule, Daily) or DAYS[local.weekday()] == schedule.weekly.day
    return f"{local:%H:%M}" == clock and local.fold == 0 and day_fits


def exists(schedule: Daily | Weekly, local: datetime, zone: ZoneInfo) -> bool:
    """Return whether a clock shows the time of a schedule on the day of `local` or the day before."""
    clock = time.fromisoformat(schedule.daily if isinstance(schedule, Daily) else schedule.weekly.at)
    day = local.date() if local.time() >= clock else local.date() - timedelta(days=1)
    wanted = datetime.combine(day, clock, zone)
    return wanted.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wanted.replace(tzinfo=None)


@given(schedule=daily, start=moments)
def test_digests_of_successive_days_are_about_a_day_apart(schedule: Daily, start: datetime) -> None:
    first = next_due(schedule, start)
    apart = next_due(schedule, first) - first
    assert timedelta(hours=21) <= apart <= timedelta(hours=27)


@pytest.mark.parametrize(
    "value",
    (
        "daily", "hourly", {}, {"daily": "8:00"}, {"daily": "24:00"}, {"daily": "08:00", "timezone": "Mars/Olympus"},
        {"daily": "08:00", "timezone": "../etc/passwd"}, {"daily": "08:00", "timezone": "America"},
        {"weekly": "monday"},
        {"weekly": {"day": "someday", "at": "08:00"}}, {"weekly": {"day": "monday"}}, {"daily": "08:00", "at": 1}, None,
        {"daily": "08:00", "weekly": {"day": "monday", "at": "08:00"}}, {"daily": "08:00", "when_complete": "no"},
    ),
)  # fmt: skip
def test_an_invalid_schedule_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        SCHEDULES.validate_python(value)


def test_a_schedule_round_trips_through_json() -> None:
    for value in ("instant", {"daily": "08:00", "timezone": "Asia/Kathmandu", "when_complete": True}):
        parsed = SCHEDULES.validate_python(value)
        assert SCHEDULES.validate_json(SCHEDULES.dump_json(parsed)) == parsed
