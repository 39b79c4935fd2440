"""The addresses of feeds of reading lists, and the search within lists."""

from datetime import UTC, datetime

import pytest

from services.notifier.reading.list_search import matching
from services.notifier.reading.list_tokens import owner_of, token_of
from services.notifier.subscription.owners import mail_owner
from shared.readers.reading_list import ListRow

KEY = b"k" * 32


@pytest.mark.parametrize("owner", ("0123456789abcdef", "ff00000000000000", mail_owner("reader@example.org")))
def test_a_token_names_its_owner_and_changes_with_the_number(owner: str) -> None:
    token = token_of(KEY, owner, b"1")
    assert (len(token), owner_of(token)) == (52, owner)
    assert len({token, token_of(KEY, owner, b"2"), token_of(b"x" * 32, owner, b"1")}) == 3


@pytest.mark.parametrize("text", ("", "x", "A" * 48, "A" * 56, "é" * 52, "=" * 52))
def test_other_texts_are_no_tokens(text: str) -> None:
    assert owner_of(text) is None


def test_a_search_within_a_list_needs_every_word_somewhere() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    one = ListRow(id="arXiv:1", title="Folding Cranes", note="For Ada.", tags=("to read",), added_at=now)
    other = ListRow(id="arXiv:2", title="Robot arms", added_at=now)
    assert matching([one, other], "CRANES ada read") == [one]
    assert matching([one, other], "cranes arms") == []
    assert matching([one, other], "") == [one, other]
