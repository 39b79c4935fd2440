"""Headings of structured abstracts that markup separated from their text, and that are glued to it without. Pure.

"ObjectiveTo fold cranes. MethodsFrom 2010 …" becomes "Objective: To fold cranes. Methods: From 2010 …".
"""

import re
import tomllib
from importlib import resources
from typing import Any, Final

from shared.embedding.stopwords import STOPWORDS

_lists: Final[dict[str, Any]] = tomllib.loads(resources.files(__package__).joinpath("headings.toml").read_text("utf-8"))
_LABELS: Final = sorted({form for label in _lists["labels"] for form in (label, label.upper())}, key=len, reverse=True)
# At the beginning of the abstract or after a sentence, right before a capital or a number.
_GLUED: Final = re.compile(
    rf"(?:^|(?<=[.!?)\]])|(?<=[.!?)\]] ))({'|'.join(map(re.escape, _LABELS))})"
    r"(?=([A-Z][a-z]*|\d+))"
)
_FEWEST: Final = 2
"""Glued headings that are enough, as ResultsDB is a name; a single one is one before a word that begins sentences."""


def separate_headings(text: str) -> str:
    """Return an abstract with a colon after each heading that is glued to its text."""
    found = list(_GLUED.finditer(text))
    words = [match[2] for match in found]
    several = len(words) >= _FEWEST and not all(map(str.isupper, words))
    if several or any(word.lower() in STOPWORDS for word in words if len(word) > 1 or word in "AI"):
        return _GLUED.sub(lambda match: f"{'' if _is_apart(text, match) else ' '}{match[1]}: ", text)
    return text


def _is_apart(text: str, heading: re.Match[str]) -> bool:
    return heading.start() == 0 or text[heading.start() - 1].isspace()
