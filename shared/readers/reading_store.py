"""Reading lists in Redis: a hash of the rows of each owner, and a sorted set of ids for each label of its rows.

One transaction writes a row, its labels and their counts, so that a page of a list and the counts cost one reading.
"""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import WatchError

from shared.errors import PermanentError, TransientError
from shared.outages import RETRY_S
from shared.readers.last_visit import Visit, visit_key
from shared.readers.reading_list import ALL, MAX_LABELS, MAX_PAPERS, ListRow, joined

CHUNK: Final = 100
"""Rows that are read at once: they hold the event loop for 10 ms."""
MAX_TRIES: Final = 60
"""How often a change is tried while others change the same list: with 20 of them each needs 20 tries at most."""
_PAUSE_S: Final = 0.04
"""The longest pause between two tries."""
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one paper: its rows under any of `ids` become one under `id`; `edit` changes it.

    `new` is the row that is changed if there is none.
    """

    id: str
    ids: tuple[str, ...]
    new: ListRow
    edit: Callable[[ListRow], ListRow]


@dataclass(slots=True)
class _Writing:
    """What a transaction writes: the rows by id (None to delete one), and its labels before and after."""

    rows: dict[str, ListRow | None] = field(default_factory=dict)
    before: dict[str, dict[str, float]] = field(default_factory=dict)
    after: dict[str, dict[str, float]] = field(default_factory=dict)

    def counts(self) -> Counter[str]:
        """Return by how much the count of each label changes."""
        change: Counter[str] = Counter(label for labels in self.after.values() for label in labels)
        change.subtract(label for labels in self.before.values() for label in labels)
        return change


@dataclass(frozen=True, slots=True)
class View:
    """What a page shows of a list: rows by id, the number of saved and of unread papers, and the last visit."""

    rows: Mapping[str, ListRow]
    counts: Mapping[str, int]
    visit: Visit | None


class ReadingLists:
    """Reads and writes lists. An owner without one has an empty one."""

    def __init__(self, redis: "Redis[bytes]") -> None:
        """The caller closes the client."""
        self._redis = redis

    async def rows(self, owner: str, ids: Iterable[str]) -> dict[str, ListRow]:
        """Return the rows of some papers by their ids, in one round trip."""
        names = list(dict.fromkeys(ids))
        raws = await self._redis.hmget(_rows(owner), names) if names else []
        return {name: _read(raw) for name, raw in zip(names, raws, strict=True) if raw}

    async def view(self, owner: str, ids: Iterable[str]) -> View:
        """Return what a page shows that has papers with these ids, in one round trip."""
        names, shown = list(dict.fromkeys(ids)), ("is:saved", "is:unread")
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.hmget(_counts(owner), shown)
            pipe.hmget(visit_key(owner), ("since", "at"))
            if names:
                pipe.hmget(_rows(owner), names)
            counts, visit, *raws = await pipe.execute()
        rows = {name: _read(raw) for name, raw in zip(names, raws[0] if raws else (), strict=True) if raw}
        found = {label.removeprefix("is:"): int(raw or 0) for label, raw in zip(shown, counts, strict=True)}
        return View(rows, found, Visit.read(visit))

    async def everyones(self) -> set[str]:
        """Return the ids of all papers that are on anybody's list."""
        found: set[str] = set()
        async for key in self._redis.scan_iter(match=_rows("*"), count=1_000):
            found.update(id_.decode() for id_ in await self._redis.hkeys(key))
        return found

    async def counts(self, owner: str) -> dict[str, int]:
        """Return the number of rows with each label."""
        found = await self._redis.hgetall(_counts(owner))
        return {label.decode(): int(count) for label, count in found.items()}

    async def ids(self, owner: str, label: str, first: int = 0, most: int = MAX_PAPERS) -> list[str]:
        """Return the ids of the rows with a label, the last first: at most `most`, without the `first` ones."""
        found: Any = await self._redis.zrevrange(_label(owner, label), first, first + most - 1)
        return [id_.decode() for id_ in found]

    async def scores(self, owner: str, label: str) -> dict[str, float]:
        """Return the ids of all rows with a label, with the Unix seconds by which they are ordered, the last first."""
        found: Any = await self._redis.zrevrange(_label(owner, label), 0, MAX_PAPERS - 1, withscores=True)
        return {id_.decode(): float(score) for id_, score in found}

    async def listed(self, owner: str, ids: Sequence[str]) -> list[ListRow]:
        """Return rows in the order of their ids, without those that are gone."""
        rows: dict[str, ListRow] = {}
        for start in range(0, len(ids), CHUNK):
            rows |= await self.rows(owner, ids[start : start + CHUNK])
        return [rows[id_] for id_ in ids if id_ in rows]

    async def change(self, owner: str, changes: Sequence[Change]) -> list[ListRow]:
        """Change rows in one transaction, and return them; a row with nothing marked is deleted.

        Raises:
            PermanentError: the list would have too many papers or tags.
            TransientError: others change the list all the time.

        """

        async def write(pipe: "Pipeline[bytes]") -> list[ListRow]:
            found = await _found(pipe, owner, changes)
            writing, results = _planned(changes, found)
            counts = await _checked(pipe, owner, writing.counts())
            pipe.multi()
            _write(pipe, owner, writing, counts)
            return results

        return await self._transact(owner, write)

    async def clear(self, owner: str) -> None:
        """Delete a list with its feed and the last visit, all at once; raises TransientError as `change` does."""

        async def write(pipe: "Pipeline[bytes]") -> None:
            labels = [_label(owner, label.decode()) for label in await pipe.hkeys(_counts(owner))]
            pipe.multi()
            pipe.delete(_rows(owner), _counts(owner), visit_key(owner), feed_key(owner), *labels)

        await self._transact(owner, write)

    async def _transact(self, owner: str, write: Callable[["Pipeline[bytes]"], Awaitable[R]]) -> R:
        """Run a transaction on a list, again if somebody else changed it meanwhile."""
        for _ in range(MAX_TRIES):
            async with self._redis.pipeline(transaction=True) as pipe:
                await pipe.watch(_rows(owner), _counts(owner))
                result = await write(pipe)
                with contextlib.suppress(WatchError):
                    await pipe.execute()
                    return result
            await asyncio.sleep(_PAUSE_S * random.random())  # noqa: S311  # no secret
        message = "this reading list is being changed by too many requests at once"
        raise TransientError(message, retry_after=RETRY_S)


