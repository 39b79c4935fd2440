"""Reads bioRxiv and medRxiv over HTTP: a window of days, page by page, in as many polls as it takes."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from services.fetcher.http.polite import Polite
from services.fetcher.sources.biorxiv.parse import Server, parse_details
from services.fetcher.sources.config import Category, SourceConfig
from services.fetcher.sources.json_records import Page
from services.fetcher.sources.paging import read_pages
from services.fetcher.sources.port import Cursor, Poll
from services.fetcher.sources.source_type import DriverContext
from shared.papers.events import Item
from shared.papers.titles import fold
from shared.time_limit import in_thread

BASE: Final = "https://api.biorxiv.org"
OVERLAP: Final = timedelta(days=2)
"""Days that every window repeats: preprints can appear late under a past day."""
MAX_PAGES: Final = 100
"""Pages of one poll (an ordinary window has about 25); the next poll continues a longer window."""
MAX_ROWS: Final = 200_000
"""Preprints of one window, as many as in some years: a source that does not end is abandoned there."""


class BiorxivConfig(SourceConfig):
    """The table of bioRxiv or medRxiv; no categories means all."""

    type: Server
    categories: tuple[Category, ...] = ()

    @property
    def target(self) -> str:
        """The categories, or the server."""
        return " ".join(self.categories) or self.type


def make(config: BiorxivConfig, context: DriverContext) -> "Biorxiv":
    """Make the driver of the server that the type names."""
    return Biorxiv(config.name, config.type, context.polite, context.clock, categories=config.categories)


class Biorxiv:
    """The driver of one server. The cursor holds the current window, and the last day that was read."""

    def __init__(  # noqa: PLR0913  # what it asks for, whom, and when
        self,
        name: str,
        server: Server,
        polite: Polite,
        clock: Callable[[], datetime],
        *,
        categories: Sequence[str] = (),
        base_url: str = BASE,
        max_pages: int = MAX_PAGES,
    ) -> None:
        """`clock` returns the time in UTC, whose date ends the window; `max_pages` are read in one poll.

        Only `categories` ("cell biology", in any case) are taken; none means all.
        """
        self.name = name
        self._server = server
        self._polite = polite
        self._clock = clock
        self._base = base_url.rstrip("/")
        self._max_pages = max_pages
        self._categories = frozenset(fold(category) for category in categories)

    async def poll(self, cursor: Cursor) -> Poll:
        """Continue the current window, or begin the next. Raises like every source if no page could be read."""
        window = _window(cursor, self._clock().date())

        async def one() -> tuple[Page, bool]:
            return await self._page(window)

        reading = await read_pages(one, self._max_pages, self._clock)
        after = {"until": window["to"]} if reading.done else {"until": cursor.get("until"), "window": window}
        detail = f"{window['from']} to {window['to']}: {window['at']:,} preprints read"
        state = "partial" if reading.failure else "ok"
        return Poll(
            [item for item in reading.items if self._wanted(item)],
            reading.refusals,
            after,
            detail,
            state,
            again=reading.again,
        )

    def _wanted(self, item: Item) -> bool:
        return not self._categories or any(fold(category) in self._categories for category in item.categories)

    async def _page(self, window: dict[str, Any]) -> tuple[Page, bool]:
        """Read the next page of a window and advance its cursor; return whether it was the last page."""
        url = f"{self._base}/details/{self._server}/{window['from']}/{window['to']}/{window['at']}/json"
        answer = await self._polite.get(url)
        page = await in_thread(parse_details, answer.body, self._server)
        window["at"] += page.entries
        # A total of 0 beside preprints is ignored: then the window ends with an empty page.
        ended = page.entries == 0 or bool(page.total and window["at"] >= page.total)
        return page, ended or window["at"] >= MAX_ROWS


def _window(cursor: Cursor, today: date) -> dict[str, Any]:
    if under_way := cursor.get("window"):
        return dict(under_way)
    until = date.fromisoformat(cursor["until"]) if cursor.get("until") else today
    return {"from": (min(until, today) - OVERLAP).isoformat(), "to": today.isoformat(), "at": 0}
