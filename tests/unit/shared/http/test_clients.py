"""Who asks, behind proxies that are believed and others that are not."""

from ipaddress import ip_network

import pytest

from shared.http.clients import client_address

PROXIES = (ip_network("10.0.0.0/8"), ip_network("::1/128"))


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
def test_the_client_is_named_by_trusted_proxies(peer: str | None, forwarded: list[str], client: str) -> None:
    assert client_address(peer, forwarded, PROXIES) == client
