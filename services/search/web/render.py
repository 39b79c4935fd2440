"""Renders templates as responses. Everything in a paper is untrusted: templates escape it, and links are checked."""

from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.search.api.sign_ins import NO_MARKS
from services.search.web import category_names, formatting, urls
from shared.http.assets import Assets
from shared.http.site import origin, path_to
from shared.papers.happenings import version_of
from shared.papers.paths import author_path
from shared.papers.tldr import Summary, summary_of

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding, Accept-Language",
}

PRIVATE: Final = {"Cache-Control": "private, no-store", "Vary": "Accept-Encoding, Accept-Language, Cookie"}
"""The headers of a page for one reader. A page that is stored would show old marks to a reader who goes back."""
SIGNED_OUT: Final[Mapping[str, Any]] = {
    "reader": None,
    "marks": NO_MARKS,
    "back": "",
    "hidden_count": 0,
    "unhide": "",
}
"""The variables of a page for everybody."""
ASSETS: Final = Assets(Path(__file__).parent / "static", "/static")
VENDORED: Final = Assets(Path(__file__).parent / "vendor", "/static/vendor")
"""The program of the page that tries the API; docs/licenses.md says where it is from."""


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "abstract_html": formatting.abstract_html,
        "ago": lambda moment: formatting.ago(moment, datetime.now(UTC)),
        "anchor": urls.anchor,
        "author_feed": urls.author_feed,
        "author_page": urls.author_page,
        "author_path": author_path,
        "count": formatting.count,
        "day": formatting.day,
        "external": urls.external,
        "first_seen": formatting.first_seen,
        "field": category_names.name,
        "gist": formatting.gist,
        "host": urls.host,
        "json_of": urls.json_of,
        "number": formatting.number,
        "page_of": urls.page_of,
        "similar_feed": urls.similar_feed,
        "summary": _summary,
        "unapi_id": urls.unapi_id,
        "title_html": formatting.title_html,
        "version_of": version_of,
    }
    environment.globals |= {
        "address": urls.address,
        "asset": ASSETS.address,
        "origin": origin,
        "path_to": path_to,
        "picture_of": urls.picture_of,
        "search_for": urls.search_for,
        "vendored": VENDORED.address,
    }
    return environment


def _summary(paper: Mapping[str, Any]) -> Summary | None:
    return summary_of(paper, LANGUAGES.get())


LANGUAGES: Final[ContextVar[tuple[str, ...]]] = ContextVar("languages", default=())
"""The languages that the reader of the page prefers."""
_ENVIRONMENT = _environment()


def render(template: str, *, status: HTTPStatus = HTTPStatus.OK, **context: Any) -> web.Response:  # noqa: ANN401
    """Render a template with the variables of `context`; the response is compressed where the client accepts it.

    The page of a `reader` who is signed in is for nobody else.
    """
    variables = {**SIGNED_OUT, **context}
    page = _ENVIRONMENT.get_template(template).render(variables)
    headers = HEADERS | PRIVATE if variables["reader"] else HEADERS
    response = web.Response(text=page, status=status, content_type="text/html", headers=headers)
    response.enable_compression()
    return response
