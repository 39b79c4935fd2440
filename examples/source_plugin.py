"""Run a fetcher with a source type of your own, without a change to Paperwire.

PAPERWIRE_SOURCES_FILE=sources.toml python examples/source_plugin.py

It replaces `paperwire run fetcher` and reads the same environment. sources.toml names the new type:

    [[source]]
    name = "lab-reports"
    type = "reports"
    url = "https://lab.example/reports.json"

The address answers [{"id": "TR-1", "title": "…", "abstract": "…", "authors": ["…"]}, …]. To contribute a source type to
Paperwire instead, follow the recipe in CONTRIBUTING.md.
"""

from services.fetcher.bootstrap import build
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.config import SourceConfig
from services.fetcher.sources.fields import own_id
from services.fetcher.sources.json_records import Record, load, read_records
from services.fetcher.sources.port import Cursor, Poll
from services.fetcher.sources.registry import BY_ID
from services.fetcher.sources.source_type import DriverContext, SourceType
from shared.errors import TransientError
from shared.papers.events import Item
from shared.runtime import main

MAX_REPORTS = 1_000


class ReportsConfig(SourceConfig):
    """The `[[source]]` table of this type."""

    url: str

    @property
    def target(self) -> str:
        """Return the address: when it changes, the cursor is dropped."""
        return self.url


class Reports:
    """The driver: requests the list, and returns its reports with a cursor."""

    def __init__(self, config: ReportsConfig, context: DriverContext) -> None:
        self.name = config.name
        self._url = config.url
        self._polite = context.polite  # keeps the budget of each host, and sends conditional requests

    async def poll(self, cursor: Cursor) -> Poll:
        """Request the list unless it is unchanged; known reports are dropped by the poller."""
        answer = await self._polite.get(self._url, cursor)
        if answer.unchanged:
            return Poll(cursor={**cursor, **answer.cursor}, detail="unchanged")
        rows = load(answer.body)
        if not isinstance(rows, list):
            raise TransientError("the reports are not a list")  # polled again later, with backoff
        page = read_records(rows, self._item, "report", MAX_REPORTS)
        return Poll(page.items, page.refusals, answer.cursor)

    def _item(self, record: Record) -> Item:
        return Item(
            source=self.name,
            id=own_id(record.needed("id", 200), self.name),
            title=record.needed("title", 500),
            abstract=record.text("abstract", 10_000),
            authors=record.names("authors", 100, "name"),
        )


BY_ID["reports"] = SourceType(id="reports", config=ReportsConfig, make=Reports)

if __name__ == "__main__":
    main(build, FetcherSettings)
