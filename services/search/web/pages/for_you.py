"""The page of papers recommended to a reader, by their reading list or by papers that the address names."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from services.search.api.parameters import ForYouParameters
from services.search.api.reader import Reader
from services.search.for_you.answers import Recommendations
from services.search.for_you.choices import Choices
from services.search.for_you.taste import Taste
from services.search.web.personal import personal
from services.search.web.render import render
from services.search.web.urls import address
from shared.http.api import read_query

Page = Callable[[Reader, web.Request], Awaitable[web.StreamResponse]]


def page(recommendations: Recommendations, choices: Choices) -> Page:
    """Return the handler of the page."""

    async def show(reader: Reader, request: web.Request) -> web.StreamResponse:
        asked = read_query(request, ForYouParameters)
        taste = await _taste(reader, request, asked)
        found = await recommendations.answer(taste, asked) if taste else None
        rows: list[dict[str, Any]] = found["results"] if found else []
        cursor = found["next_cursor"] if found else None
        pairs = [(name, value) for name, value in request.query.items() if name != "cursor"]
        return render(
            "for_you.html",
            **await personal(reader, request, rows),
            found=found,
            named=bool(asked.like),
            following=address("/for-you", [*pairs, ("cursor", cursor)]) if cursor else None,
        )

    async def _taste(reader: Reader, request: web.Request, asked: ForYouParameters) -> Taste | None:
        if asked.like:
            return await choices.named(asked.like, asked.unlike)
        signed_in = await reader.sign_ins.of(request)
        return await choices.of_reader(signed_in.owner) if signed_in else None

    return show
