"""Rows of a reading list that were kept elsewhere, such as in a browser before its reader signed in. Pure."""

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, Field
from pydantic_core import PydanticCustomError

from services.notifier.fields.text import PaperId
from shared.http.api import Body
from shared.moments import as_utc
from shared.readers.reading_list import MAX_TITLE, Note, Tags

MAX_IMPORT: Final = 1_000
"""Rows of one import."""
_FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)


def _past(moment: datetime) -> datetime:
    if not _FIRST <= moment <= datetime(2100, 1, 1, tzinfo=UTC):
        raise PydanticCustomError("moment", "must be between the years 2000 and 2100")
    return as_utc(moment)


Past = Annotated[AwareDatetime, AfterValidator(_past)]
"""When a reader did something, with its time zone."""


class KeptPaper(Body):
    """A row of a list that was kept elsewhere, such as in a browser."""

    id: PaperId
    title: Annotated[str, Field(max_length=MAX_TITLE)] = ""
    saved_at: Past | None = None
    read_at: Past | None = None
    hidden_at: Past | None = None
    liked_at: Past | None = None
    disliked_at: Past | None = None
    tags: Tags = ()
    note: Note = ""


class ReadingImport(Body):
    """Rows to add to the list: marks and tags are joined with those that are there."""

    papers: tuple[KeptPaper, ...] = Field(min_length=1, max_length=MAX_IMPORT)
