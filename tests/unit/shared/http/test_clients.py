"""Who asks, behind proxies that are believed and others that are not."""

from ipaddress import ip_network

import pytest

from shared.http.clients import client_address, is_private, within

PROXIES = (ip_network("10.0.0.0/8"), ip_network("::1/128"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    (
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),  # a stranger's word
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.9", "198.51.100.1"], "198.51.100.1"),  # what the client claims itself is the left part
        ("10.0.0.1", ["198.51.100.1", "10.2.3.4"], "198.51.100.1"),  # two proxies of ours
        ("10.0.0.1", ["10.9.9.9"], "10.9.9.9"),
        ("10.0.0.1", ["nonsense"], "nonsense"),
        ("10.0.0.1", ["198.51.100.1:40123"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1:40123", "10.2.3.4:443"], "198.51.100.1"),
        ("10.0.0.1", ["[2001:db8:1:2::9]:40123"], "2001:db8:1:2::/64"),
        ("10.0.0.1", ["2001:db8:1:2::9"], "2001:db8:1:2::/64"),
        ("::1", ["198.51.100.1"], "198.51.100.1"),
        ("::ffff:203.0.113.7", [], "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),
        (None, ["198.51.100.1"], ""),
    ),
)
def test_the_client_is_named_by_trusted_proxies(peer: str | None, forwarded: list[str], client: str) -> None:
    assert client_address(peer, forwarded, PROXIES) == client


@pytest.mark.parametrize(
    ("address", "private"),
    (
        ("127.0.0.1", True), ("::1", True), ("10.1.2.3", True), ("::ffff:192.168.0.1", True), ("fd00::1", True),
        ("9.9.9.9", False), ("2606:4700::1", False), ("::ffff:9.9.9.9", False), ("", False), ("proxy", False),
    ),
)  # fmt: skip
def test_private_addresses_are_told_apart(address: str, private: bool) -> None:
    assert is_private(address) is private


def test_a_trusted_network_holds_its_addresses_in_all_spellings() -> None:
    assert all(within(address, PROXIES) for address in ("10.0.0.1", "::ffff:10.0.0.1", "::1", "::1%lo"))
    assert not any(within(address, PROXIES) for address in ("11.0.0.1", "::2", "", "10.0.0"))
