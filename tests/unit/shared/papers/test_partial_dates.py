"""Dates that say a year, a month or a day."""

from datetime import date

import pytest

from shared.papers.events import Item
from shared.papers.partial_dates import date_parts, first_day, is_partial, last_day, precision


@pytest.mark.parametrize(
    ("text", "known", "parts", "first", "last"),
    (
        ("2024", "year", (2024,), "2024-01-01", "2024-12-31"),
        ("2024-02", "month", (2024, 2), "2024-02-01", "2024-02-29"),
        ("2024-02-03", "day", (2024, 2, 3), "2024-02-03", "2024-02-03"),
        ("2024-02-03T23:30:00Z", "day", (2024, 2, 3), "2024-02-03", "2024-02-03"),
    ),
)
def test_a_date_says_what_is_known(text: str, known: str, parts: tuple[int, ...], first: str, last: str) -> None:
    assert (precision(text), date_parts(text)) == (known, parts)
    assert (first_day(text), last_day(text)) == (date.fromisoformat(first), date.fromisoformat(last))
    assert is_partial(text) is (known != "day")
    assert Item(source="a", id="b", title="c", published=text).published == text


@pytest.mark.parametrize("text", ("0000", "2024-13", "2024-00", "20240", "2024-1", "٢٠٢٤", "soon"))
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Item(source="a", id="b", title="c", published=text)
