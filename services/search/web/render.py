"""Templates to answers. Everything in a paper comes from strangers: templates escape, and links are checked."""

from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

HERE = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_AUTHORS_SHOWN = 8


def marked(text: str, marks: Sequence[Sequence[int]]) -> Markup:
    """Escape a text and put `<mark>` around some of it."""
    parts, last = [], 0
    for start, end in marks:
        parts += [escape(text[last:start]), Markup("<mark>"), escape(text[start:end]), Markup("</mark>")]
        last = end
    return Markup("").join([*parts, escape(text[last:])])


def external(url: str | None) -> str | None:
    """Let a link through when it leads to the web; `javascript:` and its like do not."""
    try:
        return url if url and urlsplit(url).scheme in ("http", "https") else None
    except ValueError:
        return None


def page_of(paper_id: str) -> str:
    """Give the address of a paper's page."""
    return f"/papers/{quote(paper_id, safe=':')}"


def search_for(pairs: Sequence[tuple[str, object]]) -> str:
    """Give the address of a search; parameters without a value are left out."""
    return "/?" + urlencode([(name, value) for name, value in pairs if value])


def people(authors: Sequence[dict[str, str]]) -> str:
    """Name the authors, of many the first ones."""
    names = [author["name"] for author in authors[:_AUTHORS_SHOWN]]
    more = len(authors) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"marked": marked, "external": external, "page_of": page_of, "people": people}
    environment.globals |= {"search_for": search_for}
    return environment


_ENVIRONMENT = _environment()


def render(template: str, *, status: HTTPStatus = HTTPStatus.OK, **context: Any) -> web.Response:  # noqa: ANN401
    """Fill a template in; `context` is whatever it names."""
    text = _ENVIRONMENT.get_template(template).render(context)
    return web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)
