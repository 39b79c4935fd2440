"""How long a party that fails is left alone."""

import pytest

from shared.coordination.breaker import Policy, Standing

POLICY = Policy()
BACKOFF = POLICY.backoff


def test_the_pause_doubles_up_to_an_hour() -> None:
    waits = [POLICY.pause(failures, None, 1.0) for failures in range(1, 20)]
    assert waits[:4] == [BACKOFF.base, 10, 20, 40]
    assert waits == sorted(waits)
    assert waits[-1] == BACKOFF.cap
    assert POLICY.pause(10_000, None, 1.0) == BACKOFF.cap


def test_jitter_spreads_the_retries() -> None:
    assert POLICY.pause(3, None, 0.0) == 10
    assert POLICY.pause(3, None, 0.5) == 15


@pytest.mark.parametrize(("named", "wait"), ((None, 5), (0, 5), (-3, 5), (90, 90), (1e308, 6 * 3_600)))
def test_retry_after_is_respected_within_bounds(named: float | None, wait: float) -> None:
    assert POLICY.pause(1, named, 1.0) == wait


def test_a_breaker_has_three_states() -> None:
    assert Standing().state(100) == "closed"
    assert Standing(2, 150).state(100) == "open"
    assert Standing(2, 50).state(100) == "half-open"
