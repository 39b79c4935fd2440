"""Feedback: it moves the interest of a subscription, is kept in a log, and can be undone."""

from collections.abc import Callable, Collection
from typing import Any

from redis.asyncio import Redis

from services.notifier.matching.indexed_papers import IndexedPapers
from services.notifier.matching.match import ids_of
from services.notifier.subscribing.relevance import Entry, Kind, entry_id, given, taken_back
from services.notifier.subscribing.subscriptions import Edit, Subscriptions
from services.notifier.subscription.model import Subscription
from services.notifier.subscription.store import feedback_key
from shared.errors import PermanentError
from shared.moments import from_unix


class Feedback:
    """Stores and undoes feedback. `clock` returns Unix seconds."""

    def __init__(
        self, redis: Redis, subscriptions: Subscriptions, papers: IndexedPapers, clock: Callable[[], float]
    ) -> None:
        self._redis = redis
        self._subscriptions = subscriptions
        self._papers = papers
        self._clock = clock

    async def log(self, subscription: str) -> list[Entry]:
        """Return the feedback, newest first."""
        rows: Any = await self._redis.hvals(feedback_key(subscription))
        return sorted((Entry.model_validate_json(row) for row in rows), key=lambda entry: entry.at, reverse=True)

    async def give(self, subscription: str, kind: Kind, about: str) -> Entry:
        """Store feedback on a paper, by any of its ids, or on an author; repeated feedback changes nothing.

        Raises:
            PermanentError: there is no such paper, or nothing to move; the text says what to do.
            TransientError: Qdrant does not answer.

        """
        ids: Collection[str] = ()
        title = about
        if kind is not Kind.MUTE:
            known = await self._papers.one(about)
            if known is None:
                raise PermanentError(f"The paper {about} is not in the index.")
            ids, about, title = set(ids_of(known.paper)), known.paper.id, known.paper.title
        entry = Entry(id=entry_id(kind, about), kind=kind, about=about, title=title, at=from_unix(self._clock()))
        present = await self._entry(subscription, entry.id)
        if present and not present.undone:
            return present

        def edit(before: Subscription) -> Subscription:
            nonlocal entry
            after, entry = given(before, entry, ids)
            return after

        await self._write(subscription, edit, lambda: entry)
        return entry

    async def undo(self, subscription: str, name: str) -> Entry | None:
        """Undo feedback; return None for an unknown id. Raises as `give`."""
        entry = await self._entry(subscription, name)
        if entry is None or entry.undone:
            return entry
        known = await self._papers.one(entry.about) if entry.kind is not Kind.MUTE else None
        ids = {entry.about, *(ids_of(known.paper) if known else ())}
        undone = entry.model_copy(update={"undone": True})
        await self._write(subscription, lambda before: taken_back(before, entry, ids), lambda: undone)
        return undone

    async def _write(self, subscription: str, edit: Edit, entry: Callable[[], Entry]) -> None:
        key = feedback_key(subscription)
        await self._subscriptions.adjust(
            subscription, edit, lambda pipe: pipe.hset(key, entry().id, entry().model_dump_json())
        )

    async def _entry(self, subscription: str, name: str) -> Entry | None:
        row: Any = await self._redis.hget(feedback_key(subscription), name)
        return Entry.model_validate_json(row) if row else None
