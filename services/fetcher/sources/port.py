"""What a source is to the poller: something that is asked, and answers with items and a cursor; and who keeps book."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from shared.papers.events import Item

BACKFILLED: Final = "backfill"
"""What items of the past say of themselves: that they exist is no news to any subscriber."""
Cursor = dict[str, Any]
"""What a source remembers between polls: JSON, stored in the transaction that publishes its items."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One item that was not taken, or was taken after repair: where it stood, and why, in one sentence."""

    where: str
    reason: str
    cleaned: bool = False


@dataclass(frozen=True, slots=True)
class Observation:
    """What a poll saw of one announcement day of one category: a fact for the ledger.

    `day` is YYYY-MM-DD; `expected` is how many ids a second interface names for it, where one was asked.
    """

    category: str
    day: str
    received: int
    expected: int | None = None
    missing: int = 0
    stale: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    """Items by announcement: new, revised, withdrawn, cross-listed."""


@dataclass(frozen=True, slots=True)
class Poll:
    """The answer of one poll. `state` is a word for the status; `again` asks for the next poll in so many seconds.

    `fresh_for` is how many seconds the answer stays as it is, by the word of the source: until then nobody asks again.
    `more` is the address of the page after this one, as a parser found it: for the driver, the poller never sees it.
    """

    items: list[Item] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    cursor: Cursor = field(default_factory=dict)
    detail: str = ""
    state: str = "ok"
    again: float | None = None
    observed: tuple[Observation, ...] = ()
    fresh_for: float | None = None
    more: str | None = None


class Source(Protocol):
    """A source of papers. `poll` raises TransientError when it has to be asked later, PermanentError when never so."""

    name: str

    async def poll(self, cursor: Cursor) -> Poll:
        """Ask what there is since `cursor`, which is empty at first."""


class Ledger(Protocol):
    """The book of announcement days."""

    async def record(self, source: str, observed: Sequence[Observation]) -> None:
        """Write down what a poll saw."""

    async def failed(self, source: str, reason: str) -> None:
        """Write down that a poll saw nothing."""
