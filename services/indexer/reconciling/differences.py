"""What differs between the records of works and the points of the index. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from shared.papers.names import BUCKETS, Recorded

SLICE_WORKS: Final = 1_000
"""The works, about, that are compared at once."""


@dataclass(frozen=True, slots=True)
class Differences:
    """Points by id. Those that have to be written come with the recorded work; those without a record are `unknown`."""

    missing: Mapping[str, Recorded] = field(default_factory=dict)
    outdated: Mapping[str, Recorded] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.missing or self.outdated or self.unknown)

    @property
    def revisions(self) -> dict[str, int]:
        """The revision that each point should have; -1 where it should not exist."""
        wanted = {point: each.revision for point, each in (*self.missing.items(), *self.outdated.items())}
        return wanted | dict.fromkeys(self.unknown, -1)

    def only(self, points: frozenset[str]) -> "Differences":
        """Return the differences in some points."""
        missing = {point: each for point, each in self.missing.items() if point in points}
        outdated = {point: each for point, each in self.outdated.items() if point in points}
        return Differences(missing, outdated, self.unknown & points)

    def that_stay(self, later: "Differences") -> "Differences":
        """Return those of these differences that a later comparison found as they were."""
        same = self.revisions.items() & later.revisions.items()
        return later.only(frozenset(point for point, _ in same))


def compare(records: Mapping[str, Recorded], points: Mapping[str, int]) -> Differences:
    """Compare records with the revisions of points. A point may be newer than its record, but not for long."""
    return Differences(
        missing={point: each for point, each in records.items() if point not in points},
        outdated={point: each for point, each in records.items() if points.get(point, each.revision) < each.revision},
        unknown=frozenset(points.keys() - records.keys()),
    )


def slices(works: int) -> Iterator[range]:
    """Divide all buckets into ranges of about `SLICE_WORKS` works each."""
    step = max(1, min(BUCKETS, BUCKETS * SLICE_WORKS // max(works, 1)))
    for start in range(0, BUCKETS, step):
        yield range(start, min(start + step, BUCKETS))


class Attempts:
    """Counts how often a repair of a point was tried without success, so that it is not tried for ever."""

    def __init__(self, most: int = 3, most_points: int = 100_000) -> None:
        """After `most` tries a point is left as it is; `most_points` bounds the points that are remembered."""
        self._most = most
        self._most_points = most_points
        self._tries: dict[tuple[str, int], int] = {}
        self._next: dict[tuple[str, int], int] = {}

    def left(self, found: Differences) -> Differences:
        """Return the differences that may be tried again."""
        if len(self._next) >= self._most_points:
            return Differences()
        revisions = found.revisions.items()
        return found.only(frozenset(each[0] for each in revisions if self._tries.get(each, 0) < self._most))

    def record(self, left: Differences) -> None:
        """Note what is still different after a slice was tried."""
        for each in left.revisions.items():
            self._next[each] = self._tries.get(each, 0) + 1

    def end_round(self) -> None:
        """Forget what is no longer different."""
        self._tries, self._next = self._next, {}
