from ipaddress import ip_network

import pytest

from services.search.limits import REMEMBERED, TokenBuckets, client_address

PROXIES = (ip_network("10.0.0.0/8"), ip_network("::1/128"))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_minute_s_requests_pass_at_once_and_then_as_the_bucket_fills() -> None:
    clock = Clock()
    buckets = TokenBuckets(60, clock)
    assert [buckets.take("a") for _ in range(60)] == [0.0] * 60
    assert buckets.take("a") == pytest.approx(1.0)
    assert buckets.take("b") == 0.0, "another client has a bucket of its own"
    clock.now = 0.5
    assert buckets.take("a") == pytest.approx(0.5), "being refused costs nothing"
    clock.now = 1.0
    assert buckets.take("a") == 0.0


def test_zero_is_no_limit() -> None:
    buckets = TokenBuckets(0, Clock())
    assert {buckets.take("a") for _ in range(1000)} == {0.0}


def test_memory_is_bounded() -> None:
    buckets = TokenBuckets(1, Clock())
    for number in range(REMEMBERED + 50):
        buckets.take(str(number))
    assert len(buckets._buckets) == REMEMBERED


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    (
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),  # a stranger's word
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.9, 198.51.100.1"], "198.51.100.1"),  # what the client claims itself is the left part
        ("10.0.0.1", ["198.51.100.1, 10.2.3.4"], "198.51.100.1"),  # two proxies of ours
        ("10.0.0.1", ["198.51.100.1", "10.2.3.4"], "198.51.100.1"),
        ("10.0.0.1", ["10.9.9.9"], "10.9.9.9"),
        ("10.0.0.1", ["nonsense"], "nonsense"),
        ("::1", ["198.51.100.1"], "198.51.100.1"),
        ("::ffff:203.0.113.7", [], "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),
        (None, ["198.51.100.1"], ""),
    ),
)
def test_the_client_is_who_trusted_proxies_say(peer: str | None, forwarded: list[str], client: str) -> None:
    assert client_address(peer, forwarded, PROXIES) == client
