"""The order in which the addresses of a service are tried."""

from services.gateway.upstream import REST, Upstream


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_addresses_take_turns() -> None:
    upstream = Upstream("search", ["a", "b", "c"])
    assert [upstream.candidates() for _ in range(4)] == [
        ["a", "b", "c"],
        ["b", "c", "a"],
        ["c", "a", "b"],
        ["a", "b", "c"],
    ]


def test_an_address_that_refused_comes_last_for_a_while() -> None:
    clock = Clock()
    upstream = Upstream("search", ["a", "b"], clock)
    upstream.rest("a")
    assert [upstream.candidates()[0] for _ in range(2)] == ["b", "b"]
    clock.now += REST
    assert {upstream.candidates()[0] for _ in range(2)} == {"a", "b"}


def test_refusing_addresses_are_still_tried_when_there_is_no_other() -> None:
    upstream = Upstream("search", ["a"])
    upstream.rest("a")
    assert upstream.candidates() == ["a"]
