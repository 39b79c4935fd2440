"""The JSON API of search: lists without a query, one paper, one author."""

from typing import Any

from aiohttp import web

from services.search.api import parameters, responses
from services.search.api.author_profile import by_others, profile
from services.search.api.reader import Json, Reader
from services.search.ranking.paper_index import Sort
from shared.export.paper_files import FORMATS, whole
from shared.http import Api
from shared.papers.paper import Paper


def register(api: Api, reader: Reader) -> None:
    """Add the routes to an API."""
    _lists(api, reader)
    _authors(api, reader)
    _about_one_paper(api, reader)
    _one_paper(api, reader)


def _lists(api: Api, reader: Reader) -> None:
    @api.route(
        "GET",
        "/v1/papers",
        summary="List the papers of a period",
        response=responses.PaperList,
        query=parameters.ListParameters,
        alternates={"text/html": "/"},
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
        alternates={
            "application/atom+xml": "/feeds/trending.atom",
            "application/feed+json": "/feeds/trending.json",
        },
    )
    async def trending(_: web.Request, asked: parameters.TrendingParameters) -> Json:
        """List the papers of the last day, 7 days or 30 days, those that trend most first."""
        return await reader.listing(asked.filters(reader.now().date()), Sort.TRENDING, asked)

    @api.route("GET", "/v1/status", summary="Get the status of the instance", response=responses.InstanceStatus)
    async def status(_: web.Request) -> Json:
        """Return the number of papers, the backlog of each service, and the state of sources and providers."""
        return {
            "papers": await reader.papers.count(),
            "streams": await reader.instance.streams(),
            "sources": await reader.instance.sources(),
            "providers": await reader.instance.providers(),
            "ledger": await reader.instance.ledger(),
            "disk": await reader.instance.disk(),
            "pictures": await reader.instance.picture_stock(),
            "mail": await reader.instance.mail(),
        }


def _authors(api: Api, reader: Reader) -> None:
    @api.route(
        "GET",
        "/v1/authors/{name:.+}/similar",
        summary="List papers like those of an author",
        response=responses.PaperList,
        query=parameters.LikeAuthor,
    )
    async def like_author(request: web.Request, asked: parameters.LikeAuthor) -> Json:
        """List the papers by others that are most like the newest papers of an author, taken together."""
        hits = await by_others(reader, request.match_info["name"], asked.filters(), limit=asked.limit)
        return {"results": await reader.illustrated(responses.listed(hits)), "next_cursor": None}

    @api.route(
        "GET",
        "/v1/authors/{name:.+}",
        summary="Get an author",
        response=responses.Profile,
        query=parameters.AuthorParameters,
        alternates={
            "text/html": "/authors/{name}",
            "application/atom+xml": "/feeds/authors/{name}.atom",
            "application/feed+json": "/feeds/authors/{name}.json",
        },
    )
    async def author(request: web.Request, asked: parameters.AuthorParameters) -> Json:
        """Return the papers of an author with their years, categories and co-authors.

        The name matches as in the filter `author`.
        """
        return await profile(reader, request.match_info["name"], asked)


def _about_one_paper(api: Api, reader: Reader) -> None:
    @api.route(
        "GET",
        "/v1/papers/{id:.+}/similar",
        summary="List similar papers",
        response=responses.SimilarAnswer,
        query=parameters.Similar,
        alternates={
            "application/atom+xml": "/feeds/papers/{id}/similar.atom",
            "application/feed+json": "/feeds/papers/{id}/similar.json",
        },
    )
    async def similar(request: web.Request, asked: parameters.Similar) -> Json:
        """List the papers most like one, in their text, words and titles, without the paper itself.

        `by` compares one facet of it: what its abstract says of the problem, the method or the result.
        """
        return await reader.similar_to(await reader.paper(request.match_info["id"]), asked)

    @api.route("GET", "/v1/papers/{id:.+}/trend", summary="Explain why a paper trends", response=responses.Trending)
    async def trend(request: web.Request) -> Json:
        """Return what each signal adds to a paper's trend, and its signals over time."""
        payload = (await reader.paper(request.match_info["id"])).payload
        return {"id": payload["paper"]["id"], "trend": payload.get("trend"), "readings": payload.get("readings", [])}

    @api.route(
        "GET",
        "/v1/papers/{id:.+}/citation",
        summary="Cite a paper",
        response={form.media: form.answer for form in FORMATS.values()},
        query=parameters.CitationParameters,
    )
    async def citation(request: web.Request, asked: parameters.CitationParameters) -> web.Response:
        """Return a paper as BibTeX, RIS or CSL-JSON, for a reference manager, or as a line for an import."""
        paper = (await reader.paper(request.match_info["id"])).payload["paper"]
        form = FORMATS[asked.format]
        headers = {"Content-Disposition": f'attachment; filename="citation.{form.suffix}"'}
        return web.Response(
            body=whole(asked.format, [paper]), content_type=form.media, charset="utf-8", headers=headers
        )


def _one_paper(api: Api, reader: Reader) -> None:
    @api.route(
        "GET",
        "/v1/papers/{id:.+}",
        summary="Get one paper",
        response=Paper,
        alternates={"text/html": "/papers/{id}", "text/markdown": "/papers/{id}"},
    )
    async def paper(request: web.Request) -> Any:  # noqa: ANN401  # the paper as the index holds it
        """Return a paper by its work id, an arXiv id with or without version, a DOI, or any other id of it."""
        return (await reader.paper(request.match_info["id"])).payload["paper"]
