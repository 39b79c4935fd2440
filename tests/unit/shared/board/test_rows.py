"""Rows of the board as they are stored."""

import pytest

from shared.board import LEDGER, SOURCES, TABLES, DayRow, Table


def test_a_row_is_stored_as_json_and_read_as_it_was() -> None:
    row: DayRow = {"source": "arxiv", "day": "2026-03-04", "cross-listed": 2, "expected": None}
    assert LEDGER.read(LEDGER.dump(row)) == row


def test_a_field_of_a_later_version_is_dropped_and_a_missing_one_stays_missing() -> None:
    assert SOURCES.read(b'{"name": "arxiv", "unheard_of": [1]}') == {"name": "arxiv"}


@pytest.mark.parametrize("raw", (b"", b"no row", b"[]", b'{"items": "many"}'))
def test_a_row_that_cannot_be_read_counts_as_missing(raw: bytes) -> None:
    assert SOURCES.read(raw) is None


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.key)
def test_no_field_of_a_row_is_required(table: Table[object]) -> None:
    """INVARIANT: a reader understands the rows of every version."""
    assert table.read(b"{}") == {}
