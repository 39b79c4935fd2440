"""What differs between records and points."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from services.indexer.reconciling.differences import Attempts, Differences, compare, slices
from shared.papers.names import BUCKETS, Recorded, bucket_of, first_point, point_id

RECORDS = {"a": Recorded("work a", 3), "b": Recorded("work b", 1), "c": Recorded("work c", 1)}


def test_missing_outdated_and_unknown_points_are_told_apart() -> None:
    found = compare(RECORDS, {"a": 2, "b": 1, "d": 7})
    assert found == Differences({"c": RECORDS["c"]}, {"a": RECORDS["a"]}, frozenset({"d"}))
    assert not compare(RECORDS, {"a": 4, "b": 1, "c": 1}), "a point may be newer for a moment"


def test_what_a_later_comparison_finds_otherwise_does_not_stay() -> None:
    before = compare(RECORDS, {"a": 2, "d": 7})
    newer = RECORDS | {"b": Recorded("work b", 2)}
    later = compare(newer, {"a": 3, "d": 7})
    assert before.that_stay(later) == Differences({"c": RECORDS["c"]}, {}, frozenset({"d"}))


@given(st.integers(0, 10_000_000))
def test_slices_cover_every_bucket_once(works: int) -> None:
    assert [bucket for part in slices(works) for bucket in part] == list(range(BUCKETS))


@given(st.text(max_size=50))
def test_a_point_lies_within_the_range_of_its_bucket(work: str) -> None:
    """INVARIANT: the points of a bucket are one range of ids, as text and as UUIDs."""
    point, bucket = point_id(work), bucket_of(work)
    first, end = first_point(bucket), first_point(bucket + 1)
    assert first is not None
    assert first <= point
    assert uuid.UUID(first) <= uuid.UUID(point)
    assert end is None or (point < end and uuid.UUID(point) < uuid.UUID(end))


def test_a_repair_is_tried_three_times_and_again_for_another_revision() -> None:
    attempts, found = Attempts(), compare({"a": Recorded("work a", 1)}, {})
    for _ in range(3):
        assert attempts.left(found) == found
        attempts.record(found)
        attempts.end_round()
    assert not attempts.left(found)
    assert attempts.left(compare({"a": Recorded("work a", 2)}, {}))


def test_a_repair_that_succeeded_is_forgotten() -> None:
    attempts, found = Attempts(most=1), compare({"a": Recorded("work a", 1)}, {})
    attempts.record(found)
    attempts.end_round()
    assert not attempts.left(found)
    attempts.end_round()
    assert attempts.left(found) == found
