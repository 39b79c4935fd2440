"""The rendering of pages: a handler returns a `Page`, or raises an error for the reader."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache, wraps
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.notifier.secrets.signed_links import LinkError
from shared.errors import PermanentError
from shared.http import Problem
from shared.http.assets import Assets
from shared.http.patience import patient
from shared.http.site import origin, path_to
from shared.outages import POSSIBLE_OUTAGES, RETRY_S, outage
from shared.papers.paths import paper_path

ASSETS: Final = Assets(Path(__file__).parent / "static", "/subscribe/static")
MAX_FORM: Final = 64 * 1024
"""Bytes of a form."""
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_SCRIPT_POLICY: Final = _POLICY + "; script-src 'self'"
_HEADERS: Final = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Vary": "Accept-Encoding",
}

_SHOWN: Final = frozenset({401, 403, 404, 409, 422})
"""The statuses of problems that are shown as a page: a reader can do something about them."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be rendered: `scripts` allows our own scripts, `listed` lets search engines list it."""

    template: str
    context: Mapping[str, Any]
    status: int = HTTPStatus.OK
    scripts: bool = False
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A button that posts to the link of a token; with `choices` (values and labels) one has to be selected first."""

    label: str
    token: str
    field: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """A page of sentences, buttons, rows that each may have a button, and links (labels and addresses)."""

    title: str
    lines: tuple[str, ...] = ()
    forms: tuple[Form, ...] = ()
    rows: tuple[tuple[str, Form | None], ...] = ()
    links: tuple[tuple[str, str], ...] = ()

    def page(self, status: int = HTTPStatus.OK) -> Page:
        """Return the notice as a page."""
        return Page("notice.html", {"notice": self}, status)


Handler = Callable[[web.Request], Awaitable[Page]]


def answered(handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Turn a handler of pages into one of aiohttp: render its page, or a page about its error."""

    @wraps(handler)
    async def answer(request: web.Request) -> web.Response:
        headers: Mapping[str, str] = {}
        try:
            page = await patient(handler)(request)
        except LinkError as error:
            page = Notice("This link does not work", (str(error),)).page(HTTPStatus.NOT_FOUND)
        except Problem as problem:
            if problem.status not in _SHOWN:
                raise
            page = Notice("Nothing was changed", (str(problem),)).page(problem.status)
            headers = problem.headers
        except PermanentError as error:
            page = Notice("Nothing was changed", (str(error),)).page(HTTPStatus.CONFLICT)
        except POSSIBLE_OUTAGES as error:
            if outage(error) is None:
                raise
            lines = ("Paperwire cannot do this at the moment, and nothing was changed. Try again in a minute.",)
            page = Notice("Try again shortly", lines).page(HTTPStatus.SERVICE_UNAVAILABLE)
        response = _render(page)
        response.headers.update(headers)
        return response

    return answer


def document(text: str, content_type: str, policy: str, status: int = HTTPStatus.OK) -> web.Response:
    """Return a response that is neither stored nor listed, and that loads only what `policy` allows."""
    headers = _HEADERS | {"Content-Security-Policy": policy, "X-Robots-Tag": "noindex"}
    response = web.Response(text=text, status=status, content_type=content_type, headers=headers)
    response.enable_compression()
    return response


def _render(page: Page) -> web.Response:
    text = _environment().get_template(page.template).render(page.context)
    response = document(text, "text/html", _SCRIPT_POLICY if page.scripts else _POLICY, page.status)
    if page.status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = f"{RETRY_S:.0f}"
    if page.listed:
        del response.headers["X-Robots-Tag"]
    return response


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"asset": ASSETS.address, "origin": origin, "path_to": path_to}
    made.filters["page_of"] = lambda id_: path_to(paper_path(id_))
    return made


async def read_form(request: web.Request) -> dict[str, str]:
    """Return the text fields of a form, of each name the last; raises as `read_fields`."""
    return {name: values[-1] for name, values in (await read_fields(request)).items()}


async def read_fields(request: web.Request) -> dict[str, list[str]]:
    """Return the text fields of a form, of each name all values.

    Raises:
        Problem: the form is too large, or cannot be read.

    """
    if (request.content_length or 0) > MAX_FORM:
        raise Problem(413, f"The form is larger than {MAX_FORM:,} bytes.")
    try:
        fields = await request.post()
    except (ValueError, LookupError, RuntimeError, HttpProcessingError) as error:  # whatever its decoding raises
        raise Problem(400, "The form cannot be read. Send it in UTF-8, as a browser does.") from error
    texts: dict[str, list[str]] = {}
    for name, value in fields.items():
        if isinstance(value, str):
            texts.setdefault(name, []).append(value)
    return texts
