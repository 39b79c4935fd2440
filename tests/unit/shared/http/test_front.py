"""What a proxy says of a request, and who is believed."""

from collections.abc import Mapping
from ipaddress import ip_network

import pytest
from multidict import CIMultiDict

from shared.http.front import UNKNOWN_HEADER, Front, Heard

TRUSTING = Front(trusted=(ip_network("10.0.0.0/8"),))
PUBLIC = Front("https://papers.example/papers", (ip_network("10.0.0.0/8"),))


def heard(*pairs: tuple[str, str], peer: str = "10.0.0.1", forwarded: tuple[Mapping[str, str], ...] = ()) -> Heard:
    return Heard(peer, "http", "inner:8080", CIMultiDict(pairs), forwarded)


def test_the_public_address_comes_before_what_any_proxy_says() -> None:
    site = PUBLIC.site(heard(("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Prefix", "/evil")))
    assert (site.address, site.base) == ("https://papers.example/papers", "/papers")


@pytest.mark.parametrize(
    ("said", "address"),
    (
        (heard(), "http://inner:8080"),
        (heard(("X-Forwarded-Proto", "https")), "https://inner:8080"),
        (heard(("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "a.example")), "https://a.example"),
        (heard(("X-Forwarded-Host", "client.example, a.example:8443")), "http://a.example:8443"),
        (heard(("X-Forwarded-Prefix", "/papers/")), "http://inner:8080/papers"),
        (heard(forwarded=({"for": "9.9.9.9", "proto": "HTTPS", "host": "a.example"},)), "https://a.example"),
        (heard(forwarded=({"host": "client.example"}, {"host": "a.example"})), "http://a.example"),
        (heard(("X-Forwarded-Host", "evil.example"), peer="9.9.9.9"), "http://inner:8080"),
        (heard(("X-Forwarded-Prefix", "/evil"), peer="192.168.0.1"), "http://inner:8080"),
    ),
)
def test_the_address_is_that_which_a_trusted_proxy_names(said: Heard, address: str) -> None:
    assert TRUSTING.site(said).address == address


@pytest.mark.parametrize(
    ("name", "value"),
    (
        ("X-Forwarded-Proto", "javascript"),
        ("X-Forwarded-Host", "a.example/path"),
        ("X-Forwarded-Host", "a.example:99999"),
        ("X-Forwarded-Prefix", "papers"),
        ("X-Forwarded-Prefix", "//evil.example"),
        ("X-Forwarded-Prefix", "/a/../b"),
        ("X-Forwarded-Prefix", '/"><script>'),
    ),
)
def test_a_malformed_header_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        TRUSTING.site(heard((name, value)))


@pytest.mark.parametrize(
    ("own", "standard", "hops"),
    (
        ("1.1.1.1, 2.2.2.2", (), ["1.1.1.1", "2.2.2.2"]),
        ("", ("1.1.1.1", "2.2.2.2"), ["1.1.1.1", "2.2.2.2"]),
        ("2.2.2.2", ("2.2.2.2:40123",), ["2.2.2.2"]),
        ("9.9.9.9", ("2.2.2.2",), []),  # one of them is as the client wrote it
        ("2.2.2.2", ("9.9.9.9", ""), ["2.2.2.2"]),  # a proxy that names no client
        ("", ("9.9.9.9", ""), []),
    ),
)
def test_clients_are_named_by_one_of_two_headers(own: str, standard: tuple[str, ...], hops: list[str]) -> None:
    said = heard(
        ("X-Forwarded-For", own), forwarded=tuple({"for": each} if each else {"proto": "http"} for each in standard)
    )
    assert TRUSTING.hops(said) == hops
    assert Front().hops(said) == []


@pytest.mark.parametrize(
    ("front", "said", "proxy"),
    (
        (Front(), heard(), None),
        (Front(), heard(("X-Forwarded-For", "9.9.9.9")), "10.0.0.1"),
        (Front(), heard(("X-Forwarded-Proto", "https")), "10.0.0.1"),
        (Front(), heard(("Via", "1.1 caddy"), peer="127.0.0.1"), "127.0.0.1"),
        (Front(), heard(("X-Forwarded-For", "10.0.0.1"), peer="9.9.9.9"), None),  # a stranger who writes it
        (TRUSTING, heard(("X-Forwarded-For", "9.9.9.9")), None),
        (TRUSTING, heard(("X-Forwarded-For", "9.9.9.9"), peer="127.0.0.1"), "127.0.0.1"),
        (TRUSTING, heard((UNKNOWN_HEADER, "172.18.0.3")), "172.18.0.3"),  # our gateway
        (TRUSTING, heard((UNKNOWN_HEADER, "<script>")), None),
        (Front("https://papers.example"), heard(peer="127.0.0.1"), "127.0.0.1"),
        (Front("http://papers.example"), heard(peer="127.0.0.1"), None),
        (PUBLIC, heard(peer="127.0.0.1"), None),
    ),
)
def test_a_proxy_that_is_not_trusted_is_noticed(front: Front, said: Heard, proxy: str | None) -> None:
    assert front.unknown_proxy(said) == proxy
