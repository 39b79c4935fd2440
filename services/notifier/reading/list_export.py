"""The files of a reading list: JSON with the marks, and the formats of every export of papers."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final, Literal

import orjson

from shared.export.paper_files import FORMATS, File, FormatId
from shared.readers.reading_list import ListRow
from shared.time_limit import in_thread

ExportFormat = FormatId | Literal["json"]
Rows = Sequence[tuple[ListRow, Mapping[str, Any] | None]]
_JSON: Final = "application/json"


def media_of(form: ExportFormat) -> str:
    """Return the media type of a format."""
    return _JSON if form == "json" else FORMATS[form].media


def suffix_of(form: ExportFormat) -> str:
    """Return the suffix of the files of a format."""
    return "json" if form == "json" else FORMATS[form].suffix


async def pages(form: ExportFormat, parts: AsyncIterator[Rows]) -> AsyncIterator[bytes]:
    """Yield a file part by part. A paper that the index no longer has is written with its id and its title."""
    if form == "json":
        before = b'{"papers":['
        async for rows in parts:
            yield before + await in_thread(_rows, rows)
            before = b","
        yield b"]}\n" if before == b"," else b'{"papers":[]}\n'
        return
    file = File(form)
    async for rows in parts:
        yield await in_thread(file.part, [paper or {"id": row.id, "title": row.title or row.id} for row, paper in rows])
    yield file.end()


def _rows(rows: Rows) -> bytes:
    whole = [row.model_dump(mode="json") | {"paper": paper} for row, paper in rows]
    return b",".join(map(orjson.dumps, whole))
