"""Who asks, behind proxies that are believed and others that are not."""

from ipaddress import ip_network

import pytest

from shared.http.clients import client_address, is_direct

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
        ("10.0.0.1", ["198.51.100.1:40123"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1:40123, 10.2.3.4:443"], "198.51.100.1"),
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
    "name",
    (
        "Forwarded", "X-Forwarded", "X-Forwarded-For", "X_Forwarded_For", "Forwarded-For", "Via", "X-Real-IP",
        "X-Azure-ClientIP", "CF-Connecting-IP", "DO-Connecting-IP", "True-Client-IP", "Fly-Client-IP", "X-ProxyUser-IP",
        "WL-Proxy-Client-IP", "X-Remote-Addr", "CDN-Loop", "X-Amzn-Trace-Id", "X-Original-Host",
    ),
)  # fmt: skip
def test_a_request_with_the_header_of_a_proxy_does_not_come_from_this_machine(name: str) -> None:
    own = ("Host", "User-Agent", "Accept", "Authorization", "Content-Type", "Origin", "Referer", "Sec-Fetch-Site")
    assert is_direct("127.0.0.1", own)
    assert not is_direct("127.0.0.1", (*own, name))
    assert not is_direct("192.0.2.1", own)
