"""Every list of papers as a feed: the routes of /feeds/… and /feeds.opml."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode
from xml.sax.saxutils import quoteattr

from aiohttp import ETag, web
from pydantic import Field

from services.search.api import responses
from services.search.api.markdown import guide
from services.search.api.parameters import (
    Author,
    FilterParameters,
    Paged,
    SearchParameters,
    Similar,
    TrendingParameters,
)
from services.search.api.search_routes import Reader
from services.search.query.dates import WINDOW_DAYS, window
from services.search.query.parser import Filters
from services.search.ranking.author_lookup import spelled
from services.search.ranking.paper_index import Sort
from services.search.ranking.qdrant_filter import where
from shared.http import Api
from shared.http.api import Query, validated
from shared.papers.feeds import MEDIA, Feed, Format, write

CACHE_S: Final = 300
"""Seconds that a feed may be kept: sources publish once a day, and feed readers poll by the minute."""
OPML_CATEGORIES: Final = 30
Json = dict[str, Any]


class FeedSearch(SearchParameters):
    """Any search; of the relevant papers a feed has the newest first, unless asked otherwise."""

    sort: Literal["relevance", "newest", "trending"] = "newest"


class ByAuthor(FilterParameters):
    """The author of a feed, as its path names them."""

    author: list[Author] = Field(min_length=1)


class Feeds:
    """Writes the feeds. `site` is where readers reach the instance; without it, each is told what it asked for."""

    def __init__(self, reader: Reader, site: str | None) -> None:
        """Read through the same reader as the API."""
        self._reader = reader
        self._site = site

    async def search(self, request: web.Request, form: Format, asked: FeedSearch) -> web.Response:
        """Answer any search."""
        title = f"Paperwire: {asked.q}" if asked.q else "Paperwire: newest papers"
        return self._feed(
            request, form, title, "/search?" + request.rel_url.raw_query_string, await self._reader.search(asked)
        )

    async def trending(self, request: web.Request, form: Format, asked: TrendingParameters) -> web.Response:
        """Answer what is talked about."""
        since, until = window(asked.window, self._reader.now().date())
        filters = Filters(tuple(asked.category), since=since, until=until)
        title = " ".join(["Paperwire: trending", *asked.category])
        return self._feed(request, form, title, "/", await self._reader.listing(filters, Sort.TRENDING, asked))

    async def author(self, request: web.Request, form: Format, asked: Paged) -> web.Response:
        """Answer the papers of an author, the newest first; a slip in the name is forgiven as in a search."""
        name = request.match_info["name"]
        filters = await spelled(validated(ByAuthor, {"author": [name]}).filters(), self._reader.papers)
        page = f"/authors/{quote(name, safe='')}"
        answer = await self._reader.listing(filters, Sort.NEWEST, asked)
        return self._feed(request, form, f"Paperwire: {name}", page, answer)

    async def similar(self, request: web.Request, form: Format, asked: Similar) -> web.Response:
        """Answer papers like one."""
        paper = await self._reader.paper(request.match_info["id"])
        sort = Sort.NEWEST if asked.sort == "newest" else None
        hits = await self._reader.engine.similar(paper.point, asked.filters(), sort, limit=asked.limit)
        work = paper.payload["paper"]
        page = f"/papers/{quote(work['id'], safe=':')}"
        answer = {"results": responses.listed(hits)}
        return self._feed(request, form, f"Paperwire: like “{work['title']}”", page, answer)

    async def opml(self, request: web.Request) -> web.Response:
        """List the feeds that make sense to everybody, for a feed reader to import."""
        counts = await self._reader.papers.facet("paper.categories", where(Filters()), limit=OPML_CATEGORIES)
        rows = [("Newest papers", "/feeds/search.atom")]
        rows += [(f"Trending this {name}", f"/feeds/trending.atom?window={name}") for name in WINDOW_DAYS]
        rows += [
            (f"Newest in {name}", "/feeds/search.atom?" + urlencode({"category": str(name)})) for name, _ in counts
        ]
        site = self._address(request)
        outlines = [
            f'<outline type="rss" text={quoteattr(title)} title={quoteattr(title)} xmlUrl={quoteattr(site + path)}/>'
            for title, path in rows
        ]
        head = '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n<head><title>Paperwire</title></head>'
        text = "\n".join([head, "<body>", *outlines, "</body>", "</opml>", ""])
        return answered(request, text.encode(), "text/x-opml")

    async def guide(self, request: web.Request) -> web.Response:
        """Tell an agent what it can ask here."""
        return answered(request, guide(self._address(request)).encode(), "text/markdown")

    def _feed(self, request: web.Request, form: Format, title: str, page: str, answer: Json) -> web.Response:
        site = self._address(request)
        cursor = answer.get("next_cursor")
        following = request.rel_url.update_query(cursor=cursor) if cursor else None
        feed = Feed(
            title=title,
            address=site + str(request.rel_url),
            page=site + page.rstrip("?"),
            site=site,
            papers=[row["paper"] for row in answer["results"]],
            following=site + str(following) if following else None,
        )
        return answered(request, write(feed, form), MEDIA[form])

    def _address(self, request: web.Request) -> str:
        return self._site or str(request.url.origin())


def answered(request: web.Request, body: bytes, media: str) -> web.Response:
    """Answer with a body, or 304 to who has it."""
    tag = hashlib.blake2b(body, digest_size=12).hexdigest()
    response = web.Response(headers={"Cache-Control": f"public, max-age={CACHE_S}", "Vary": "Accept-Encoding"})
    response.etag = ETag(tag, is_weak=True)  # weak: the same text may be compressed or not
    if any(known.value in ("*", tag) for known in request.if_none_match or ()):
        response.set_status(304)
        return response
    response.body = body
    response.content_type, response.charset = media, "utf-8"
    response.enable_compression()
    return response


def register(api: Api, feeds: Feeds) -> None:
    """Add the operations to an API: each list as Atom and as JSON Feed."""
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
