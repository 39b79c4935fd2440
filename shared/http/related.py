"""The links from an answer of the API to what belongs to it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from aiohttp import web
from yarl import URL

from shared.http.link_header import Link, header
from shared.http.site import path_to

DESCRIPTION: Final = "/openapi.json"
DOCUMENTATION: Final = "/docs/plain"
_CURSOR: Final = "cursor"


def link_header(request: web.Request, operation: str, alternates: Mapping[str, str], answer: Any) -> str:  # noqa: ANN401  # JSON or a model
    """Return the value of `Link` for the answer of an operation, by its name in the OpenAPI document.

    `alternates` maps a media type to the path, with the parameters of this path, of the same list in that type.
    """
    return header([*_pages(request, answer), *_descriptions(operation), *_alternates(request, alternates)])


def _pages(request: web.Request, answer: Any) -> Iterator[Link]:  # noqa: ANN401  # as above
    field = f"next_{_CURSOR}"
    cursor = answer.get(field) if isinstance(answer, Mapping) else getattr(answer, field, None)
    here = URL.build(
        path=path_to(request.rel_url.raw_path), query_string=request.rel_url.raw_query_string, encoded=True
    )
    if cursor:
        yield Link(str(here.update_query({_CURSOR: cursor})), "next")
    if _CURSOR in request.query:
        yield Link(str(here.without_query_params(_CURSOR)), "first")


def _descriptions(operation: str) -> Iterator[Link]:
    yield Link(path_to(DESCRIPTION), "service-desc", "application/json")
    yield Link(path_to(f"{DOCUMENTATION}#{operation}"), "describedby", "text/html")


def _alternates(request: web.Request, alternates: Mapping[str, str]) -> Iterator[Link]:
    query = request.rel_url.without_query_params(_CURSOR).raw_query_string
    for media, path in alternates.items():
        raw = URL.build(path=path.format_map(request.match_info)).raw_path
        yield Link(path_to(f"{raw}?{query}" if query else raw), "alternate", media)
