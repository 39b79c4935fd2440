"""The JSON API of search: the routes that take a query, or papers to be near."""

from aiohttp import web

from services.search.api import parameters, responses
from services.search.api.reader import Json, Reader
from services.search.query.filters import Filters
from services.search.ranking.qdrant_filter import where
from shared.http import Api, Problem


def register(api: Api, reader: Reader) -> None:
    """Add the routes to an API."""
    _searches(api, reader)
    _recommendations(api, reader)


def _searches(api: Api, reader: Reader) -> None:
    @api.route(
        "GET",
        "/v1/search",
        summary="Search papers",
        response=responses.SearchAnswer,
        query=parameters.SearchParameters,
        alternates={
            "text/html": "/search",
            "application/atom+xml": "/feeds/search.atom",
            "application/feed+json": "/feeds/search.json",
        },
    )
    async def search(request: web.Request, asked: parameters.SearchParameters) -> Json:
        """Find papers by meaning and by words, the most relevant first.

        `next_cursor` leads to the next page, up to 200 results in all. With an API key, `is:` and `tag:` find papers of
        its reading list.
        """
        return await reader.search(asked, await reader.sign_ins.asker(request, asked.q))

    @api.route(
        "GET",
        "/v1/facets",
        summary="Count the papers of a search by field",
        response=responses.Facets,
        query=parameters.Question,
    )
    async def facets(request: web.Request, asked: parameters.Question) -> Json:
        """Count the values of fields among the papers that a search finds.

        With words these are its 200 most relevant papers, without words all that pass the filters.
        """
        signed_in = await reader.sign_ins.asker(request, asked.q)
        counts = await reader.facets((await reader.ranked(asked, signed_in)).scope())
        return {name: responses.counts(rows) for name, rows in counts.items()}


def _recommendations(api: Api, reader: Reader) -> None:
    @api.route(
        "POST",
        "/v1/recommendations",
        summary="Recommend papers",
        response=responses.PaperList,
        body=parameters.Recommendation,
    )
    async def recommend(_: web.Request, asked: parameters.Recommendation) -> Json:
        """Find papers near the positive ones and away from the negative ones."""
        names = [*asked.positive, *asked.negative]
        known = dict(zip(names, await reader.known(names), strict=True))
        if unknown := [name for name, hit in known.items() if hit is None]:
            raise Problem(422, f"The paper {unknown[0]} is not in the index.", unknown=unknown)
        points = {name: hit.point for name, hit in known.items() if hit}
        positive, negative = ([points[name] for name in part] for part in (asked.positive, asked.negative))
        hits = await reader.similar.to_papers(positive, negative, where(Filters()), limit=asked.limit)
        return {"results": await reader.illustrated(responses.listed(hits)), "next_cursor": None}
