"""The forms of cards are refused in plain sentences."""

import pytest

from services.notifier.pages.my_papers import edit_of, kept_of
from shared.http import Problem


@pytest.mark.parametrize(
    ("form", "said"),
    (
        ({"act": "note", "value": "x" * 2_001}, "The note cannot be stored: it must have at most 2000 characters."),
        ({"act": "note", "value": "a\x00"}, "The note cannot be stored: it must not contain control characters."),
        (
            {"act": "tag", "value": ",".join(map(str, range(21)))},
            "The tag cannot be stored: it must have at most 20 items.",
        ),
    ),
)
def test_a_text_that_cannot_be_stored_is_refused_in_words(form: dict[str, str], said: str) -> None:
    with pytest.raises(Problem) as refused:
        edit_of(form)
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("text", "said"),
    (
        ("[]", "papers must be rows of a reading list: it must have at least 1 item."),
        ("{}", "papers must be rows of a reading list: it must be a list."),
    ),
)
def test_rows_that_are_none_are_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(Problem) as refused:
        kept_of(text)
    assert str(refused.value) == said
