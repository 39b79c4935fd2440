from datetime import date

import pytest

from services.search.query import period


def test_spans_hold_their_first_and_last_day() -> None:
    assert period.one_day("2024-02-29") == (date(2024, 2, 29), date(2024, 2, 29))
    assert period.week("2024-W01") == (date(2024, 1, 1), date(2024, 1, 7))
    assert period.week("2020-W53") == (date(2020, 12, 28), date(2021, 1, 3))
    assert period.month("2024-02") == (date(2024, 2, 1), date(2024, 2, 29))
    assert period.month("9999-12") == (date(9999, 12, 1), date(9999, 12, 31))


@pytest.mark.parametrize(
    ("read", "text"),
    (
        (period.day, "2023-02-29"),
        (period.day, "0000-01-01"),
        (period.day, "20240101"),
        (period.day, "1704067200"),
        (period.day, "٢٠٢٤-٠١-٠١"),
        (period.day, "2024-01-01T00:00:00Z"),
        (period.week, "2024-W54"),
        (period.week, "2024-W00"),
        (period.week, "2024-1"),
        (period.week, "9999-W53"),
        (period.month, "2024-13"),
        (period.month, "0000-01"),
        (period.month, "2024-1"),
    ),
)
def test_what_is_no_date_is_refused(read: object, text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(text)  # type: ignore[operator]  # each is a function of one text


def test_a_window_ends_today() -> None:
    assert period.window("week", date(2024, 3, 8)) == (date(2024, 3, 1), date(2024, 3, 8))
