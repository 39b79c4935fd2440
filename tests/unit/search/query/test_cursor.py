import re
import uuid
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.query.cursor import MAX_LENGTH, MAX_RESULTS, CursorError, decode, digest, encode, mark

marks = st.sets(st.uuids().map(lambda point: mark(str(point))), min_size=1, max_size=MAX_RESULTS - 1)


@given(marks)
def test_a_cursor_round_trips_and_is_safe_in_a_url(shown: set[str]) -> None:
    cursor = encode(shown, digest("q"))
    assert re.fullmatch(r"[\w-]+", cursor, re.ASCII)
    assert len(cursor) <= MAX_LENGTH
    assert decode(cursor, digest("q")) == shown


def test_the_longest_cursor_is_accepted() -> None:
    shown = {mark(str(uuid.UUID(int=n << 96))) for n in range(1, MAX_RESULTS)}
    assert len(encode(shown, digest("q"))) <= MAX_LENGTH


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_a_foreign_cursor_is_refused(text: str) -> None:
    with pytest.raises(CursorError):
        decode(text, digest("q"))


def test_a_cursor_belongs_to_its_search() -> None:
    with pytest.raises(CursorError, match="another search"):
        decode(encode({"0a0b0c0d"}, digest("q", 1)), digest("q", 2))


@pytest.mark.parametrize(
    "marks_of", (b"", b"abc", b"abcde", b"".join(n.to_bytes(4, "big") for n in range(MAX_RESULTS)))
)
def test_an_invalid_cursor_is_refused(marks_of: bytes) -> None:
    with pytest.raises(CursorError):
        decode(urlsafe_b64encode(digest("q") + marks_of).decode().rstrip("="), digest("q"))
