"""What the reading lists of a reader demand of papers."""

from dataclasses import dataclass
from typing import Final

from services.search.ranking.qdrant_filter import known_as
from shared.qdrant.client_library import models

LARGE: Final = 500
"""Ids from which their filter costs Qdrant more than to rank more papers and to leave out those that do not pass."""
LOOKS: Final = (500, 2_000)
"""Papers that are ranked to find enough that pass, at first and then; after that the filter is cheaper."""


@dataclass(frozen=True, slots=True)
class OwnLists:
    """Ids of papers, or their points: a paper must be in each set of `wanted`, and not in `unwanted`."""

    wanted: tuple[frozenset[str], ...]
    unwanted: frozenset[str] = frozenset()

    @property
    def large(self) -> bool:
        """Whether there are so many that Qdrant should not be sent them all."""
        return sum(map(len, self.wanted)) + len(self.unwanted) > LARGE

    def lets_through(self, name: str) -> bool:
        """Return whether one of them passes."""
        return name not in self.unwanted and all(name in names for names in self.wanted)

    def filter(self) -> models.Filter:
        """Return the same as a filter of Qdrant, of ids."""
        return known_as([list(ids) for ids in self.wanted], list(self.unwanted))


def within(filters: models.Filter, own: OwnLists | None) -> models.Filter:
    """Return the filter of the papers that reading lists let through too."""
    return models.Filter(must=[filters, own.filter()]) if own else filters
