"""The JSON API of search: lists without a query, one paper, one author."""

import asyncio
from collections import Counter
from typing import Any

from aiohttp import web

from services.search.api import parameters, responses
from services.search.api.citation import FORMATS
from services.search.api.search_routes import FACET_VALUES, Json, Reader
from services.search.query.dates import window
from services.search.query.parser import Filters
from services.search.ranking.author_lookup import keys_of
from services.search.ranking.paper_index import Sort
from services.search.ranking.qdrant_filter import where
from shared.http import Api, Problem
from shared.papers.names import author_keys
from shared.papers.paper import Paper

YEARS = 100


def register(api: Api, reader: Reader) -> None:
    """Add the operations."""
    _lists(api, reader)
    _authors(api, reader)
    _one_paper(api, reader)


def _lists(api: Api, reader: Reader) -> None:
    @api.route(
        "GET",
        "/v1/papers",
        summary="List papers of a time",
        response=responses.PaperList,
        query=parameters.ListParameters,
    )
    async def papers(_: web.Request, asked: parameters.ListParameters) -> Json:
        """List the papers published on a day, in a week or in a month."""
        return await reader.listing(asked.filters(), asked.sort, asked)

    @api.route(
        "GET",
        "/v1/trending",
        summary="List trending papers",
        response=responses.PaperList,
        query=parameters.TrendingParameters,
    )
    async def trending(_: web.Request, asked: parameters.TrendingParameters) -> Json:
        """List the papers of the last days, the most talked about first."""
        since, until = window(asked.window, reader.now().date())
        return await reader.listing(Filters(tuple(asked.category), since=since, until=until), Sort.TRENDING, asked)

    @api.route("GET", "/v1/status", summary="How the instance is", response=responses.InstanceStatus)
    async def status(_: web.Request) -> Json:
        """Tell how many papers there are, what the services have still to do, and how sources and providers are."""
        return {
            "papers": await reader.papers.count(),
            "streams": await reader.instance.streams(),
            "sources": await reader.instance.sources(),
            "providers": await reader.instance.providers(),
            "ledger": await reader.instance.ledger(),
        }


def _authors(api: Api, reader: Reader) -> None:
    @api.route(
        "GET",
        "/v1/authors/{name:.+}",
        summary="Get an author",
        response=responses.Profile,
        query=parameters.AuthorParameters,
    )
    async def author(request: web.Request, asked: parameters.AuthorParameters) -> Json:
        """Get the papers of an author with their years, fields and co-authors, by a name as for a filter."""
        return await profile(reader, request.match_info["name"], asked)


async def profile(reader: Reader, name: str, asked: parameters.AuthorParameters) -> Json:
    """Bring together what is here by an author; raises the problem 404."""
    keys = author_keys(name) if name.isprintable() else ()
    filters = Filters(authors=tuple(await keys_of(keys[0], reader.papers)) if keys else ())
    if not filters.authors or not (count := await reader.papers.count(where(filters))):
        raise Problem(404, f"No paper here is by anyone called {name!r}.")
    listing, years, categories, latest = await asyncio.gather(
        reader.listing(filters, asked.sort, asked),
        reader.papers.facet("year", where(filters), limit=YEARS),
        reader.papers.facet("paper.categories", where(filters), limit=FACET_VALUES),
        # Not by a facet: to find the few names of a few papers, the engine goes through all names that there are.
        reader.papers.ordered(where(filters), Sort.NEWEST, limit=responses.LATEST, fields=("paper.authors",)),
    )
    named = [dict.fromkeys(author["name"] for author in hit.payload["paper"]["authors"]) for hit in latest]
    people = Counter(name for names in named for name in names).most_common()  # two of one name on a paper are one
    own = {value for value, _ in people if set(author_keys(value)) & set(filters.authors)}
    return {
        "name": next((value for value, _ in people if value in own), name),
        "papers": count,
        "years": responses.counts(sorted(years)),
        "categories": responses.counts(categories),
        "coauthors": responses.counts([(value, n) for value, n in people if value not in own][:FACET_VALUES]),
        **listing,
    }


def _one_paper(api: Api, reader: Reader) -> None:
    @api.route(
        "GET",
        "/v1/papers/{id:.+}/similar",
        summary="List papers like one",
        response=responses.PaperList,
        query=parameters.Similar,
    )
    async def similar(request: web.Request, asked: parameters.Similar) -> Json:
        """List the papers closest in meaning, without the paper itself."""
        paper = await reader.paper(request.match_info["id"])
        sort = Sort.NEWEST if asked.sort == "newest" else None
        hits = await reader.engine.similar(paper.point, asked.filters(), sort, limit=asked.limit)
        return {"results": responses.listed(hits), "next_cursor": None}

    @api.route("GET", "/v1/papers/{id:.+}/trend", summary="Say why a paper trends", response=responses.Trending)
    async def trend(request: web.Request) -> Json:
        """Tell what each signal adds to a paper's trend, and how its signals went over time."""
        payload = (await reader.paper(request.match_info["id"])).payload
        return {"id": payload["paper"]["id"], "trend": payload.get("trend"), "readings": payload.get("readings", [])}

    @api.route(
        "GET",
        "/v1/papers/{id:.+}/citation",
        summary="Cite a paper",
        response=responses.Citation,
        query=parameters.CitationParameters,
        media=tuple(form.media for form in FORMATS.values()),
    )
    async def citation(request: web.Request, asked: parameters.CitationParameters) -> web.Response:
        """Write a paper as BibTeX, RIS or CSL-JSON, for a reference manager."""
        paper = Paper.model_validate((await reader.paper(request.match_info["id"])).payload["paper"])
        form = FORMATS[asked.format]
        headers = {"Content-Disposition": f'attachment; filename="citation.{form.suffix}"'}
        return web.Response(text=form.write(paper), content_type=form.media, headers=headers)

    @api.route("GET", "/v1/papers/{id:.+}", summary="Get one paper", response=Paper)
    async def paper(request: web.Request) -> Any:  # noqa: ANN401  # the paper as the index holds it
        """Get a paper by its work id, an arXiv id with or without version, a DOI, or any id it is known by."""
        return (await reader.paper(request.match_info["id"])).payload["paper"]
