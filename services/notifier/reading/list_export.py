"""The files of a reading list: JSON with the marks, and the formats of every export of papers."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final, Literal

import orjson
from aiohttp import web

from shared.export.paper_files import FORMATS, File, FormatId
from shared.readers.reading_list import ListRow
from shared.time_limit import in_thread

ExportFormat = FormatId | Literal["json"]
Rows = Sequence[tuple[ListRow, Mapping[str, Any] | None]]
_JSON: Final = "application/json"


def exported(form: ExportFormat, parts: AsyncIterator[Rows]) -> web.Response:
    """Return the file of some rows as an answer, which is written part by part."""
    media, suffix = (_JSON, "json") if form == "json" else (FORMATS[form].media, FORMATS[form].suffix)
    headers = {
        "Content-Disposition": f'attachment; filename="reading-list.{suffix}"',
        "Cache-Control": "private, no-store",
    }
    return web.Response(body=pages(form, parts), content_type=media, charset="utf-8", headers=headers)


async def pages(form: ExportFormat, parts: AsyncIterator[Rows]) -> AsyncIterator[bytes]:
    """Yield a file part by part. A paper that the index no longer has is written with its id and its title.

    JSON has every row; in the other formats works that turned out to be one are written once.
    """
    if form == "json":
        before = b'{"papers":['
        async for rows in parts:
            yield before + await in_thread(_rows, rows)
            before = b","
        yield b"]}\n" if before == b"," else b'{"papers":[]}\n'
        return
    file, written = File(form), set[str]()
    async for rows in parts:
        papers = {
            paper["id"]: paper
            for paper in (found or {"id": row.id, "title": row.title or row.id} for row, found in rows)
            if paper["id"] not in written
        }
        written |= papers.keys()
        yield await in_thread(file.part, list(papers.values()))
    yield file.end()


def _rows(rows: Rows) -> bytes:
    whole = [row.model_dump(mode="json") | {"paper": paper} for row, paper in rows]
    return b",".join(map(orjson.dumps, whole))
