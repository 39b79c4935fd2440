"""When a visit begins, and what is new in it."""

import pytest

from shared.readers.last_visit import ABSENCE, NOTED, Visit

FIRST = Visit(1_000.0, 1_000.0)


def test_nothing_is_new_at_the_first_visit() -> None:
    assert Visit.after(None, 1_000.0) == FIRST


@pytest.mark.parametrize(
    ("later", "visit"),
    (
        (NOTED - 1, FIRST),
        (NOTED, Visit(1_000.0, 1_000.0 + NOTED)),
        (ABSENCE - 1, Visit(1_000.0, 1_000.0 + ABSENCE - 1)),
        (ABSENCE, Visit(1_000.0, 1_000.0 + ABSENCE)),
    ),
)
def test_a_visit_goes_on_until_its_reader_was_absent(later: float, visit: Visit) -> None:
    assert Visit.after(FIRST, 1_000.0 + later) == visit


def test_another_visit_begins_where_the_last_one_ended() -> None:
    before = Visit(1_000.0, 2_000.0)
    assert Visit.after(before, 2_000.0 + ABSENCE) == Visit(2_000.0, 2_000.0 + ABSENCE)


def test_a_visit_is_read_as_it_was_written() -> None:
    assert Visit.read([b"1000.5", b"2000"]) == Visit(1_000.5, 2_000.0)
    assert Visit.read([None, None]) is None
