"""The interface between sources and the poller: a source is polled with a cursor and returns items and a new cursor."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Protocol

from services.fetcher.ledger.observation import Observation
from shared.papers.events import Item

BACKFILLED: Final = "backfill"
"""The `announced` value of items from the past: subscribers get no alert about them."""
MAX_ITEMS: Final = 20_000
"""Items of one feed, unless a setting says otherwise."""
PARTIAL: Final = "partial"
"""The state of a poll that could not read all there is: the next one asks for everything again."""
Cursor = dict[str, Any]
"""What a source remembers between polls: JSON, stored in the transaction that publishes its items."""
Harvest = Callable[[str | None, date, date, Cursor | None], AsyncIterator[tuple[list[Item], Cursor]]]
"""Reads an archive between two days (both included), page by page: the set or query (None for all), the first and the
last day, and the cursor to continue from. Each page comes with the cursor after it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One item that was not taken, or that was taken after repair (`cleaned`): its place and the reason."""

    where: str
    reason: str
    cleaned: bool = False


@dataclass(frozen=True, slots=True)
class Poll:
    """The result of one poll. `state` is one word for the status; `again` is when to poll next, in seconds.

    `fresh_for` is how many seconds the answer stays valid according to the source, which is not polled before then.
    `more` is the address of the next page, as a parser found it; only the driver reads it.
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


ParseFeed = Callable[[bytes, str, str, int], Awaitable[Poll]]
"""Parses a body for a source, from an address, up to a number of items; raises TransientError."""


class FeedParser(Protocol):
    """Parses feeds within limits of time and memory."""

    @property
    def parse(self) -> ParseFeed:
        """The parser."""

    def from_thread(self) -> Callable[[bytes, str], Poll]:
        """Return the parser for threads, which blocks; raises TransientError too."""


class Source(Protocol):
    """A source of papers. `poll` raises TransientError to be polled later, PermanentError when that cannot help."""

    name: str

    async def poll(self, cursor: Cursor) -> Poll:
        """Return what is new since `cursor`, which is empty on the first poll."""
