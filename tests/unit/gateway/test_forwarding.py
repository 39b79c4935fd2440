"""What passes, what is dropped, what is added."""

import ipaddress

from multidict import CIMultiDict, CIMultiDictProxy

from services.gateway.forwarding import end_to_end, onward
from shared.http.front import UNKNOWN_HEADER, Front, Heard

NEAR = Front(trusted=(ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8")))


def headers(*pairs: tuple[str, str]) -> CIMultiDictProxy[str]:
    return CIMultiDictProxy(CIMultiDict(pairs))


def forwarded(*pairs: tuple[str, str], peer: str, front: Front = NEAR) -> CIMultiDict[str]:
    return onward(Heard(peer, "http", "papers.example", headers(*pairs)), front)


def test_headers_of_the_connection_are_dropped_with_those_it_names() -> None:
    given = headers(
        ("Connection", "close, X-Mine"), ("X-Mine", "1"), ("TE", "trailers"), ("Upgrade", "h2c"), ("A", "b")
    )
    assert list(end_to_end(given).items()) == [("A", "b")]


def test_repeated_headers_stay_repeated() -> None:
    assert end_to_end(headers(("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))).getall("Set-Cookie") == ["a=1", "b=2"]


def test_the_client_is_named_and_the_host_kept() -> None:
    result = forwarded(("Host", "papers.example"), ("Expect", "100-continue"), ("Content-Length", "3"), peer="9.9.9.9")
    assert dict(result) == {
        "Host": "papers.example",
        "X-Forwarded-For": "9.9.9.9",
        "X-Forwarded-Host": "papers.example",
        "X-Forwarded-Proto": "http",
    }


def test_forwarded_headers_of_untrusted_peers_are_dropped() -> None:
    lies = (("X-Forwarded-For", "1.2.3.4"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example"))
    result = forwarded(*lies, ("Forwarded", "for=1.2.3.4"), peer="9.9.9.9")
    assert result["X-Forwarded-For"] == "9.9.9.9"
    assert result["X-Forwarded-Proto"] == "http"
    assert result["X-Forwarded-Host"] == "papers.example"
    assert "Forwarded" not in result


def test_forwarded_headers_of_trusted_proxies_are_kept() -> None:
    words = (("X-Forwarded-For", "1.2.3.4"), ("X-Forwarded-Proto", "https"))
    for peer in ("10.0.0.7", "fd00::1%eth0"):
        result = forwarded(*words, peer=peer)
        assert result["X-Forwarded-For"] == f"1.2.3.4, {peer}"
        assert result["X-Forwarded-Proto"] == "https"


def test_a_client_cannot_have_what_a_trusted_proxy_says_of_it_dropped() -> None:
    words = (("X-Forwarded-For", "1.2.3.4"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "papers.example"))
    result = forwarded(*words, ("Connection", "close, X-Forwarded-For, x-forwarded-proto"), peer="10.0.0.7")
    assert result["X-Forwarded-For"] == "1.2.3.4, 10.0.0.7"
    assert result["X-Forwarded-Proto"] == "https"


def test_the_service_is_told_the_whole_address_that_a_trusted_proxy_names() -> None:
    words = (("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "a.example"), ("X-Forwarded-Prefix", "/papers/"))
    result = forwarded(*words, peer="10.0.0.7")
    assert (result["X-Forwarded-Host"], result["X-Forwarded-Prefix"]) == ("a.example", "/papers")
    assert "X-Forwarded-Prefix" not in forwarded(*words, peer="9.9.9.9")


def test_the_service_is_told_of_a_proxy_that_is_not_trusted_and_no_client_can_say_so() -> None:
    assert forwarded(("Forwarded", "for=1.2.3.4"), peer="192.168.0.2")[UNKNOWN_HEADER] == "192.168.0.2"
    for peer in ("9.9.9.9", "192.168.0.2"):
        assert UNKNOWN_HEADER not in forwarded((UNKNOWN_HEADER, "10.0.0.1"), peer=peer)
