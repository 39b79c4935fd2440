"""The reading list of a browser: its script shows it. Readers who are signed in have theirs on the server."""

from aiohttp import web

from services.search.api.reader import Reader
from services.search.web.render import render
from shared.http.site import path_to


async def show(reader: Reader, request: web.Request) -> web.StreamResponse:
    """Show the page, or go to the list of a reader who is signed in."""
    if await reader.sign_ins.of(request):
        raise web.HTTPSeeOther(path_to("/my"), headers={"Cache-Control": "private, no-cache", "Vary": "Cookie"})
    response = render("saved.html")
    response.headers["Vary"] = "Accept-Encoding, Cookie"
    return response
