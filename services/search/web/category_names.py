"""Names of categories: most readers know only the codes of their own field."""

import tomllib
from functools import cache
from pathlib import Path


@cache
def names() -> dict[str, str]:
    """Read the names of categories."""
    return tomllib.loads((Path(__file__).parent / "category_names.toml").read_text("utf-8"))


def name(category: str) -> str:
    """Return the name of a category, or its code where the name is unknown."""
    return names().get(category, category)
