"""The effect of feedback on an interest: lists that its owner can see, so that all of it can be undone. Pure."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from services.notifier.subscription.model import Subscription
from shared.errors import PermanentError
from shared.papers.paper import Model
from shared.papers.person_names import person_key

MAX_LISTED: Final = 100
"""Papers of a list; the oldest is dropped."""
MAX_MUTED: Final = 500


class Kind(StrEnum):
    """The kinds of feedback about a paper or an author."""

    MORE = "more"
    LESS = "less"
    MUTE = "mute"


class Entry(Model):
    """Feedback that was given. `about` is a paper's id or an author's name, `title` its name for readers."""

    id: str
    kind: Kind
    about: str
    title: str
    at: datetime
    undone: bool = False
    replaced: bool = False


def entry_id(kind: Kind, about: str) -> str:
    """Return the id of feedback: the same feedback twice is one entry."""
    return sha256(f"{kind.value}\n{about}".encode()).hexdigest()[:16]


def given(present: Subscription, entry: Entry, ids: Collection[str]) -> tuple[Subscription, Entry]:
    """Apply feedback; `ids` are all those of its paper.

    Raises:
        PermanentError: there is nothing to move, or nothing would be left.

    """
    if entry.kind is Kind.MUTE:
        if person_key(entry.about) in map(person_key, present.mute_authors):
            raise PermanentError(f"{entry.about} is already muted.")
        return _with(present, mute_authors=(*present.mute_authors, entry.about)[-MAX_MUTED:]), entry
    if not present.has_vector:
        raise PermanentError("This subscription has exact conditions only. Mute an author, or change its conditions.")
    to, away = ("like", "unlike") if entry.kind is Kind.MORE else ("unlike", "like")
    there, other = getattr(present, to), getattr(present, away)
    if not set(ids).isdisjoint(there):
        raise PermanentError(f"This paper is already in `{to}`.")
    entry = entry.model_copy(update={"replaced": not set(ids).isdisjoint(other)})
    return _with(present, **{to: (*there, entry.about)[-MAX_LISTED:], away: _without(other, ids)}), entry


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
        other = (*other, entry.about)[-MAX_LISTED:]
    return _with(present, **{to: _without(getattr(present, to), ids), away: other})


def _without(names: tuple[str, ...], ids: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in ids)


def _with(present: Subscription, **fields: tuple[str, ...]) -> Subscription:
    changed = present.model_copy(update=fields)
    if present.has_vector and not changed.has_vector:
        raise PermanentError("Nothing would be left to compare papers with. Give the subscription a query first.")
    return changed
