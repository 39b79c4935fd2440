"""Every decision record has the same form, and the index lists them all."""

from datetime import date
from pathlib import Path

import pytest

from tests.architecture.decisions import INDEX, index, read, records

FORM = (
    'it has to be "# <number>. <title>", a blank line, "- Status: accepted", "- Date: YYYY-MM-DD", then the paragraphs '
    '"**Context.** …", "**Decision.** …" and, as the last one, "**Revisit when** …"; see record 1'
)


@pytest.mark.parametrize("path", records(), ids=lambda path: path.stem)
def test_a_record_has_the_form(path: Path) -> None:
    found = read(path)
    assert found, FORM
    assert path.name.startswith(f"{found.number:04d}-")
    assert "\n" not in found.title
    date.fromisoformat(found.date)


def test_numbers_have_no_gap_and_no_repetition() -> None:
    assert [int(path.name[:4]) for path in records()] == list(range(1, len(records()) + 1))


def test_the_index_is_current() -> None:
    assert INDEX.read_text("utf-8") == index(), "run `python -m tests.architecture.decisions`"
