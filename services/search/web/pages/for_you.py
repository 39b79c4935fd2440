"""The page of papers recommended to a reader, by their reading list or by papers that the address names."""

from typing import Any

from aiohttp import web

from services.search.api.parameters import ForYouParameters
from services.search.api.reader import Reader
from services.search.api.recommended import recommended, taste
from services.search.web.personal import Shown, personal
from services.search.web.render import render
from services.search.web.urls import address
from shared.http.api import read_query


class ForYouPageParameters(ForYouParameters):
    """What is recommended, and whether papers that the reader hid are shown, too."""

    hidden: Shown | None = None


async def show(reader: Reader, request: web.Request) -> web.StreamResponse:
    """Show what is recommended; without a reading list or named papers, how to get it."""
    asked = read_query(request, ForYouPageParameters)
    signed_in = await reader.sign_ins.of(request)
    liking = await taste(reader, asked, signed_in.owner if signed_in else None)
    found = await recommended(reader, liking, asked) if liking else None
    rows: list[dict[str, Any]] = found["results"] if found else []
    pairs = [(name, value) for name, value in request.query.items() if name != "cursor"]
    following = address("/for-you", [*pairs, ("cursor", found["next_cursor"])]) if found and rows else None
    return render(
        "for_you.html",
        **(await personal(reader, request, rows, signed_in=signed_in)).variables,
        found=found,
        named=bool(asked.like),
        following=following if found and found["next_cursor"] else None,
    )
