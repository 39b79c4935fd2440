"""The routes of reading lists: each belongs to the API key that asks."""

from typing import Final

from aiohttp import web

from services.notifier.access.guards import OWNER, refuse_with_422
from services.notifier.api.reading_models import (
    Imported,
    MarksQuery,
    PaperMark,
    PaperMarks,
    PaperMarksAnswer,
    ReadingCounts,
    ReadingEntry,
    ReadingExport,
    ReadingFile,
    ReadingListQuery,
    ReadingPage,
    TagCount,
)
from services.notifier.reading.kept_papers import ReadingImport
from services.notifier.reading.list_cursors import following
from services.notifier.reading.list_export import exported
from services.notifier.reading.marked_papers import MarkedPapers
from shared.export.paper_files import FORMATS
from shared.http import Api, Problem
from shared.readers.reading_list import ALL, STATES

_LIST = "/v1/reading-list"
_ONE = f"{_LIST}/papers/{{id:.+}}"
_ANSWERS: Final = {"application/json": ReadingFile, **{form.media: form.answer for form in FORMATS.values()}}
"""The answers of an export by their media types."""


class ReadingApi:
    """The operations."""

    def __init__(self, marked: MarkedPapers) -> None:
        self._marked = marked

    async def list_reading(self, request: web.Request, asked: ReadingListQuery) -> ReadingPage:
        """List the papers that the owner of the key marked, the last first."""
        places = await self._marked.places(request[OWNER], labels(asked.state, asked.tag))
        ids, cursor = following(places, asked.cursor, asked.limit)
        rows = await self._marked.lists.listed(request[OWNER], ids)
        found = [pair async for part in self._marked.papers(rows) for pair in part]
        entries = tuple(ReadingEntry.model_validate(dict(row) | {"paper": paper}) for row, paper in found)
        return ReadingPage(papers=entries, next_cursor=cursor)

    async def mark_paper(self, request: web.Request, marks: PaperMarks) -> PaperMark:
        """Change the marks of a paper: save it, mark it as read, hide it, like it, tag it, or write a note.

        What is left out stays as it is. A paper with nothing marked leaves the list.
        """
        id_ = request.match_info["id"]
        row = await refuse_with_422(self._marked.mark(request[OWNER], id_, marks.edit()))
        if row is None:
            raise Problem(404, f"The paper {id_} is not in the index.")
        return PaperMark(paper=row.id, mark=row.mark)

    async def unmark_paper(self, request: web.Request) -> None:
        """Delete everything that is marked on a paper."""
        id_ = request.match_info["id"]
        if not await self._marked.remove(request[OWNER], id_):
            raise Problem(404, f"The paper {id_} is not in the reading list.")

    async def delete_reading_list(self, request: web.Request) -> None:
        """Delete the whole reading list at once. It cannot be restored."""
        await self._marked.lists.clear(request[OWNER])

    async def get_marks(self, request: web.Request, asked: MarksQuery) -> PaperMarksAnswer:
        """Return the marks of up to 200 papers, by any of their ids."""
        return PaperMarksAnswer(marks=await self._marked.marks(request[OWNER], asked.id))

    async def count_reading(self, request: web.Request) -> ReadingCounts:
        """Count the papers of the list by state and by tag."""
        return counted(await self._marked.lists.counts(request[OWNER]))

    async def import_reading(self, request: web.Request, sent: ReadingImport) -> Imported:
        """Add rows that were kept elsewhere: marks and tags are joined with those that are there."""
        done, unknown = await refuse_with_422(self._marked.merge(request[OWNER], sent.papers))
        return Imported(imported=done, unknown=tuple(unknown))

    async def export_reading(self, request: web.Request, asked: ReadingExport) -> web.Response:
        """Return the list as one file: JSON with the marks, or JSON Lines, BibTeX, RIS and CSL-JSON.

        Without a state these are all papers but hidden ones. A file that breaks off is not whole: request it again.
        """
        rows = await self._marked.exported(request[OWNER], labels(asked.state, asked.tag))
        return exported(asked.format, self._marked.papers(rows))


def labels(state: str | None, tag: str | None) -> tuple[str, ...]:
    """Return the labels of the rows of a state and with a tag; all rows without either."""
    return (*((f"is:{state}",) if state else ()), *((f"tag:{tag}",) if tag else ())) or (ALL,)


def counted(counts: dict[str, int]) -> ReadingCounts:
    """Return the counts of labels by state and by tag."""
    tags = sorted((-count, label.removeprefix("tag:")) for label, count in counts.items() if label.startswith("tag:"))
    states = {state: counts.get(f"is:{state}", 0) for state in STATES}
    return ReadingCounts(states=states, tags=tuple(TagCount(tag=tag, count=-count) for count, tag in tags))


def reading_routes(api: Api, do: ReadingApi) -> None:
    """Add the routes to those of the notifier."""
    api.route(
        "GET", _LIST, summary="List the reading list", response=ReadingPage, query=ReadingListQuery, secured=True
    )(do.list_reading)
    api.route("DELETE", _LIST, summary="Delete the reading list", response=None, status=204, secured=True)(
        do.delete_reading_list
    )
    api.route(
        "PATCH", _ONE, summary="Mark a paper", response=PaperMark, body=PaperMarks, secured=True, problems=(404,)
    )(do.mark_paper)
    api.route("DELETE", _ONE, summary="Delete the marks of a paper", response=None, status=204, secured=True)(
        do.unmark_paper
    )
    api.route(
        "GET", f"{_LIST}/marks", summary="Get the marks of papers", response=PaperMarksAnswer, query=MarksQuery,
        secured=True,
    )(do.get_marks)  # fmt: skip
    api.route("GET", f"{_LIST}/tags", summary="Count the reading list", response=ReadingCounts, secured=True)(
        do.count_reading
    )
    api.route(
        "POST", f"{_LIST}/import", summary="Add rows to the reading list", response=Imported, body=ReadingImport,
        secured=True,
    )(do.import_reading)  # fmt: skip
    api.route(
        "GET", f"{_LIST}/export", summary="Export the reading list", response=_ANSWERS, query=ReadingExport,
        secured=True,
    )(do.export_reading)  # fmt: skip
