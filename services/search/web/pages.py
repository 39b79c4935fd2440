"""The pages for people."""

from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from aiohttp import web

from services.search import answers
from services.search.conditions import where
from services.search.guard import Guard
from services.search.http import Reader
from services.search.params import SearchParameters
from services.search.query import Filters
from services.search.web.docs import operations
from services.search.web.render import HERE, render
from shared.errors import TransientError
from shared.http import Api, Problem, document
from shared.http.api import read_query

SIMILAR = 10
Page = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Pages:
    """Home with the search, one paper, the documentation of the API."""

    def __init__(self, reader: Reader, apis: Callable[[], Sequence[Api]]) -> None:
        """`apis` gives what the process answers, when asked."""
        self._reader = reader
        self._apis = apis

    def routes(self, guard: Guard) -> list[web.AbstractRouteDef]:
        """Give the routes; each page counts as a request of its client."""
        return [
            web.get("/", told(guard.guarded(self.home))),
            web.get("/papers/{id:.+}", told(guard.guarded(self.paper))),
            web.get("/docs", told(guard.guarded(self.docs))),
            web.static("/static", HERE / "static"),
        ]

    async def home(self, request: web.Request) -> web.Response:
        """Show the search box, and the results or the newest papers."""
        asked = read_query(request, SearchParameters)
        answer = await self._reader.search(asked)
        kept = [(name, value) for name, value in request.query.items() if name not in ("q", "cursor", "sort") and value]
        count = await self._reader.papers.count()
        return render("home.html", asked=asked, answer=answer, kept=kept, count=count)

    async def paper(self, request: web.Request) -> web.Response:
        """Show one paper, and papers like it."""
        hit = await self._reader.paper(request.match_info["id"])
        similar = await self._reader.papers.like([hit.point], [], where(Filters()), limit=SIMILAR)
        return render("paper.html", paper=hit.payload["paper"], similar=answers.listed(similar))

    async def docs(self, _: web.Request) -> web.Response:
        """Show how to use the API."""
        return render("docs.html", operations=operations(document(self._apis(), version=version("paperwire"))))


def told(page: Page) -> Page:
    """Show a failure as a page."""

    @wraps(page)
    async def shown(request: web.Request) -> web.StreamResponse:
        try:
            return await page(request)
        except Problem as problem:
            return _failure(problem.status, str(problem), problem.headers)
        except TransientError as error:
            return _failure(HTTPStatus.SERVICE_UNAVAILABLE, f"Try again shortly: {error}", {"Retry-After": "2"})

    return shown


def _failure(status: int, detail: str, headers: dict[str, Any]) -> web.Response:
    known = HTTPStatus(status)
    response = render("problem.html", status=known, title=known.phrase, detail=detail)
    response.headers.update(headers)
    return response
