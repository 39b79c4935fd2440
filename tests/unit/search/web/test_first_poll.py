from datetime import UTC, datetime

import pytest

from services.search.web.first_poll import first_poll
from shared.board.rows import SourceRow

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
SOON, LATER, PAST = "2026-03-04T14:00:00+01:00", "2026-03-04T13:30:00+00:00", "2026-03-04T11:00:00+00:00"


@pytest.mark.parametrize(
    ("polls", "first"),
    (
        ({}, None),
        ({"a": None}, None),
        ({"a": PAST}, None),
        ({"a": LATER, "b": SOON}, ("b", SOON)),
        ({"a": LATER, "b": PAST}, ("a", LATER)),
    ),
)
def test_the_next_poll_is_the_first_to_come(polls: dict[str, str | None], first: tuple[str, str] | None) -> None:
    assert first_poll([SourceRow(name=name, next_poll=poll) for name, poll in polls.items()], NOW) == first
