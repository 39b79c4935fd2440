"""Reading lists: what a reader marked papers with. Pure.

A row has the moments at which its reader saved, read, hid, liked or disliked a paper. From them follow its labels,
by which a list is read: `all`, `is:saved`, `is:unread` (saved and not read), `tag:proteins` and so on.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field

from shared.papers.paper import Model

MAX_PAPERS: Final = 10_000
"""Papers of one list."""
MAX_LABELS: Final = 1_000
"""Different tags of one list, and its states."""
MAX_TAGS: Final = 20
"""Tags of one paper."""
MAX_TAG: Final = 50
MAX_NOTE: Final = 2_000
"""Characters of a tag, and of a note."""
MAX_TITLE: Final = 1_000
State = Literal["saved", "unread", "read", "hidden", "liked", "disliked"]
STATES: Final[tuple[State, ...]] = ("saved", "unread", "read", "hidden", "liked", "disliked")
ALL: Final = "all"
"""The label of every row."""
_MOMENTS: Final = ("saved_at", "read_at", "hidden_at", "liked_at", "disliked_at")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""What no text of a reader has. Spaces of all widths and the joiners of emoji are no control characters."""
_INVISIBLE: Final = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Characters without a width, which a search ignores too: two tags must not differ by what nobody sees."""
_UNTAGGED: Final = re.compile('[,"\u201c\u201d\u201e]')
"""What separates tags, and what `tag:"…"` in a search ends with."""
_OPPOSITES: Final = {"liked": "disliked_at", "disliked": "liked_at"}


def _tag(text: str) -> str:
    spaced = _UNTAGGED.sub(" ", _INVISIBLE.sub("", text))
    tag = " ".join(unicodedata.normalize("NFC", spaced).lower().split())
    if _CONTROL.search(tag):
        raise ValueError("must not contain control characters")
    if not tag:
        raise ValueError("must have letters or digits")
    if len(tag) > MAX_TAG:  # some letters have two in lower case
        raise ValueError(f"must have at most {MAX_TAG} characters")
    return tag


def _note(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("must not contain control characters")
    return text.strip()


def _once(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tags))


def read_tag(text: str) -> str | None:
    """Return a tag as lists have it, or None for a text that is none."""
    try:
        return _tag(text)
    except ValueError:
        return None


Tag = Annotated[str, Field(min_length=1, max_length=MAX_TAG), AfterValidator(_tag)]
Tags = Annotated[tuple[Tag, ...], Field(max_length=MAX_TAGS), AfterValidator(_once)]
Note = Annotated[str, Field(max_length=MAX_NOTE), AfterValidator(_note)]


class Mark(Model):
    """What a reader marked a paper with."""

    saved: bool = False
    read: bool = False
    hidden: bool = False
    liked: bool = False
    disliked: bool = False
    tags: tuple[str, ...] = ()
    note: str = ""


NO_MARK: Final = Mark()


class ListRow(Model):
    """One paper of a reading list; the moments are null where the reader did not do that."""

    id: str = Field(description="the id of the work")
    title: str = ""
    added_at: datetime = Field(description="when the reader first marked the paper")
    saved_at: datetime | None = None
    read_at: datetime | None = None
    hidden_at: datetime | None = None
    liked_at: datetime | None = None
    disliked_at: datetime | None = None
    tags: tuple[str, ...] = ()
    note: str = ""

    @property
    def mark(self) -> Mark:
        """What the paper is marked with."""
        done = {name.removesuffix("_at"): getattr(self, name) is not None for name in _MOMENTS}
        return Mark(**done, tags=self.tags, note=self.note)

    @property
    def empty(self) -> bool:
        """Whether nothing is left that the reader marked."""
        return self.mark == NO_MARK

    def labels(self) -> dict[str, float]:
        """Return the labels of the row, each with the Unix seconds by which its list is ordered."""
        if self.empty:
            return {}
        added = self.added_at.timestamp()
        labels = {ALL: added} | {f"tag:{tag}": added for tag in self.tags}
        for name in _MOMENTS:
            if moment := getattr(self, name):
                labels[f"is:{name.removesuffix('_at')}"] = moment.timestamp()
        if self.saved_at and not self.read_at:
            labels["is:unread"] = self.saved_at.timestamp()
        return labels


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a row: what is None stays as it is."""

    saved: bool | None = None
    read: bool | None = None
    hidden: bool | None = None
    liked: bool | None = None
    disliked: bool | None = None
    tags: tuple[str, ...] | None = None
    note: str | None = None

    def apply(self, row: ListRow, now: datetime) -> ListRow:
        """Return the changed row; what is set already keeps its moment. A like ends a dislike, and vice versa."""
        changes: dict[str, Any] = {}
        for name in ("saved", "read", "hidden", "liked", "disliked"):
            wanted = getattr(self, name)
            if wanted is not None:
                changes[f"{name}_at"] = (getattr(row, f"{name}_at") or now) if wanted else None
            if wanted and name in _OPPOSITES:
                changes[_OPPOSITES[name]] = None
        given = {"tags": self.tags, "note": self.note}
        changes |= {name: value for name, value in given.items() if value is not None}
        return row.model_copy(update=changes)


def joined(rows: Sequence[ListRow]) -> ListRow:
    """Join the rows of works that turned out to be one; the first names it. A later like or dislike replaces another.

    Raises:
        ValueError: there is none.

    """
    if not rows:
        raise ValueError("there are no rows to join")
    first, *others = rows
    if not others:
        return first
    moments = {name: min((at for row in rows if (at := getattr(row, name))), default=None) for name in _MOMENTS}
    if (liked := moments["liked_at"]) and (disliked := moments["disliked_at"]):
        moments["disliked_at" if liked >= disliked else "liked_at"] = None
    tags = tuple(dict.fromkeys(tag for row in rows for tag in row.tags))[:MAX_TAGS]
    note = "\n".join(dict.fromkeys(row.note for row in rows if row.note))[:MAX_NOTE]
    added = min(row.added_at for row in rows)
    return first.model_copy(update={**moments, "tags": tags, "note": note, "added_at": added})


def found_mark(rows: Mapping[str, ListRow], ids: Iterable[str]) -> Mark:
    """Return the mark of a paper by any of its ids."""
    known = [rows[id_] for id_ in dict.fromkeys(ids) if id_ in rows]
    return joined(known).mark if known else NO_MARK