async def _found(pipe: "Pipeline[bytes]", owner: str, changes: Sequence[Change]) -> dict[str, ListRow]:
    names = list(dict.fromkeys(id_ for change in changes for id_ in (change.id, *change.ids)))
    raws: Any = await pipe.hmget(_rows(owner), names) if names else []
    return {name: _read(raw) for name, raw in zip(names, raws, strict=True) if raw}


def _planned(changes: Sequence[Change], found: Mapping[str, ListRow]) -> tuple[_Writing, list[ListRow]]:
    """Return what the changes write, one after the other, and the rows that they lead to."""
    writing, rows = _Writing(before={id_: row.labels() for id_, row in found.items()}), dict(found)
    writing.after = dict(writing.before)
    results: list[ListRow] = []
    for change in changes:
        names = [id_ for id_ in dict.fromkeys((change.id, *change.ids)) if id_ in rows]
        known = [rows.pop(id_) for id_ in names]
        row = joined(known) if known else change.new
        row = change.edit(row.model_copy(update={"id": change.id, "title": change.new.title or row.title}))
        for id_ in names:
            writing.rows[id_], writing.after[id_] = None, {}
        if not row.empty:
            rows[change.id] = writing.rows[change.id] = row
            writing.after[change.id] = row.labels()
        results.append(row)
    return writing, results


async def _checked(pipe: "Pipeline[bytes]", owner: str, change: Counter[str]) -> dict[str, int]:
    """Return the counts after a change; raise PermanentError if the list would be too large."""
    labels = [label for label, by in change.items() if by]
    raws: Any = await pipe.hmget(_counts(owner), labels) if labels else []
    counts = {label: int(raw or 0) + change[label] for label, raw in zip(labels, raws, strict=True)}
    if change[ALL] > 0 and counts[ALL] > MAX_PAPERS:
        raise PermanentError(f"A reading list holds at most {MAX_PAPERS:,} papers: remove some first.")
    new = sum(1 for label, raw in zip(labels, raws, strict=True) if not raw)
    if new and int(await pipe.hlen(_counts(owner))) + new > MAX_LABELS:
        raise PermanentError(f"A reading list has at most {MAX_LABELS:,} different tags: use fewer.")
    return counts


def _write(pipe: "Pipeline[bytes]", owner: str, writing: _Writing, counts: Mapping[str, int]) -> None:
    for id_, row in writing.rows.items():
        if row:
            pipe.hset(_rows(owner), id_, row.model_dump_json(exclude_defaults=True))
        else:
            pipe.hdel(_rows(owner), id_)
    for id_ in writing.rows:
        before, after = writing.before.get(id_, {}), writing.after.get(id_, {})
        for label in before.keys() - after.keys():
            pipe.zrem(_label(owner, label), id_)
        for label, score in after.items():
            if before.get(label) != score:
                pipe.zadd(_label(owner, label), {id_: score})
    for label, count in counts.items():
        if count > 0:
            pipe.hset(_counts(owner), label, count)
        else:
            pipe.hdel(_counts(owner), label)


def _read(raw: bytes) -> ListRow:
    return ListRow.model_validate_json(raw)


def feed_key(owner: str) -> str:
    """Return the key of the number in the address of the feed of a list; it exists once its owner asked for one."""
    return f"reading:feed:{owner}"


def _rows(owner: str) -> str:
    return f"reading:rows:{owner}"


def _counts(owner: str) -> str:
    return f"reading:counts:{owner}"


def _label(owner: str, label: str) -> str:
    return f"reading:label:{owner}:{label}"
