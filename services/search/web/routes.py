"""The routes of the web pages, and the page of an error."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial, wraps
from http import HTTPStatus
from typing import Final

from aiohttp import web

from services.search.api.guard import Guard
from services.search.api.reader import Reader
from services.search.web.pages import author, docs, for_you, home, paper, picture, saved, search, status
from services.search.web.pages import map as map_page
from services.search.web.render import LANGUAGES, render
from shared.http import Problem
from shared.outages import POSSIBLE_OUTAGES, outage
from shared.text.spoken_languages import accepted_languages

Page = Callable[[Reader, web.Request], Awaitable[web.StreamResponse]]
PAGES: Final[Mapping[str, Page]] = {
    "/": home.show,
    "/search": search.show,
    "/papers/{id:.+}": paper.show,
    "/authors/{name:.+}": author.show,
    "/for-you": for_you.show,
    "/map": map_page.show,
    "/saved": saved.show,
    "/status": status.show,
    "/docs": docs.show,
    "/docs/plain": docs.show_plain,
}
PICTURE: Final = "/papers/{id:.+}/picture.webp"


def page_routes(reader: Reader, guard: Guard) -> list[web.AbstractRouteDef]:
    """Return the routes; each page counts as a request of its client, and so do not the pictures on it."""
    pages = [web.get(path, with_error_page(guard.guarded(partial(show, reader)))) for path, show in PAGES.items()]
    points = web.get("/map.json", guard.guarded(partial(map_page.points, reader)))
    pictures = web.get(PICTURE, guard.guarded(partial(picture.show, reader), counted=False))
    return [pictures, *pages, points]


def with_error_page(
    page: Callable[..., Awaitable[web.StreamResponse]],
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Answer an error with a page."""

    @wraps(page)
    async def shown(request: web.Request) -> web.StreamResponse:
        LANGUAGES.set(accepted_languages(request.headers.get("Accept-Language", "")))
        try:
            return await page(request)
        except Problem as problem:
            return error_page(problem)
        except POSSIBLE_OUTAGES as error:
            if (what := outage(error)) is None:
                raise
            return error_page(Problem(503, f"Try again shortly: {what}.", headers={"Retry-After": "2"}))

    return shown


def error_page(problem: Problem) -> web.Response:
    """Return the page of a problem."""
    known = HTTPStatus(problem.status)
    response = render("problem.html", status=known, title=known.phrase, detail=str(problem))
    response.headers.update(problem.headers)
    return response
