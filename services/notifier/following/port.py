"""The port of places of liked papers: what an adapter reads there, and how it says that it cannot. Pure."""

import unicodedata
from collections.abc import Iterable
from typing import Any, ClassVar, Final, Protocol

from pydantic import Field

from shared.errors import TransientError
from shared.papers.names import canonical_id, is_paper_id, openreview_id
from shared.papers.paper import Model

MAX_ITEMS: Final = 1_000
"""Items of a place that are followed: the newest."""
MAX_TITLE: Final = 300
_MAX_IDS: Final = 5
"""Ids of one item that are compared."""
_MAX_ID: Final = 200
"""Characters of an id."""
_MAX_KEY: Final = 100
_MAX_DATE: Final = 30


class PlaceError(TransientError):
    """A place cannot be read now. The text is one sentence for the owner of the subscription."""


class Item(Model):
    """An item of a place: `ids` are canonical, `added` an ISO date by which the newest are known."""

    key: str
    ids: tuple[str, ...] = ()
    title: str = ""
    added: str = ""

    @property
    def is_paper(self) -> bool:
        """Return whether it can be a paper; notes and files have neither an id nor a title."""
        return bool(self.ids or self.title)


class Listing(Model):
    """What is known of a place: its items, the newest first, and the ids of papers that were liked because of it.

    `version` is what the place calls this state of its items; it is empty where a place has no versions.
    """

    place: str = ""
    version: str = ""
    items: tuple[Item, ...] = ()
    likes: tuple[str, ...] = Field(default=())


class Place(Protocol):
    """An adapter, which reads the places of one type."""

    interval: ClassVar[float | None]
    """Seconds between visits; None leaves them to the notifier's settings."""

    async def read(self, place: Any, owner: str, kept: Listing) -> Listing:  # noqa: ANN401  # the settings of its type
        """Return the items of a place for the owner of a subscription; `kept` is what the visit before returned.

        Raises:
            PlaceError: the place cannot be read.

        """
        ...


def newest(items: Iterable[Item]) -> tuple[Item, ...]:
    """Return the newest items, at most `MAX_ITEMS`."""
    return tuple(sorted(items, key=lambda item: (item.added, item.key), reverse=True)[:MAX_ITEMS])


def ids_in(texts: Iterable[object]) -> tuple[str, ...]:
    """Return the canonical ids among some texts, each once: DOIs, arXiv and OpenReview ids in any spelling."""
    known = (text for text in texts if isinstance(text, str) and (is_paper_id(text) or openreview_id(text)))
    named = (name for name in map(canonical_id, known) if len(name) <= _MAX_ID)
    return tuple(dict.fromkeys(named))[:_MAX_IDS]


def title_in(value: object) -> str:
    """Return a title in one line and without hidden characters, or nothing for what is no text."""
    if not isinstance(value, str):
        return ""
    seen = (c for c in value[:MAX_TITLE] if c.isprintable() or unicodedata.category(c) != "Cf")
    return " ".join("".join(c if c.isprintable() else " " for c in seen).split())


def key_in(value: object) -> str:
    """Return the key of an item at its place, or nothing for what is none."""
    return value if isinstance(value, str) and len(value) <= _MAX_KEY else ""


def date_in(value: object) -> str:
    """Return an ISO date, or nothing for what is no text of that length."""
    return value if isinstance(value, str) and len(value) <= _MAX_DATE else ""
