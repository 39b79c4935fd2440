"""When arXiv announces: evenings in New York, days in the lists."""

from datetime import UTC, date, datetime

import pytest

from services.fetcher.ledger.calendar import arxiv_calendar, parse_calendar

CALENDAR = arxiv_calendar()


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("moment", "expected"),
    (
        ("2026-03-04T12:00+00:00", "2026-03-04"),
        ("2026-03-05T00:59+00:00", "2026-03-04"),  # 19:59 in winter
        ("2026-03-05T01:00+00:00", "2026-03-05"),  # 20:00: the list of Thursday
        ("2026-07-15T23:59+00:00", "2026-07-15"),  # 19:59 in summer
        ("2026-07-16T00:00+00:00", "2026-07-16"),
    ),
)
def test_a_day_begins_in_the_evening_before(moment: str, expected: str) -> None:
    assert CALENDAR.day_of(datetime.fromisoformat(moment)) == day(expected)


@pytest.mark.parametrize(
    ("list_of", "expected"),
    (
        ("2026-03-06", datetime(2026, 3, 6, 1, tzinfo=UTC)),
        ("2026-03-09", datetime(2026, 3, 9, 0, tzinfo=UTC)),  # clocks went forward that morning
        ("2026-10-30", datetime(2026, 10, 30, 0, tzinfo=UTC)),
        ("2026-11-02", datetime(2026, 11, 2, 1, tzinfo=UTC)),  # and back
    ),
)
def test_an_announcement_is_due_at_eight_in_the_evening_whatever_the_season(list_of: str, expected: datetime) -> None:
    assert CALENDAR.due(day(list_of)) == expected
    assert CALENDAR.day_of(expected) == day(list_of)


@pytest.mark.parametrize(
    ("list_of", "reason", "name"),
    (
        ("2026-03-02", None, ""),
        ("2026-03-06", None, ""),
        ("2026-03-07", "weekend", ""),
        ("2026-03-08", "weekend", ""),
        ("2026-01-20", "holiday", "Martin Luther King Day"),  # no announcement on the evening of Monday the 19th
        ("2026-01-19", None, ""),
        ("2025-11-28", "holiday", "Thanksgiving"),
        ("2025-07-07", "holiday", "Independence Day"),  # what came in on the Friday waits for Monday evening
        ("2026-06-22", "holiday", "Juneteenth"),
        ("2026-06-20", "weekend", ""),  # the evening of a Friday has no announcement anyway
        ("2027-01-01", "holiday", "winter break"),
    ),
)
def test_a_day_without_an_announcement_says_why(list_of: str, reason: str | None, name: str) -> None:
    assert CALENDAR.reason(day(list_of)) == reason
    assert CALENDAR.explained(day(list_of)) == reason
    assert CALENDAR.note(day(list_of)) == name


def test_after_the_last_known_day_a_holiday_is_presumed_and_polled() -> None:
    """INVARIANT: what arXiv has not announced is not told as known, and no day is left out for it."""
    labor_day = day("2027-09-07")
    assert CALENDAR.reason(labor_day) is None
    assert CALENDAR.explained(labor_day) == "holiday"
    assert CALENDAR.note(labor_day) == "presumably Labor Day: arXiv's holidays are known until 2026-12-31 only"
    assert CALENDAR.before(day("2027-09-08")) == labor_day


def test_later_days_note_that_their_holidays_are_unknown() -> None:
    assert CALENDAR.explained(day("2028-07-05")) is None
    assert CALENDAR.note(day("2028-07-05")) == "arXiv's holidays are known until 2026-12-31 only"
    assert CALENDAR.explained(day("2028-07-08")) == "weekend"
    assert CALENDAR.note(day("2028-07-08")) == ""


@pytest.mark.parametrize(
    ("moment", "end"),
    (
        ("2026-03-04T23:59:59+00:00", None),
        ("2026-03-05T00:00+00:00", "2026-03-05T01:00+00:00"),
        ("2026-03-04T19:30-05:00", "2026-03-05T01:00+00:00"),
        ("2026-03-05T01:00+00:00", None),
    ),
)
def test_the_nightly_index_update_takes_the_first_hour(moment: str, end: str | None) -> None:
    assert CALENDAR.renewed(datetime.fromisoformat(moment)) == (datetime.fromisoformat(end) if end else None)


def test_announcements_follow_each_other_over_weekends_and_holidays() -> None:
    assert CALENDAR.next(day("2026-03-06")) == day("2026-03-09")
    assert CALENDAR.before(day("2026-03-09")) == day("2026-03-06")
    assert CALENDAR.next(day("2026-06-19")) == day("2026-06-23")
    assert CALENDAR.latest(datetime(2026, 3, 8, 12, tzinfo=UTC)) == day("2026-03-06")
    assert CALENDAR.latest(datetime(2026, 3, 9, 0, tzinfo=UTC)) == day("2026-03-09")


def test_late_is_six_hours_after_the_announcement() -> None:
    assert not CALENDAR.late(day("2026-03-04"), datetime(2026, 3, 4, 6, 59, tzinfo=UTC))
    assert CALENDAR.late(day("2026-03-04"), datetime(2026, 3, 4, 7, tzinfo=UTC))


def test_a_calendar_without_announcements_is_refused() -> None:
    never = parse_calendar(
        'timezone = "UTC"\nhour = 20\nevenings = []\nrenewal = [00:00:00, 01:00:00]\nknown_until = 2026-12-31\n'
        "[holidays]\n[presumed]\n"
    )
    with pytest.raises(ValueError, match="no announcement within 30 days"):
        never.next(day("2026-03-04"))
