"""What one paper passes on its way from a feed to a webhook is little enough to read, and is drawn as it is."""

from pathlib import Path

import pytest

from tests.contract.walk import PAGE, measure, written

MAX_FILES = 46
REMEDY = "run `python -m tests.contract.walk`, which draws the walk into docs/architecture.md"


@pytest.mark.timeout(180)
async def test_the_walk_of_a_paper_is_short_and_drawn_as_measured(tmp_path: Path) -> None:
    walk = await measure(tmp_path)
    parts = walk.by_part()
    assert all(parts[part] for part in parts), f"the paper did not pass every service: {parts}"
    assert written(PAGE.read_text("utf-8")) == set(walk.files), REMEDY
    assert len(walk.files) <= MAX_FILES, f"one paper passes {len(walk.files)} files"
