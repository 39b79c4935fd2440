"""The pages behind signed links: looking changes nothing, since mail scanners follow links; a POST acts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Protocol

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.notifier.secrets.signed_links import PATH, Action, Claim, LinkError, verify
from shared.errors import PermanentError, TransientError
from shared.http import Problem
from shared.http.assets import Assets

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
    "Vary": "Accept-Encoding",
}
ASSETS: Final = Assets(Path(__file__).parent / "static", "/subscribe/static")
MOST: Final = 64 * 1024
"""Bytes of a form."""


@dataclass(frozen=True, slots=True)
class Form:
    """A button that acts by posting to a token; with `choices` (values and labels) one of them is chosen first."""

    label: str
    token: str
    field: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """What a link shows: sentences, buttons, rows of a list each with its button, and links (labels and tokens)."""

    title: str
    lines: tuple[str, ...] = ()
    forms: tuple[Form, ...] = ()
    rows: tuple[tuple[str, Form | None], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    status: HTTPStatus = field(default=HTTPStatus.OK)


class Shower(Protocol):
    """What stands behind an action. Both raise `PermanentError` with a sentence for the reader."""

    async def show(self, claim: Claim) -> Page:
        """Ask whether to act; this changes nothing."""

    async def act(self, claim: Claim, form: Mapping[str, str]) -> Page:
        """Do it, and tell what was done."""


class LinkPages:
    """Answers signed links. `clock` gives Unix seconds."""

    def __init__(self, key: bytes, showers: Mapping[Action, Shower], clock: Callable[[], float]) -> None:
        self._key = key
        self._showers = showers
        self._clock = clock

    def routes(self) -> list[web.AbstractRouteDef]:
        """Give the routes."""
        path = PATH + "{token}"
        return [web.get(path, self.show), web.post(path, self.act)]

    async def show(self, request: web.Request) -> web.Response:
        """Ask whether to act."""
        return await self._answered(request, lambda shower, claim: shower.show(claim))

    async def act(self, request: web.Request) -> web.Response:
        """Act."""
        form = await read_form(request)
        return await self._answered(request, lambda shower, claim: shower.act(claim, form))

    def _shower(self, claim: Claim) -> Shower:
        if claim.action not in self._showers:
            raise LinkError("This link is of no use here.")
        return self._showers[claim.action]

    async def _answered(self, request: web.Request, call: Callable[[Shower, Claim], Any]) -> web.Response:
        try:
            claim = verify(self._key, request.match_info["token"], self._clock())
            return render(await call(self._shower(claim), claim))
        except LinkError as error:
            return render(Page("This link does not work", (str(error),), status=HTTPStatus.NOT_FOUND))
        except PermanentError as error:
            return render(Page("Nothing was changed", (str(error),), status=HTTPStatus.CONFLICT))
        except TransientError:
            again = Page("Try again shortly", ("Nothing was changed.",), status=HTTPStatus.SERVICE_UNAVAILABLE)
            return render(again)


async def read_form(request: web.Request) -> dict[str, str]:
    """Read the text fields of a form that was sent.

    Raises:
        Problem: it is too large, or no form that can be read.

    """
    if (request.content_length or 0) > MOST:
        raise Problem(413, f"The form is over {MOST:,} bytes.")
    try:
        fields = await request.post()
    except (ValueError, LookupError, RuntimeError, HttpProcessingError) as error:  # whatever its decoding raises
        raise Problem(400, "The form cannot be read: send it as a browser does, in UTF-8.") from error
    return {name: value for name, value in fields.items() if isinstance(value, str)}


@cache
def environment() -> Environment:
    """Give the environment of the pages' templates."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["asset"] = ASSETS.address
    return made


def render_template(
    name: str, context: Mapping[str, Any], status: int = HTTPStatus.OK, *, public: bool = False
) -> web.Response:
    """Fill in a template whose page may run our own script; what is `public` may be listed by search engines."""
    policy = HEADERS["Content-Security-Policy"].replace("default-src 'none';", "default-src 'none'; script-src 'self';")
    headers = HEADERS | {"Content-Security-Policy": policy}
    if public:
        del headers["X-Robots-Tag"]
    return _written(environment().get_template(name).render(context), status, headers)


def render(page: Page) -> web.Response:
    """Write a page as an answer."""
    text = environment().get_template("notice.html").render(page=page)
    return _written(text, page.status, HEADERS)


def _written(text: str, status: int, headers: Mapping[str, str]) -> web.Response:
    response = web.Response(text=text, status=status, content_type="text/html", headers=headers)
    response.enable_compression()
    return response
