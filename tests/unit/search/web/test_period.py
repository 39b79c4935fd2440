from datetime import date

import pytest

from services.search.web.period import Kind, Period, grid

DAY = date(2026, 8, 19)


@pytest.mark.parametrize(
    ("kind", "name", "title", "before", "after"),
    (
        ("day", "2026-08-19", "Wednesday, 19 August 2026", "2026-08-18", "2026-08-20"),
        ("week", "2026-W34", "Week of 17 – 23 August 2026", "2026-W33", "2026-W35"),
        ("month", "2026-08", "August 2026", "2026-07", "2026-09"),
    ),
)
def test_a_period_has_an_id_a_heading_and_neighbours(
    kind: Kind, name: str, title: str, before: str, after: str
) -> None:
    period = Period.of(kind, DAY)
    assert (period.name, period.title.replace("\N{NO-BREAK SPACE}", " ")) == (name, title)
    assert (period.before.name, period.after.name) == (before, after)
    assert period.first <= DAY <= period.last


def test_a_week_may_lie_in_two_months_and_years() -> None:
    week = Period.of("week", date(2027, 1, 1))
    assert (week.name, week.title) == ("2026-W53", "Week of 28 December – 3 January 2027")


def test_links_name_the_time_and_an_unusual_order() -> None:
    assert Period.of("day", DAY).link() == "/?date=2026-08-19"
    assert Period.of("week", DAY).link("newest") == "/?week=2026-W34&sort=newest"


def test_another_kind_of_period_is_as_near_to_the_day_as_possible() -> None:
    month = Period.of("month", DAY)
    assert month.shown_as("day", DAY).first == DAY
    assert month.shown_as("day", date(2026, 12, 1)).first == date(2026, 8, 31)
    assert month.shown_as("week", date(2026, 1, 1)).first == date(2026, 7, 27)  # it never leaves what is shown


def test_the_calendar_holds_the_month_in_whole_weeks() -> None:
    weeks = grid(Period.of("week", DAY), date(2026, 8, 20))
    assert [week.name for week, _ in weeks] == ["2026-W31", "2026-W32", "2026-W33", "2026-W34", "2026-W35", "2026-W36"]
    cells = {cell.period.first: cell for _, days in weeks for cell in days}
    assert [day.day for day, cell in cells.items() if cell.chosen] == list(range(17, 24))
    assert sum(cell.inside for cell in cells.values()) == 31
    assert [day.day for day, cell in cells.items() if cell.today] == [20]
    assert cells[date(2026, 8, 21)].future
    assert not cells[date(2026, 8, 20)].future


def test_a_short_month_takes_only_its_weeks() -> None:
    assert len(grid(Period.of("month", date(2027, 2, 1)), DAY)) == 4
