"""unAPI (https://unapi.info/specs/): the records of the papers that a page names, as Zotero's connector asks for them.

A page names its papers by `<abbr class="unapi-id" title="…">`. Zotero puts that title into an address as it is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import quoteattr

from aiohttp import web

from services.search.api.guard import Guard
from services.search.api.reader import Reader
from shared.export.paper_files import FORMATS, whole
from shared.export.zotero_rdf import zotero_rdf
from shared.http import Problem
from shared.papers.paper import Paper

PATH: Final = "/unapi"
_XML: Final = "application/xml"
_CHOICES: Final = 300


@dataclass(frozen=True, slots=True)
class Format:
    """A format of records. `docs` is the address of its description."""

    media: str
    docs: str
    write: Callable[[Paper], bytes]


def _of_files(name: str, docs: str) -> Format:
    return Format(FORMATS[name].media, docs, lambda paper: whole(name, [paper.model_dump(mode="json")]))  # type: ignore[index,arg-type]


RECORDS: Final[Mapping[str, Format]] = {
    "rdf_zotero": Format("application/rdf+xml", "https://www.zotero.org/support/kb/importing_records", zotero_rdf),
    "ris": _of_files("ris", "https://en.wikipedia.org/wiki/RIS_(file_format)"),
    "bibtex": _of_files("bibtex", "https://www.bibtex.org/Format/"),
    "csl": _of_files("csl", "https://docs.citationstyles.org/en/stable/specification.html"),
}
"""The formats by name. Zotero takes the first that it knows, which says most."""


def formats(paper: str | None = None) -> str:
    """List the formats of all papers, or of one."""
    whose = f" id={quoteattr(paper)}" if paper else ""
    rows = [
        f"<format name={quoteattr(name)} type={quoteattr(row.media)} docs={quoteattr(row.docs)}/>"
        for name, row in RECORDS.items()
    ]
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', f"<formats{whose}>", *rows, "</formats>", ""])


def unapi_routes(reader: Reader, guard: Guard) -> list[web.AbstractRouteDef]:
    """Return the route."""

    async def answer(request: web.Request) -> web.StreamResponse:
        """List the formats, or return the record of a paper in one of them."""
        paper, form = request.query.get("id"), request.query.get("format")
        if not paper:
            if form:
                raise Problem(400, "id is missing: give the id of a paper.")
            return web.Response(text=formats(), content_type=_XML)
        found = Paper.model_validate((await reader.paper(paper)).payload["paper"])
        if not form:
            return web.Response(text=formats(paper), status=_CHOICES, content_type=_XML)
        if form not in RECORDS:
            raise Problem(406, f"format must be one of {', '.join(RECORDS)}.")
        row = RECORDS[form]
        return web.Response(body=row.write(found), content_type=row.media, charset="utf-8")

    return [web.get(PATH, guard.guarded(answer))]
