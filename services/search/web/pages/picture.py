"""The small picture of a paper, as the fetcher stored it."""

from aiohttp import web

from services.search.api.reader import Reader
from services.search.web.render import HEADERS
from shared.board.rows import version_of_picture
from shared.http import Problem
from shared.http.assets import FOREVER
from shared.http.conditional import conditional
from shared.papers.names import canonical_id


async def show(reader: Reader, request: web.Request) -> web.StreamResponse:
    """Show a picture; clients may keep the one of the version in its address, and have to revalidate others."""
    name = request.match_info["id"]
    body = await reader.instance.picture(canonical_id(name))
    if body is None:
        raise Problem(404, f"There is no picture of {name}.")
    version = version_of_picture(body)
    cached = FOREVER if request.query.get("v") == version else "no-cache"
    headers = {"Cache-Control": cached, "Content-Security-Policy": HEADERS["Content-Security-Policy"]}
    return conditional(request, version, body, "image/webp", headers)
