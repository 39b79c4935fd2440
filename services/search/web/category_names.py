"""What categories are called: most readers know the letters of their own field only."""

import tomllib
from functools import cache
from pathlib import Path


@cache
def names() -> dict[str, str]:
    """Read the names of categories."""
    return tomllib.loads((Path(__file__).parent / "category_names.toml").read_text("utf-8"))


def name(category: str) -> str:
    """Name a category in words, or as it is where its name is not known."""
    return names().get(category, category)
