"""Which answers scripts of other sites may read."""

import pytest

from shared.http.cross_origin import ALLOWED, ANSWERED, is_open, preflight


@pytest.mark.parametrize(
    "path", ("/v1/search", "/v1/subscriptions", "/feeds/search.atom", "/feeds.opml", "/openapi.json")
)
def test_reading_the_api_is_open(path: str) -> None:
    assert is_open("GET", path)
    assert is_open("HEAD", path)
    assert not is_open("POST", path)


@pytest.mark.parametrize(
    "path", ("/", "/my", "/my/token", "/outbox", "/f/token", "/feeds/private/x.atom", "/subscribe")
)
def test_pages_and_what_is_secret_are_closed(path: str) -> None:
    assert not is_open("GET", path)


def test_no_header_lets_a_browser_send_cookies() -> None:
    assert "Access-Control-Allow-Credentials" not in {**ANSWERED, **ALLOWED}


def test_only_a_browser_that_asks_for_reading_is_answered_in_advance() -> None:
    asks = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    assert preflight("OPTIONS", "/v1/search", asks)
    assert not preflight("OPTIONS", "/v1/search", asks | {"Access-Control-Request-Method": "POST"})
    assert not preflight("OPTIONS", "/my", asks)
    assert not preflight("OPTIONS", "/v1/search", {"Access-Control-Request-Method": "GET"})
    assert not preflight("GET", "/v1/search", asks)
