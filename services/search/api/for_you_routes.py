"""The JSON API of recommendations from a reading list, or from named papers."""

from aiohttp import web

from services.search.api.parameters import ForYouParameters
from services.search.api.reader import Json
from services.search.api.responses import RecommendedPapers
from services.search.for_you.answers import Recommendations
from services.search.for_you.choices import Choices
from services.search.for_you.taste import Taste
from shared.http import Api, Problem


def register(api: Api, recommendations: Recommendations, choices: Choices) -> None:
    """Add the route to an API."""

    @api.route(
        "GET",
        "/v1/for-you",
        summary="Recommend papers to a reader",
        response=RecommendedPapers,
        query=ForYouParameters,
    )
    async def for_you(request: web.Request, asked: ForYouParameters) -> Json:
        """Recommend papers near to what a reader liked and saved, each with the reasons for it.

        The reading list is that of the API key. With `like` the papers are those that the request names, and no key is
        needed.
        """
        return await recommendations.answer(await _taste(request, asked), asked)

    async def _taste(request: web.Request, asked: ForYouParameters) -> Taste:
        if asked.like:
            return await choices.named(asked.like, asked.unlike)
        reader = await recommendations.reader.sign_ins.of_api(request)
        if reader is None:
            raise Problem(401, "Send an API key as Authorization: Bearer pw_…, or name papers with like=…")
        return await choices.of_reader(reader.owner)
