"""The parameters, bodies and answers of the routes of reading lists."""

from typing import Final, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from services.notifier.fields.text import PaperId
from services.notifier.reading.list_cursors import PATTERN
from shared.export.paper_files import FormatId
from shared.http.api import Body, Query
from shared.papers.paper import Model, Paper
from shared.readers.reading_list import Edit, ListRow, Mark, Note, State, Tag, Tags

MAX_MARKS: Final = 200
"""Papers whose marks are asked for at once."""


class ReadingListQuery(Query):
    """A part of a reading list."""

    state: State | None = Field(default=None, description="unread is saved and not read")
    tag: Tag | None = None
    limit: int = Field(default=20, ge=1, le=200, description="papers on a page")
    cursor: str | None = Field(default=None, pattern=PATTERN, description="`next_cursor` of the page before")


class MarksQuery(Query):
    """Papers to tell the marks of."""

    id: list[PaperId] = Field(min_length=1, max_length=MAX_MARKS, description="any id of a paper; repeat it")


class ReadingExport(Query):
    """The format and the part of a file."""

    format: FormatId | Literal["json"] = Field(
        default="json", description="json has the marks too; the others are those of every export of papers"
    )
    state: State | None = Field(default=None, description="only papers of this state; without it, all but hidden ones")
    tag: Tag | None = None


class PaperMarks(Body):
    """What to change of the marks of a paper; what is left out stays as it is."""

    saved: bool | None = None
    read: bool | None = None
    hidden: bool | None = None
    liked: bool | None = None
    disliked: bool | None = None
    tags: Tags | None = Field(default=None, description="all tags of the paper, in lower case")
    note: Note | None = Field(default=None, description="plain text; an empty one deletes the note")

    @model_validator(mode="after")
    def _one_opinion(self) -> Self:
        if self.liked and self.disliked:
            raise PydanticCustomError("marks", "liked and disliked exclude each other")
        return self

    def edit(self) -> Edit:
        """Return the change."""
        return Edit(**dict(self))


class Imported(Model):
    """What an import did."""

    imported: int = Field(description="rows that are in the list now")
    unknown: tuple[str, ...] = Field(description="ids of papers that are not in the index")


class ReadingEntry(ListRow):
    """A row of a reading list with its paper."""

    paper: Paper | None = Field(default=None, description="as the index has it; null if it no longer has it")


class ReadingPage(Model):
    """A part of a reading list, the last row first."""

    papers: tuple[ReadingEntry, ...]
    next_cursor: str | None


class ReadingFile(Model):
    """A whole reading list, or the part of it that was asked for, the last row first."""

    papers: tuple[ReadingEntry, ...]


class PaperMark(Model):
    """The marks of one paper."""

    paper: str = Field(description="the id of the work")
    mark: Mark


class PaperMarksAnswer(Model):
    """The marks of papers."""

    marks: dict[str, Mark] = Field(description="by the ids that were asked for")


class TagCount(Model):
    """A tag and its number of papers."""

    tag: str
    count: int


class ReadingCounts(Model):
    """The size of a reading list."""

    states: dict[State, int] = Field(description="the number of papers of each state")
    tags: tuple[TagCount, ...] = Field(description="the most frequent first")
