"""The map of papers: a page, and the points it draws."""

import gzip
from http import HTTPStatus
from typing import Final

from aiohttp import web

from services.search.api.reader import Reader
from services.search.web.render import render
from shared.http import Problem
from shared.http.conditional import conditional, tag_of

CACHE_S: Final = 300
NONE: Final = "There is no map yet. It is drawn a few minutes after the first dozen papers are indexed."


async def show(reader: Reader, _request: web.Request) -> web.StreamResponse:
    """Show the page, whose script fetches the points; or why there are none."""
    drawn = await reader.instance.has_map()
    return render("map.html", absence=None if drawn else await reader.instance.map_absence() or NONE)


async def points(reader: Reader, request: web.Request) -> web.StreamResponse:
    """Return the points in the columns that the indexer wrote, gzipped where the client accepts that.

    Raises:
        Problem: 404 there is no map yet.

    """
    body = await reader.instance.map()
    if body is None:
        raise Problem(404, await reader.instance.map_absence() or NONE)
    headers = {"Cache-Control": f"public, max-age={CACHE_S}", "Vary": "Accept-Encoding"}
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    sent = body if packed else gzip.decompress(body)
    response = conditional(request, tag_of(body), sent, "application/json", headers)
    if packed and response.status == HTTPStatus.OK:
        response.headers["Content-Encoding"] = "gzip"
    return response
