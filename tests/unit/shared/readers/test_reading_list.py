"""The rows of reading lists: what an edit changes, which labels follow, and how rows of one work are joined."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.readers.reading_list import NO_MARK, Edit, ListRow, Mark, Note, Tags, found_mark, joined

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
ROW = ListRow(id="arXiv:2603.00001", added_at=NOW)


def test_an_edit_changes_what_it_names_and_keeps_the_first_moment() -> None:
    saved = Edit(saved=True, tags=("cranes",)).apply(ROW, NOW)
    again = Edit(saved=True, note="Read this.").apply(saved, LATER)
    assert again.mark == Mark(saved=True, tags=("cranes",), note="Read this.")
    assert again.saved_at == NOW
    assert Edit(saved=False).apply(again, LATER).mark == Mark(tags=("cranes",), note="Read this.")


@pytest.mark.parametrize(("first", "second"), (("liked", "disliked"), ("disliked", "liked")))
def test_a_like_and_a_dislike_exclude_each_other(first: str, second: str) -> None:
    row = Edit(**{second: True}).apply(Edit(**{first: True}).apply(ROW, NOW), LATER)  # type: ignore[arg-type]
    assert row.mark == Mark(**{second: True})


def test_a_row_is_empty_once_nothing_is_marked() -> None:
    row = Edit(saved=True).apply(ROW, NOW)
    assert not row.empty
    assert Edit(saved=False).apply(row, LATER).empty
    assert Edit(saved=False).apply(row, LATER).labels() == {}


def test_unread_is_what_is_saved_and_not_read() -> None:
    saved = Edit(saved=True).apply(ROW, LATER)
    assert saved.labels() == {"all": NOW.timestamp(), "is:saved": LATER.timestamp(), "is:unread": LATER.timestamp()}
    assert "is:unread" not in Edit(read=True).apply(saved, LATER).labels()
    assert "is:unread" not in Edit(read=False, hidden=True).apply(ROW, LATER).labels()


def test_rows_of_one_work_are_joined_with_all_that_was_marked() -> None:
    one = Edit(saved=True, liked=True, tags=("a",), note="One.").apply(ROW, LATER)
    other = Edit(read=True, disliked=True, tags=("b", "a"), note="Two.").apply(ROW.model_copy(update={"id": "x"}), NOW)
    whole = joined([one, other])
    assert whole.id == ROW.id
    assert whole.mark == Mark(saved=True, read=True, liked=True, tags=("a", "b"), note="One.\nTwo.")
    assert joined([other, one]).mark.liked
    with pytest.raises(ValueError, match="no rows"):
        joined([])


def test_a_mark_is_found_by_any_id() -> None:
    rows = {ROW.id: Edit(saved=True).apply(ROW, NOW)}
    assert found_mark(rows, ("doi:10.1/x", ROW.id)) == Mark(saved=True)
    assert found_mark(rows, ("doi:10.1/x",)) == NO_MARK


@pytest.mark.parametrize(
    ("sent", "kept"),
    (
        (("To  Read", "to read"), ("to read",)),
        (("a,b",), ("a b",)),
        (("ÅNGSTRÖM",), ("ångström",)),
        (("e\u0301tude", "\u00e9tude"), ("\u00e9tude",)),
        (("日本\u3000語",), ("日本 語",)),
        (("\u202eabc\u200b", "abc"), ("abc",)),
        (('the "good" ones',), ("the good ones",)),
        (("👩\u200d🔬",), ("👩\u200d🔬",)),
    ),
)
def test_tags_are_in_lower_case_and_each_once(sent: tuple[str, ...], kept: tuple[str, ...]) -> None:
    assert TypeAdapter(Tags).validate_python(sent) == kept


@pytest.mark.parametrize(
    "sent", (("",), (' ,"',), ("\u200b",), ("a\x00b",), ("x" * 51,), ("\u0130" * 50,), tuple(map(str, range(21))))
)
def test_tags_have_bounds(sent: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Tags).validate_python(sent)


@pytest.mark.parametrize(
    "sent", ("no\u00a0break", "日本\u3000語", "👩\u200d🔬", "soft\u00adhyphen", "one\r\n\ttwo\u2028three")
)
def test_notes_have_every_character_that_people_write(sent: str) -> None:
    assert TypeAdapter(Note).validate_python(sent) == sent


@pytest.mark.parametrize("sent", ("x" * 2_001, "a\x00b", "\x1b[31m", "a\x0bb", "a\x85b"))
def test_notes_have_bounds(sent: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Note).validate_python(sent)


@pytest.mark.parametrize(
    "text", ("\u3000\u8ad6", "page\u00a05", "\U0001f469\u200d\U0001f4bb", "non\u00adlinear", "a\r\nb")
)
def test_notes_hold_whatever_people_paste(text: str) -> None:
    assert TypeAdapter(Note).validate_python(text) == text.strip()


@pytest.mark.parametrize("text", ("a\x00", "\x1b[31m", "\x9b"))
def test_notes_and_tags_hold_no_control_characters(text: str) -> None:
    with pytest.raises(ValidationError, match="must not contain control characters"):
        TypeAdapter(Note).validate_python(text)
    with pytest.raises(ValidationError, match="must not contain control characters"):
        TypeAdapter(Tags).validate_python((text,))


def test_a_tag_may_join_letters_and_emoji() -> None:
    assert TypeAdapter(Tags).validate_python(("\U0001f469\u200d\U0001f4bb", "To\u00a0read")) == (
        "\U0001f469\u200d\U0001f4bb",
        "to read",
    )
