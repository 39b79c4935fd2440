"""Cursors of a reading list: each names the last row that was shown, and goes on behind it even if it is gone. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

PATTERN: Final = r"^\d{1,12}(\.\d{1,9})?:[^\x00-\x1f]{1,500}$"
"""The form of a cursor."""


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a row: the Unix seconds by which its list is ordered, and its id."""

    score: float
    id: str

    @property
    def cursor(self) -> str:
        """The cursor of the rows behind it."""
        return f"{self.score!r}:{self.id}"

    @classmethod
    def of(cls, cursor: str) -> "Place":
        """Read a cursor, which has the form of `PATTERN`."""
        score, _, id_ = cursor.partition(":")
        return cls(float(score), id_)

    def before(self, other: "Place") -> bool:
        """Return whether this row comes before another: later moments first, and of one moment the last id."""
        return (self.score, self.id.encode()) > (other.score, other.id.encode())


def following(places: Sequence[Place], cursor: str | None, limit: int) -> tuple[list[str], str | None]:
    """Return the ids of the first `limit` rows behind a cursor, and the cursor of what follows, or None."""
    after = Place.of(cursor) if cursor else None
    left = [place for place in places if after is None or after.before(place)]
    more = left[limit - 1].cursor if len(left) > limit else None
    return [place.id for place in left[:limit]], more
