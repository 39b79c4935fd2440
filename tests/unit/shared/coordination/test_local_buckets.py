import pytest

from shared.coordination.quotas import MAX_LOCAL_BUCKETS, LocalBuckets, Quota


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_minute_s_requests_pass_at_once_and_then_as_the_bucket_fills() -> None:
    clock = Clock()
    buckets = LocalBuckets(Quota(60, 1.0), clock)
    assert [buckets.take("a") for _ in range(60)] == [0.0] * 60
    assert buckets.take("a") == pytest.approx(1.0)
    assert buckets.take("b") == 0.0, "another client has a bucket of its own"
    clock.now = 0.5
    assert buckets.take("a") == pytest.approx(0.5), "being refused costs nothing"
    clock.now = 1.0
    assert buckets.take("a") == 0.0


def test_zero_is_no_limit() -> None:
    buckets = LocalBuckets(Quota(0, 0.0), Clock())
    assert {buckets.take("a") for _ in range(1000)} == {0.0}


def test_memory_is_bounded() -> None:
    buckets = LocalBuckets(Quota(1, 1 / 60), Clock())
    for number in range(MAX_LOCAL_BUCKETS + 50):
        buckets.take(str(number))
    assert len(buckets._buckets) == MAX_LOCAL_BUCKETS
