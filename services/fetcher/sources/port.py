"""What a source is to the poller: something that is asked, and answers with items and a cursor."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from shared.events import Item

Cursor = dict[str, Any]
"""What a source remembers between polls: JSON, stored in the transaction that publishes its items."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One item that was not taken, or was taken after repair: where it stood, and why, in one sentence."""

    where: str
    reason: str
    cleaned: bool = False


@dataclass(frozen=True, slots=True)
class Poll:
    """The answer of one poll."""

    items: list[Item] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    cursor: Cursor = field(default_factory=dict)
    detail: str = ""


class Source(Protocol):
    """A source of papers. `poll` raises TransientError when it has to be asked later, PermanentError when never so."""

    name: str

    async def poll(self, cursor: Cursor) -> Poll:
        """Ask what there is since `cursor`, which is empty at first."""
