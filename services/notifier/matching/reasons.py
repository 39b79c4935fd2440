"""The reasons of a match as readers see them: what alerts, feeds and pages show alike. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

from shared.text.sentence_ends import shortened

CHANGE: Final = "change: "
"""How the reason begins that says what happened to the paper."""
MAX_QUOTED: Final = 80
"""Characters of a query or a title within a reason."""
MAX_LISTED: Final = 5
"""The most names that a sentence lists."""


def listed(names: Iterable[str]) -> str:
    """Return the first names as a list in a sentence, with an ellipsis if there are more."""
    names = list(names)
    return ", ".join(names[:MAX_LISTED]) + (" …" if len(names) > MAX_LISTED else "")


def quoted(phrases: Iterable[str]) -> str:
    """Return phrases in quotation marks as such a list."""
    return listed(f"“{phrase}”" for phrase in phrases)


def liked_reason(title: str, score: float) -> str:
    """Return that a paper is close to a paper that the reader liked."""
    return f"similar to “{shortened(title, MAX_QUOTED)}”, which you liked ({max(score, 0):.0%})"


def why(reasons: Sequence[str]) -> list[str]:
    """Return the reasons without the change, which alerts show as their heading."""
    return [reason for reason in reasons if not reason.startswith(CHANGE)]
