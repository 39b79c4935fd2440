"""The reasons of a match as readers see them: what alerts, feeds and pages show alike. Pure."""

from collections.abc import Sequence
from typing import Final

from shared.text.sentence_ends import shortened

CHANGE: Final = "change: "
"""How the reason begins that says what happened to the paper."""
MAX_QUOTED: Final = 80
"""Characters of a query or a title within a reason."""


def liked_reason(title: str, score: float) -> str:
    """Return that a paper is close to a paper that the reader liked."""
    return f"similar to “{shortened(title, MAX_QUOTED)}”, which you liked ({max(score, 0):.0%})"


def why(reasons: Sequence[str]) -> list[str]:
    """Return the reasons without the change, which alerts show as their heading."""
    return [reason for reason in reasons if not reason.startswith(CHANGE)]
