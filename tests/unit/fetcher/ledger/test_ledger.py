"""What a day's row says, and in which word."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.fetcher.ledger.calendar import arxiv_calendar
from services.fetcher.ledger.ledger import Row, row_of, state_of
from services.fetcher.ledger.observation import Observation

SEEN = Observation("cs.AI", "2026-03-04", 5, counts={"new": 3, "revised": 1, "cross-listed": 1})
EARLY = datetime(2026, 3, 4, 5, tzinfo=UTC)
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def state(seen: Observation, now: datetime = NOON, before: Row | None = None) -> str:
    return state_of(row_of("arxiv", seen, before), arxiv_calendar(), now)


def test_a_row_has_every_figure() -> None:
    assert row_of("arxiv", replace(SEEN, expected=5), None) == {
        "source": "arxiv",
        "category": "cs.AI",
        "day": "2026-03-04",
        "received": 5,
        "expected": 5,
        "missing": 0,
        "new": 3,
        "revised": 1,
        "withdrawn": 0,
        "cross-listed": 1,
        "recovered": 0,
        "stale": False,
        "capped": False,
        "reason": "",
    }


@pytest.mark.parametrize(
    ("changes", "now", "word"),
    (
        ({}, NOON, "complete"),
        ({"expected": 5}, NOON, "complete"),
        ({"expected": 7, "missing": 2}, NOON, "partial"),
        ({"counts": {"capped": 1}}, NOON, "partial"),
        ({"received": 0, "expected": 4, "missing": 4}, NOON, "partial"),
        ({"stale": True}, NOON, "stale"),
        ({"received": 0, "stale": True}, NOON, "stale"),
        ({"received": 0}, NOON, "late"),
        ({"received": 0}, EARLY, "quiet"),
        ({"received": 0, "expected": 0}, NOON, "quiet"),
        ({"received": 0, "expected": 0, "stale": True}, NOON, "quiet"),  # the archive itself says that there is nothing
        ({"received": 0, "day": "2026-03-07"}, NOON, "weekend"),
        ({"received": 0, "day": "2026-03-07", "stale": True}, NOON, "weekend"),
        ({"received": 0, "day": "2025-11-28"}, NOON, "holiday"),
        ({"day": "2026-03-07"}, NOON, "complete"),  # something came although nothing was due
    ),
)
def test_each_day_has_a_state(changes: dict[str, object], now: datetime, word: str) -> None:
    assert state(replace(SEEN, **changes), now) == word  # type: ignore[arg-type]  # one of each type


def test_counts_of_an_earlier_poll_are_kept() -> None:
    verified = row_of("arxiv", replace(SEEN, expected=7, missing=2), None)
    again = row_of("arxiv", replace(SEEN, received=6), verified)
    assert (again["received"], again["expected"], again["missing"]) == (6, 7, 2)
    assert row_of("arxiv", replace(SEEN, received=0), verified) == verified
    less = row_of("arxiv", replace(SEEN, received=2, expected=9, missing=1, counts={}), verified)
    assert (less["received"], less["new"], less["expected"], less["missing"]) == (5, 3, 9, 1)


def test_an_answer_ends_a_failure() -> None:
    failed = row_of("arxiv", replace(SEEN, received=0), None) | {"reason": "503"}
    assert state_of(failed, arxiv_calendar(), NOON) == "failing"
    assert state(SEEN, before=failed) == "complete"
