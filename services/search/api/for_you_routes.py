"""The JSON API of recommendations, by a reading list or by papers that the request names."""

from aiohttp import web

from services.search.api.parameters import ForYouParameters
from services.search.api.reader import Json, Reader
from services.search.api.recommended import recommended, taste
from services.search.api.responses import RecommendedPapers
from shared.http import Api, Problem


def register(api: Api, reader: Reader) -> None:
    """Add the route to an API."""

    @api.route(
        "GET",
        "/v1/for-you",
        summary="Recommend papers to a reader",
        response=RecommendedPapers,
        query=ForYouParameters,
        problems=(401,),
    )
    async def for_you(request: web.Request, asked: ForYouParameters) -> Json:
        """Recommend new papers near to what a reader liked and saved, each with the reasons for it.

        The reading list is that of the API key, or of the reader who is signed in. With `like` the papers are those
        that the request names, and no key is needed.
        """
        signed_in = None if asked.like else await reader.sign_ins.caller(request)
        liking = await taste(reader, asked, signed_in.owner if signed_in else None)
        if liking is None:
            raise Problem(401, "Send an API key as Authorization: Bearer pw_…, or name papers with like=…")
        return await recommended(reader, liking, asked)
