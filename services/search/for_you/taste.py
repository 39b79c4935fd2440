"""What a reader likes, as the papers that they liked, saved and turned down. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from shared.text.letters import fold_letters

MAX_LIKED: Final = 100
"""Liked and saved papers that the mean is of, the newest."""
MAX_COMPARED: Final = 12
"""The newest of them, which papers are compared with one by one: a reader of two fields has no mean of them."""
MAX_AWAY: Final = 8
"""The newest papers that were turned down."""
Verb = Literal["liked", "saved", "named"]


@dataclass(frozen=True, slots=True)
class Liked:
    """A paper that a reader liked, saved, or named in the request."""

    point: str
    title: str
    verb: Verb
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taste:
    """A reader's choices, the newest first: what is near to `liked` and not to `away`, and is not in `seen`."""

    liked: tuple[Liked, ...]
    away: tuple[str, ...] = ()
    """Points of papers that were turned down."""
    seen: frozenset[str] = frozenset()
    """Ids of all papers that the reader has chosen about."""

    @property
    def compared(self) -> Sequence[Liked]:
        """The papers that others are compared with one by one."""
        return self.liked[:MAX_COMPARED]

    def shared(self, keywords: Sequence[str]) -> str | None:
        """Return the keyword of a paper that most liked papers have too; None if they share none."""
        known = Counter(fold_letters(word) for one in self.liked for word in set(one.keywords))
        common = [word for word in keywords if fold_letters(word) in known]
        return max(common, key=lambda word: known[fold_letters(word)], default=None)
