import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.cursor import MOST, CursorError, decode, digest, encode


@given(st.integers(1, MOST - 1))
def test_a_cursor_gives_back_its_place_and_is_safe_in_an_address(offset: int) -> None:
    cursor = encode(offset, digest("q"))
    assert re.fullmatch(r"[\w-]+", cursor, re.ASCII)
    assert decode(cursor, digest("q")) == offset


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_what_we_did_not_make_is_refused(text: str) -> None:
    with pytest.raises(CursorError):
        decode(text, digest("q"))


def test_a_cursor_belongs_to_its_search() -> None:
    with pytest.raises(CursorError, match="another search"):
        decode(encode(20, digest("q", 1)), digest("q", 2))


@pytest.mark.parametrize("offset", (0, -1, MOST, 2**60, True, 1.5, "20", None))
def test_a_cursor_that_leads_nowhere_is_refused(offset: object) -> None:
    with pytest.raises(CursorError):
        decode(encode(offset, digest("q")), digest("q"))  # type: ignore[arg-type]  # a forged one
