"""How feedback moves an interest: relevance feedback on lists that the reader can see, so that all can be undone."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from services.notifier.matching.conditions import person_key
from services.notifier.subscription.model import Subscription
from shared.errors import PermanentError
from shared.papers.paper import Model

MOST: Final = 100
"""Papers that a list holds; the oldest makes room."""
MOST_MUTED: Final = 500


class Kind(StrEnum):
    """What is said about a paper, or an author."""

    MORE = "more"
    LESS = "less"
    MUTE = "mute"


class Entry(Model):
    """Feedback that was given. `about` is a paper's id or an author's name, `title` how a reader knows it."""

    id: str
    kind: Kind
    about: str
    title: str
    at: datetime
    undone: bool = False
    replaced: bool = False


def entry_id(kind: Kind, about: str) -> str:
    """Name feedback: the same said twice is said once."""
    return sha256(f"{kind.value}\n{about}".encode()).hexdigest()[:16]


def given(present: Subscription, entry: Entry, ids: Collection[str]) -> tuple[Subscription, Entry]:
    """Apply feedback; `ids` are all those of its paper.

    Raises:
        PermanentError: there is nothing to move, or nothing would be left.

    """
    if entry.kind is Kind.MUTE:
        if person_key(entry.about) in map(person_key, present.mute_authors):
            raise PermanentError(f"{entry.about} is muted already.")
        return _with(present, mute_authors=(*present.mute_authors, entry.about)[-MOST_MUTED:]), entry
    if not present.has_vector:
        raise PermanentError("This subscription has exact conditions only: mute an author, or change them instead.")
    to, away = ("like", "unlike") if entry.kind is Kind.MORE else ("unlike", "like")
    there, other = getattr(present, to), getattr(present, away)
    if not set(ids).isdisjoint(there):
        raise PermanentError(f"This paper is among those that are {to}d already.")
    entry = entry.model_copy(update={"replaced": not set(ids).isdisjoint(other)})
    return _with(present, **{to: (*there, entry.about)[-MOST:], away: _without(other, ids)}), entry


def taken_back(present: Subscription, entry: Entry, ids: Collection[str]) -> Subscription:
    """Undo feedback; what the reader changed meanwhile stays.

    Raises:
        PermanentError: nothing to match by would be left.

    """
    if entry.kind is Kind.MUTE:
        key = person_key(entry.about)
        return _with(present, mute_authors=tuple(name for name in present.mute_authors if person_key(name) != key))
    to, away = ("like", "unlike") if entry.kind is Kind.MORE else ("unlike", "like")
    other = getattr(present, away)
    if entry.replaced and set(ids).isdisjoint(other):
        other = (*other, entry.about)[-MOST:]
    return _with(present, **{to: _without(getattr(present, to), ids), away: other})


def _without(names: tuple[str, ...], ids: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in ids)


def _with(present: Subscription, **fields: tuple[str, ...]) -> Subscription:
    changed = present.model_copy(update=fields)
    if present.has_vector and not changed.has_vector:
        raise PermanentError("That would leave nothing to compare papers with: give the subscription a query first.")
    return changed
