"""The lists of papers as Atom and JSON feeds, the list of these feeds as OPML, and the guide for agents."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal
from urllib.parse import urlencode
from xml.sax.saxutils import quoteattr

from aiohttp import web
from pydantic import Field

from services.search.api.markdown import guide
from services.search.api.parameters import FilterParameters, Paged, SearchParameters, Similar, TrendingParameters
from services.search.api.reader import Json, Reader
from services.search.query.dates import WINDOW_DAYS
from services.search.query.filters import Filters
from services.search.query.values import Author
from services.search.ranking.author_lookup import spelled
from services.search.ranking.paper_index import Sort
from services.search.ranking.qdrant_filter import where
from shared.http import Api
from shared.http.api import Query, validated
from shared.http.conditional import conditional_text, tag_of
from shared.http.site import address
from shared.papers.feeds import MEDIA, OPML_TITLE, Feed, Format, write
from shared.papers.paths import author_path, paper_path

CACHE_S: Final = 300
"""Seconds that a feed may be cached: sources publish once a day, and feed readers poll by the minute."""
OPML_CATEGORIES: Final = 30
"""Categories, the most frequent ones, that have a feed in the OPML list."""


class FeedSearch(SearchParameters):
    """Any search; a feed lists the newest of the relevant papers first, unless another order is asked for."""

    sort: Literal["relevance", "newest", "trending"] = "newest"


class ByAuthor(FilterParameters):
    """The author of a feed, as its path names them."""

    author: list[Author] = Field(min_length=1)


class Feeds:
    """Writes the feeds."""

    def __init__(self, reader: Reader) -> None:
        """Read through the same reader as the API."""
        self._reader = reader

    async def search(self, request: web.Request, form: Format, asked: FeedSearch) -> web.Response:
        """Return the papers of any search as a feed."""
        title = f"Paperwire: {asked.q.typed}" if asked.q.typed else "Paperwire: newest papers"
        page = "/search?" + request.rel_url.raw_query_string
        return self._feed(request, form, title, page, await self._reader.search(asked))

    async def trending(self, request: web.Request, form: Format, asked: TrendingParameters) -> web.Response:
        """Return the papers that trend as a feed."""
        answer = await self._reader.listing(asked.filters(self._reader.now().date()), Sort.TRENDING, asked)
        return self._feed(request, form, " ".join(["Paperwire: trending", *asked.category]), "/", answer)

    async def author(self, request: web.Request, form: Format, asked: Paged) -> web.Response:
        """Return the papers of an author as a feed, the newest first; one typing error in the name is corrected."""
        name = request.match_info["name"]
        filters = await spelled(validated(ByAuthor, {"author": [name]}).filters(), self._reader.papers)
        page = author_path(name)
        answer = await self._reader.listing(filters, Sort.NEWEST, asked)
        return self._feed(request, form, f"Paperwire: {name}", page, answer)

    async def similar(self, request: web.Request, form: Format, asked: Similar) -> web.Response:
        """Return the papers similar to one as a feed."""
        hit = await self._reader.paper(request.match_info["id"])
        paper = hit.payload["paper"]
        page = paper_path(paper["id"])
        answer = await self._reader.similar_to(hit, asked)
        return self._feed(request, form, f"Paperwire: like “{paper['title']}”", page, answer)

    async def opml(self, request: web.Request) -> web.Response:
        """Return the feeds of general interest, for a feed reader to import."""
        counts = await self._reader.papers.facet("paper.categories", where(Filters()), limit=OPML_CATEGORIES)
        rows = [("Newest papers", "/feeds/search.atom")]
        rows += [(f"Trending this {name}", f"/feeds/trending.atom?window={name}") for name in WINDOW_DAYS]
        rows += [
            (f"Newest in {name}", "/feeds/search.atom?" + urlencode({"category": str(name)})) for name, _ in counts
        ]
        site = address()
        outlines = [
            f'<outline type="rss" text={quoteattr(title)} title={quoteattr(title)} xmlUrl={quoteattr(site + path)}/>'
            for title, path in rows
        ]
        head = f'<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n<head><title>{OPML_TITLE}</title></head>'
        text = "\n".join([head, "<body>", *outlines, "</body>", "</opml>", ""])
        return answered(request, text.encode(), "text/x-opml")

    async def guide(self, request: web.Request) -> web.Response:
        """Return a guide to the API for agents, as Markdown."""
        return answered(request, guide(address()).encode(), "text/markdown")

    def _feed(self, request: web.Request, form: Format, title: str, page: str, answer: Json) -> web.Response:
        site = address()
        cursor = answer.get("next_cursor")
        following = request.rel_url.update_query(cursor=cursor) if cursor else None
        feed = Feed(
            title=title,
            address=site + str(request.rel_url),
            page=site + page.rstrip("?"),
            site=site,
            papers=[row["paper"] for row in answer["results"]],
            pictures={row["paper"]["id"]: row["picture"] for row in answer["results"] if row["picture"]},
            following=site + str(following) if following else None,
        )
        return answered(request, write(feed, form), MEDIA[form])


def answered(request: web.Request, body: bytes, media: str) -> web.Response:
    """Return a body, or 304 to a client that has it."""
    headers = {"Cache-Control": f"public, max-age={CACHE_S}", "Vary": "Accept-Encoding"}
    return conditional_text(request, tag_of(body), body, media, headers)


def register(api: Api, feeds: Feeds) -> None:
    """Add the routes to an API: each list as Atom and as JSON Feed."""
    for form in ("atom", "json"):
        _list(api, "search", form, feeds.search, FeedSearch)
        _list(api, "trending", form, feeds.trending, TrendingParameters)
        _list(api, "authors/{name:.+}", form, feeds.author, Paged)
        _list(api, "papers/{id:.+}/similar", form, feeds.similar, Similar)
    api.route("GET", "/feeds.opml", summary="List the feeds as OPML", response=str, media="text/x-opml")(feeds.opml)
    api.route("GET", "/llms.txt", summary="A guide for agents", response=str, media="text/markdown")(feeds.guide)


def _list(
    api: Api,
    path: str,
    form: Format,
    feed: Callable[[web.Request, Format, Any], Awaitable[web.Response]],
    query: type[Query],
) -> None:
    async def handle(request: web.Request, asked: Query) -> web.Response:
        return await feed(request, form, asked)

    handle.__name__, handle.__doc__ = f"{feed.__name__}_{form}", feed.__doc__
    response = str if form == "atom" else Json
    name = "Atom" if form == "atom" else "JSON Feed"
    summary = f"{feed.__name__.capitalize()} as {name}"
    api.route("GET", f"/feeds/{path}.{form}", summary=summary, response=response, query=query, media=MEDIA[form])(
        handle
    )
