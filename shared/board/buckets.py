"""How the revisions of works are spread over buckets by the ids of their points. Pure.

A bucket holds the works of a range of point ids, so that its points are one range of the index too.
"""

from dataclasses import dataclass
from typing import Final

from shared.papers.paper import point_id

BUCKETS: Final = 1_024
_DIGITS: Final = 4
"""The hexadecimal digits of a point id that are read."""
_WIDTH: Final = 16**_DIGITS // BUCKETS


@dataclass(frozen=True, slots=True)
class Recorded:
    """A work that has a record, and the revision of the record."""

    work: str
    revision: int


def bucket_of(work: str) -> int:
    """Return the bucket of a work."""
    return int(point_id(work)[:_DIGITS], 16) // _WIDTH


def first_point(bucket: int) -> str | None:
    """Return the lowest id that a point of a bucket can have; None after the last bucket."""
    return f"{bucket * _WIDTH:0{_DIGITS}x}0000-0000-0000-0000-000000000000" if bucket < BUCKETS else None
