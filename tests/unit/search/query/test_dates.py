from datetime import date

import pytest

from services.search.query import dates


def test_spans_hold_their_first_and_last_day() -> None:
    assert dates.one_day("2024-02-29") == (date(2024, 2, 29), date(2024, 2, 29))
    assert dates.week("2024-W01") == (date(2024, 1, 1), date(2024, 1, 7))
    assert dates.week("2020-W53") == (date(2020, 12, 28), date(2021, 1, 3))
    assert dates.month("2024-02") == (date(2024, 2, 1), date(2024, 2, 29))
    assert dates.month("9999-12") == (date(9999, 12, 1), date(9999, 12, 31))


@pytest.mark.parametrize(
    ("read", "text"),
    (
        (dates.day, "2023-02-29"),
        (dates.day, "0000-01-01"),
        (dates.day, "20240101"),
        (dates.day, "1704067200"),
        (dates.day, "٢٠٢٤-٠١-٠١"),
        (dates.day, "2024-01-01T00:00:00Z"),
        (dates.week, "2024-W54"),
        (dates.week, "2024-W00"),
        (dates.week, "2024-1"),
        (dates.week, "9999-W53"),
        (dates.month, "2024-13"),
        (dates.month, "0000-01"),
        (dates.month, "2024-1"),
    ),
)
def test_invalid_dates_are_refused(read: object, text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(text)  # type: ignore[operator]  # each is a function of one text


def test_a_window_ends_today() -> None:
    assert dates.window("week", date(2024, 3, 8)) == (date(2024, 3, 1), date(2024, 3, 8))
