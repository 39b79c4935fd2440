"""Marks papers for readers, and reads their lists with the papers as the index has them now."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from services.notifier.matching.indexed_papers import IndexedPapers
from services.notifier.reading.kept_papers import KeptPaper
from services.notifier.reading.list_cursors import Place
from shared.moments import from_unix
from shared.papers.names import canonical_id
from shared.readers.reading_list import (
    ALL,
    MAX_TITLE,
    Edit,
    ListRow,
    Mark,
    found_mark,
    joined,
)
from shared.readers.reading_store import Change, ReadingLists

Document = dict[str, Any]
READ_AT_ONCE: Final = 64
"""Papers that are read from the index at once: each may have 5,000 authors."""


class MarkedPapers:
    """Reads and changes the reading lists of owners. `clock` returns Unix seconds.

    Every method that reads the index raises TransientError if Qdrant does not answer.
    """

    def __init__(self, lists: ReadingLists, papers: IndexedPapers, clock: Callable[[], float]) -> None:
        self.lists = lists
        self._papers = papers
        self._clock = clock

    async def mark(self, owner: str, paper: str, edit: Edit) -> ListRow | None:
        """Change the marks of a paper, by any of its ids; return its row, or None for an unknown paper.

        Raises:
            PermanentError: the list is full.

        """
        id_, now = canonical_id(paper), from_unix(self._clock())
        known = await self._known([id_])
        if id_ not in known and not await self.lists.rows(owner, [id_]):
            return None
        change = _change(id_, known.get(id_), now, lambda row: edit.apply(row, now))
        return (await self.lists.change(owner, [change]))[0]

    async def settle(self, owner: str, ids: Sequence[str]) -> bool:
        """Join the rows of works that turned out to be one, under its present id; return whether there were any."""
        named = await self._papers.named(ids) if ids else {}
        moved: dict[str, list[str]] = {}
        for id_ in ids:
            if (work := named.get(id_, id_)) != id_:
                moved.setdefault(work, []).append(id_)
        now = from_unix(self._clock())
        changes = [
            Change(work, tuple(rows), ListRow(id=work, added_at=now), lambda row: row) for work, rows in moved.items()
        ]
        if changes:
            await self.lists.change(owner, changes)
        return bool(changes)

    async def remove(self, owner: str, paper: str) -> bool:
        """Delete the row of a paper, by any of its ids; return whether there was one."""
        id_ = canonical_id(paper)
        known = (await self._known([id_])).get(id_)
        ids = known[1] if known else (id_,)
        if not await self.lists.rows(owner, ids):
            return False
        nothing = Edit(saved=False, read=False, hidden=False, liked=False, disliked=False, tags=(), note="")
        now = from_unix(self._clock())
        await self.lists.change(owner, [_change(id_, known, now, lambda row: nothing.apply(row, now))])
        return True

    async def marks(self, owner: str, papers: Sequence[str]) -> dict[str, Mark]:
        """Return the marks of papers, by the ids that were asked for."""
        names = {paper: canonical_id(paper) for paper in papers}
        known = await self._known(list(names.values()))
        ids = {paper: known[name][1] if name in known else (name,) for paper, name in names.items()}
        rows = await self.lists.rows(owner, [id_ for each in ids.values() for id_ in each])
        return {paper: found_mark(rows, each) for paper, each in ids.items()}

    async def merge(self, owner: str, kept: Sequence[KeptPaper]) -> tuple[int, list[str]]:
        """Add rows to a list: marks and tags are joined with those that are there.

        Return the number of rows that are in the list now, and the ids of papers that are not in the index.

        Raises:
            PermanentError: the list would be too large; rows before that are added.

        """
        now, done, unknown = from_unix(self._clock()), 0, list[str]()
        for start in range(0, len(kept), READ_AT_ONCE):
            part = [(canonical_id(row.id), row) for row in kept[start : start + READ_AT_ONCE]]
            known = await self._known(dict.fromkeys(id_ for id_, _ in part))
            unknown += dict.fromkeys(id_ for id_, _ in part if id_ not in known)
            changes = [
                _change(id_, known[id_], now, partial(_joined, kept=_row(row, now)))
                for id_, row in part
                if id_ in known
            ]
            done += len({row.id for row in await self.lists.change(owner, changes) if not row.empty})
        return done, unknown

    async def places(self, owner: str, labels: Sequence[str]) -> list[Place]:
        """Return the places of the rows that have all labels, in the order of the first of them; without any, all."""
        first, *others = labels or (ALL,)
        found = await self.lists.scores(owner, first)
        for label in others:
            among = await self.lists.scores(owner, label)
            found = {id_: score for id_, score in found.items() if id_ in among}
        return [Place(score, id_) for id_, score in found.items()]

    async def exported(self, owner: str, labels: Sequence[str]) -> list[ListRow]:
        """Return the rows that have all labels, the last first; hidden ones only if their label is among them."""
        hidden = {} if "is:hidden" in labels else await self.lists.scores(owner, "is:hidden")
        ids = [place.id for place in await self.places(owner, labels) if place.id not in hidden]
        return await self.lists.listed(owner, ids)

    async def papers(self, rows: Sequence[ListRow]) -> AsyncIterator[list[tuple[ListRow, Document | None]]]:
        """Yield the rows with their papers, some at a time; None for a paper that the index no longer has."""
        for start in range(0, len(rows), READ_AT_ONCE):
            part = rows[start : start + READ_AT_ONCE]
            current = await self._papers.current([row.id for row in part])
            yield [(row, current.get(row.id)) for row in part]

    async def _known(self, ids: Iterable[str]) -> dict[str, tuple[Document, tuple[str, ...]]]:
        """Return the papers with some ids, each with all ids that it is known by."""
        names = [id_ for id_ in ids if id_]
        return aliased(await self._papers.current(names)) if names else {}


def aliased(current: Mapping[str, Document]) -> dict[str, tuple[Document, tuple[str, ...]]]:
    """Return the papers of an index by their ids, each with all of its ids."""
    ids: dict[str, list[str]] = {}
    for id_, paper in current.items():
        ids.setdefault(paper["id"], []).append(id_)
    return {id_: (paper, tuple(ids[paper["id"]])) for id_, paper in current.items()}


def _change(
    id_: str, known: tuple[Document, tuple[str, ...]] | None, now: datetime, edit: Callable[[ListRow], ListRow]
) -> Change:
    """Return the change of a paper, which is stored under the id of its work."""
    if known is None:
        return Change(id_, (id_,), ListRow(id=id_, added_at=now), edit)
    paper, ids = known
    return Change(paper["id"], ids, ListRow(id=paper["id"], title=paper["title"][:MAX_TITLE], added_at=now), edit)


def _joined(row: ListRow, kept: ListRow) -> ListRow:
    return joined([row, kept])


def _row(kept: KeptPaper, now: datetime) -> ListRow:
    moments = {name: at for name in KeptPaper.model_fields if name.endswith("_at") and (at := getattr(kept, name))}
    added = min([now, *moments.values()])
    return ListRow(id=kept.id, added_at=added, tags=kept.tags, note=kept.note, **moments)
