"""Reads an answer page by page, within bounds; if a later page fails, the pages before it are kept."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from services.fetcher.sources.json_records import Page
from services.fetcher.sources.port import Refusal
from shared.errors import PermanentError, TransientError
from shared.papers.events import Item

MAX_TIME: Final = timedelta(minutes=5)
"""No page is requested after this time: a poll that takes too long is cancelled, and what it has read is lost."""
AGAIN_S: Final = 5.0
"""Seconds until the next poll, if this one did not reach the end."""
AFTER_FAILURE_S: Final = 60.0
"""The same, if a page failed and the source named no time."""


@dataclass(slots=True)
class Reading:
    """The contents of the pages of one poll; of an item on several pages the newest version is kept."""

    found: dict[str, Item] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    pages: int = 0
    done: bool = False
    failure: TransientError | PermanentError | None = None

    @property
    def items(self) -> list[Item]:
        """The items in the order in which they were found."""
        return list(self.found.values())

    @property
    def again(self) -> float | None:
        """Seconds until the rest should be read, or None if there is no rest."""
        if self.done:
            return None
        if self.failure is None:
            return AGAIN_S
        return getattr(self.failure, "retry_after", None) or AFTER_FAILURE_S

    def add(self, page: Page) -> None:
        """Add the items and refusals of the next page."""
        self.pages += 1
        for item in page.items:
            known = self.found.get(item.id)
            if known is None or (item.version or 0) > (known.version or 0):
                self.found[item.id] = item
        where = f"page {self.pages}"
        self.refusals += [Refusal(f"{where}, {note.where}", note.reason, note.cleaned) for note in page.refusals]


async def read_pages(
    one: Callable[[], Awaitable[tuple[Page, bool]]], most: int, clock: Callable[[], datetime]
) -> Reading:
    """Read at most `most` pages; `one` returns the next page, and whether it is the last.

    Raises:
        TransientError, PermanentError: the first page failed. The error of a later page is stored as `failure`.

    """
    reading = Reading()
    began = clock()
    while not reading.done and reading.pages < most and clock() - began < MAX_TIME:
        try:
            page, reading.done = await one()
        except (TransientError, PermanentError) as error:
            if not reading.pages:
                raise
            reading.failure = error
            reading.refusals.insert(0, Refusal(f"page {reading.pages + 1}", str(error)))
            break
        reading.add(page)
    return reading
