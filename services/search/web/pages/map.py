"""The map of papers: a page, and the points it draws."""

import gzip
import hashlib
from typing import Final

from aiohttp import ETag, web

from services.search.api.reader import Reader
from services.search.web.render import render
from shared.http import Problem

CACHE_S: Final = 300
NONE: Final = "There is no map yet. It is drawn a few minutes after the first dozen papers are indexed."


async def show(_reader: Reader, _request: web.Request) -> web.StreamResponse:
    """Show the page; its script fetches the points."""
    return render("map.html")


async def points(reader: Reader, request: web.Request) -> web.StreamResponse:
    """Return the points in the columns that the indexer wrote, gzipped where the client accepts that.

    Raises:
        Problem: 404 there is no map yet.

    """
    body = await reader.instance.map()
    if body is None:
        raise Problem(404, NONE)
    tag = hashlib.blake2b(body, digest_size=12).hexdigest()
    response = web.Response(headers={"Cache-Control": f"public, max-age={CACHE_S}", "Vary": "Accept-Encoding"})
    response.etag = ETag(tag, is_weak=True)
    if any(known.value in ("*", tag) for known in request.if_none_match or ()):
        response.set_status(304)
        return response
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.headers["Content-Encoding"] = "gzip"
        response.body = body
    else:
        response.body = gzip.decompress(body)
    response.content_type = "application/json"
    return response
