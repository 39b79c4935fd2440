"""The export of a search: all its papers as one file, streamed page by page."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import structlog
from aiohttp import web

from services.search.api.parameters import ExportParameters
from services.search.api.reader import Reader
from services.search.ranking.paper_index import Sort
from shared.errors import TransientError
from shared.export.paper_files import FORMATS, File
from shared.http import Api
from shared.http.api import Place
from shared.time_limit import in_thread

log = structlog.get_logger("search")
PAGE: Final = 64
"""Papers that are read at once: each may have 5,000 authors."""
TRIES: Final = 5
"""Attempts to read a page, so that a busy moment does not break an export off."""
RETRY_S: Final = 1.0


class Exports:
    """Exports the papers of searches. A place is held while a page is made, not while the client reads it."""

    def __init__(self, reader: Reader, place: Place) -> None:
        """`place` gives a client its turn."""
        self._reader = reader
        self._place = place

    async def export(self, request: web.Request, asked: ExportParameters) -> web.Response:
        """Return the file of a search, of which nothing is read yet but which papers it has, and their order."""
        signed_in = await self._reader.sign_ins.asker(request, asked.q)
        ranked = await self._reader.ranked(asked, signed_in)
        sort = None if asked.sort == "relevance" else Sort(asked.sort)
        points, total = await self._reader.engine.points(ranked, sort, limit=asked.limit)
        form = FORMATS[asked.format]
        headers = {
            "Content-Disposition": f'attachment; filename="papers.{form.suffix}"',
            "X-Total-Count": str(total),
        }
        if signed_in:
            headers["Cache-Control"] = "private, no-cache"
        pages = self._pages(request, File(asked.format), points)
        return web.Response(body=pages, content_type=form.media, charset="utf-8", headers=headers)

    async def _pages(self, request: web.Request, file: File, points: Sequence[str]) -> AsyncIterator[bytes]:
        for start in range(0, len(points), PAGE):
            try:
                papers = await self._read(request, points[start : start + PAGE])
            except TransientError as error:
                log.warning("export aborted", papers=start, reason=str(error))
                if request.transport:
                    request.transport.abort()  # a clean end would make the part look whole
                return
            yield await in_thread(file.part, papers)
        yield file.end()

    async def _read(self, request: web.Request, points: Sequence[str], tries: int = TRIES) -> list[dict[str, Any]]:
        """Read papers, without those that are gone meanwhile; raises TransientError after the last of the tries."""
        try:
            async with self._place(request):
                found = await self._reader.papers.get(points, ("paper",))
        except TransientError as error:
            if tries == 1:
                raise
            await asyncio.sleep(error.retry_after or RETRY_S)
            return await self._read(request, points, tries - 1)
        return [found[point]["paper"] for point in points if point in found]


def register(api: Api, reader: Reader) -> None:
    """Add the route to an API."""
    exports = Exports(reader, api.place)

    @api.route(
        "GET",
        "/v1/export",
        summary="Export the papers of a search",
        response={form.media: form.answer for form in FORMATS.values()},
        query=ExportParameters,
    )
    async def export(request: web.Request, asked: ExportParameters) -> web.Response:
        """Return all papers of a search as one file: BibTeX, RIS, CSL-JSON, or JSON Lines for an import.

        With words these are its 200 most relevant papers, without words all that pass the filters, up to 10,000.
        `X-Total-Count` says how many there are. A file that breaks off is not whole: request it again.
        """
        return await exports.export(request, asked)
