"""The rights of the user of Redis that docs/servers.md grants."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "servers.md"


def rights() -> list[str]:
    """Return the words after `user paperwire`, with PASSWORD in them."""
    found = re.search(r"<!-- rights -->\n```text\nuser paperwire (.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found
    return found[1].split()
