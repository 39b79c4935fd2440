"""The routes that search engines and browsers look for by themselves."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Final

from aiohttp import web

from services.search.api.feed_routes import answered
from services.search.api.guard import Guard
from services.search.api.reader import Reader
from services.search.api.suggestion_routes import SuggestionParameters, Suggestions
from services.search.query.filters import Filters
from services.search.ranking.paper_index import Sort
from services.search.ranking.qdrant_filter import where
from services.search.web import discovery
from services.search.web.discovery import MAX_PAPERS, Entry
from services.search.web.render import ASSETS, VENDORED
from shared.http.api import dump, read_query
from shared.http.site import address

DAYS: Final = 30
"""Days that are listed, up to the newest one that has papers."""
VALID: Final = timedelta(days=30)
"""How long security.txt holds; each request writes it anew."""
LASTING: Final = ("/", "/map", "/search", "/subscribe", "/docs", "/docs/plain")
FILES: Final = ("favicon.ico", "apple-touch-icon.png")
_FIELDS: Final = ("paper.id", "paper.published", "paper.updated")
_XML: Final = "application/xml"


class Discovery:
    """Answers the routes; `contact` is the address for reports on security, or None."""

    def __init__(self, reader: Reader, suggestions: Suggestions, contact: str | None) -> None:
        self._reader = reader
        self._suggestions = suggestions
        self._contact = contact

    def routes(self, guard: Guard) -> list[web.AbstractRouteDef]:
        """Return the routes; those that read papers count as requests of their client."""
        answers: dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = {
            "/opensearch.xml": self.opensearch,
            "/opensearch/suggest": guard.guarded(self.suggest),
            "/robots.txt": self.robots,
            "/sitemap.xml": guard.guarded(self.sitemap_index),
            "/sitemaps/pages.xml": self.lasting_pages,
            r"/sitemaps/{day:\d{4}-\d\d-\d\d}.xml": guard.guarded(self.sitemap_of_day),
            **({"/.well-known/security.txt": self.security} if self._contact else {}),
        }
        files = [ASSETS.route(), VENDORED.route(), *map(ASSETS.at_root, FILES)]
        return [*(web.get(path, answer) for path, answer in answers.items()), *files]

    async def opensearch(self, request: web.Request) -> web.StreamResponse:
        """Describe the search for browsers."""
        text = discovery.opensearch(address(), ASSETS.version("favicon.ico"))
        return answered(request, text.encode(), "application/opensearchdescription+xml")

    async def suggest(self, request: web.Request) -> web.StreamResponse:
        """Complete a query for the address bar of a browser."""
        asked = read_query(request, SuggestionParameters)
        found = await self._suggestions.of(asked.q)
        return answered(request, dump([asked.q, [one.query for one in found]]), discovery.SUGGESTIONS)

    async def robots(self, request: web.Request) -> web.StreamResponse:
        """Say what is to be listed."""
        return answered(request, discovery.robots(address()).encode(), "text/plain")

    async def security(self, request: web.Request) -> web.StreamResponse:
        """Say where reports on security go."""
        text = discovery.security(address(), self._contact or "", self._reader.now() + VALID)
        return answered(request, text.encode(), "text/plain")

    async def sitemap_index(self, request: web.Request) -> web.StreamResponse:
        """List the sitemaps: of the lasting pages, and of each recent day that has papers."""
        text = discovery.sitemap_index(address(), await self._days())
        return answered(request, text.encode(), _XML)

    async def lasting_pages(self, request: web.Request) -> web.StreamResponse:
        """List the pages that are not of a day."""
        entries = [Entry(address() + path) for path in LASTING]
        return answered(request, discovery.sitemap(entries).encode(), _XML)

    async def sitemap_of_day(self, request: web.Request) -> web.StreamResponse:
        """List the papers of a day; 404 for a day that has none."""
        try:
            day = date.fromisoformat(request.match_info["day"])
        except ValueError as error:
            raise web.HTTPNotFound from error
        filters = where(Filters(since=day, until=day))
        hits = await self._reader.papers.ordered(filters, Sort.NEWEST, limit=MAX_PAPERS, fields=_FIELDS)
        if not hits:
            raise web.HTTPNotFound
        entries = discovery.entries_of_day(address(), day, [hit.payload["paper"] for hit in hits])
        return answered(request, discovery.sitemap(entries).encode(), _XML)

    async def _days(self) -> list[date]:
        """Return the recent days that have papers, the newest first."""
        papers, today = self._reader.papers, self._reader.now().date()
        newest = await papers.last_day(where(Filters(until=today)))
        if newest is None:
            return []
        days = [newest - timedelta(days=number) for number in range(DAYS)]
        counts = [await papers.count(where(Filters(since=day, until=day))) for day in days]
        return [day for day, count in zip(days, counts, strict=True) if count]
