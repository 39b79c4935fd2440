"""The JSON API of search."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from services.search import answers, cursor, params
from services.search.conditions import where
from services.search.index import Hit, Papers, Sort
from services.search.period import window
from services.search.query import Filters, parse
from services.search.searching import Page, Searching
from services.search.status import Work
from shared.http import Api, Problem
from shared.names import canonical_id
from shared.paper import Paper

Json = dict[str, Any]
# The fields that are counted, by the name of their count.
FACETS = {"categories": "paper.categories", "sources": "source_names", "years": "year", "has_code": "has_code"}
FACET_VALUES = 50


@dataclass(frozen=True, slots=True)
class Reader:
    """What the routes and pages read from; `now` is a moment in UTC."""

    papers: Papers
    searching: Searching
    work: Work
    now: Callable[[], datetime]

    async def search(self, asked: params.SearchParameters) -> Json:
        """Answer one page of a search."""
        started = time.perf_counter()
        query, filters = parse(asked.q), asked.filters()
        sort = None if asked.sort == "relevance" else Sort(asked.sort)
        page = turned(asked, cursor.digest(query, filters, asked.mode, sort))
        hits = await self.searching.find(query, filters, asked.mode, sort, page.probe)
        return {
            "query": asked.q,
            "mode": asked.mode,
            "results": answers.found(page.cut(hits), query.text),
            "next_cursor": page.following(hits),
            "took_ms": round((time.perf_counter() - started) * 1000, 1),
        }

    async def listing(self, filters: Filters, sort: Sort, asked: params.Paged) -> Json:
        """Answer one page of a list."""
        page = turned(asked, cursor.digest(filters, sort))
        probe = page.probe
        hits = await self.papers.ordered(where(filters), sort, limit=probe.limit, offset=probe.offset)
        return {"results": answers.listed(page.cut(hits)), "next_cursor": page.following(hits)}

    async def paper(self, name: str) -> Hit:
        """Find one paper by any id; raises the problem 404."""
        key = canonical_id(name)
        found = await self.papers.known([key]) if key and key.isprintable() else {}
        if key not in found:
            raise Problem(404, f"No paper here is known as {name!r}.")
        return found[key]


@dataclass(frozen=True, slots=True)
class Turn:
    """One page of a search, and whether there is another."""

    limit: int
    offset: int
    search: str

    @property
    def probe(self) -> Page:
        """Ask one more than the page holds: it tells whether there is a next one."""
        return Page(min(self.limit + 1, cursor.MOST - self.offset), self.offset)

    def cut(self, hits: list[Hit]) -> list[Hit]:
        """Drop the one too many."""
        return hits[: self.limit]

    def following(self, hits: list[Hit]) -> str | None:
        """Give the cursor of the next page, if there is one."""
        return cursor.encode(self.offset + self.limit, self.search) if len(hits) > self.limit else None


def turned(asked: params.Paged, search: str) -> Turn:
    """Read the page that is asked for; raises the problem 422."""
    try:
        offset = cursor.decode(asked.cursor, search) if asked.cursor else 0
    except cursor.CursorError as error:
        raise Problem(422, str(error)) from error
    return Turn(asked.limit, offset, search)


def routes(reader: Reader) -> Api:
    """Make the API's operations."""
    api = Api("search")
    _searches(api, reader)
    _lists(api, reader)
    _one_paper(api, reader)
    return api


def _searches(api: Api, reader: Reader) -> None:
    @api.route(
        "GET", "/v1/search", summary="Search papers", response=answers.SearchAnswer, query=params.SearchParameters
    )
    async def search(_: web.Request, asked: params.SearchParameters) -> Json:
        """Find papers by meaning and words, best first. `next_cursor` leads on, up to 200 results in all."""
        return await reader.search(asked)

    @api.route(
        "GET", "/v1/facets", summary="Count a search's papers by field", response=answers.Facets, query=params.Question
    )
    async def facets(_: web.Request, asked: params.Question) -> Json:
        """Count the values of fields among the papers a search finds: its 200 most relevant, or all without words."""
        wanted = await reader.searching.scope(parse(asked.q), asked.filters(), asked.mode)
        counts = {name: await reader.papers.facet(key, wanted, limit=FACET_VALUES) for name, key in FACETS.items()}
        return {name: [{"value": value, "count": n} for value, n in rows] for name, rows in counts.items()}

    @api.route(
        "POST",
        "/v1/recommendations",
        summary="Recommend papers",
        response=answers.PaperList,
        body=params.Recommendation,
    )
    async def recommend(_: web.Request, asked: params.Recommendation) -> Json:
        """Find papers near the positive ones and away from the negative ones."""
        keys = {name: canonical_id(name) for name in [*asked.positive, *asked.negative]}
        known = await reader.papers.known(list(keys.values()))
        if missing := [name for name, key in keys.items() if key not in known]:
            raise Problem(422, f"No paper here is known as {missing[0]!r}.", unknown=missing)
        positive, negative = ([known[keys[name]].point for name in part] for part in (asked.positive, asked.negative))
        hits = await reader.papers.like(positive, negative, where(Filters()), limit=asked.limit)
        return {"results": answers.listed(hits), "next_cursor": None}


def _lists(api: Api, reader: Reader) -> None:
    @api.route(
        "GET", "/v1/papers", summary="List papers of a time", response=answers.PaperList, query=params.ListParameters
    )
    async def papers(_: web.Request, asked: params.ListParameters) -> Json:
        """List the papers published on a day, in a week or in a month."""
        return await reader.listing(asked.filters(), asked.sort, asked)

    @api.route(
        "GET",
        "/v1/trending",
        summary="List trending papers",
        response=answers.PaperList,
        query=params.TrendingParameters,
    )
    async def trending(_: web.Request, asked: params.TrendingParameters) -> Json:
        """List the papers of the last days, the most talked about first."""
        since, until = window(asked.window, reader.now().date())
        return await reader.listing(Filters(tuple(asked.category), since=since, until=until), Sort.TRENDING, asked)

    @api.route("GET", "/v1/status", summary="How the instance is", response=answers.Status)
    async def status(_: web.Request) -> Json:
        """Tell how many papers there are, what the services have still to do, and how sources and providers are."""
        return {
            "papers": await reader.papers.count(),
            "streams": await reader.work.streams(),
            "sources": await reader.work.sources(),
            "providers": await reader.work.providers(),
            "ledger": await reader.work.ledger(),
        }


def _one_paper(api: Api, reader: Reader) -> None:
    @api.route(
        "GET",
        "/v1/papers/{id:.+}/similar",
        summary="List papers like one",
        response=answers.PaperList,
        query=params.Similar,
    )
    async def similar(request: web.Request, asked: params.Similar) -> Json:
        """List the papers closest in meaning, without the paper itself."""
        paper = await reader.paper(request.match_info["id"])
        hits = await reader.papers.like([paper.point], [], where(asked.filters()), limit=asked.limit)
        return {"results": answers.listed(hits), "next_cursor": None}

    @api.route("GET", "/v1/papers/{id:.+}", summary="Get one paper", response=Paper)
    async def paper(request: web.Request) -> Any:  # noqa: ANN401  # the paper as the index holds it
        """Get a paper by its work id, an arXiv id with or without version, a DOI, or any id it is known by."""
        return (await reader.paper(request.match_info["id"])).payload["paper"]
