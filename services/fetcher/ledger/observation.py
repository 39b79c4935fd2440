"""The observation of an announcement day: the facts that the ledger keeps. Pure."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Observation:
    """The observation of one announcement day of one category.

    `day` is YYYY-MM-DD; `expected` is how many ids a second interface lists for it, where one was asked.
    """

    category: str
    day: str
    received: int
    expected: int | None = None
    missing: int = 0
    stale: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    """Items by kind of announcement: new, revised, withdrawn, cross-listed."""
