"""Requests below the path of the public address."""

import pytest
from aiohttp import HttpVersion11
from aiohttp.http import RawRequestMessage
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from shared.errors import ConfigurationError
from shared.http.serving import below

NAMES = ("", "papers", "search", "v1", "feeds.opml", "{path:.*}")


def asked(target: str, base: str = "/papers") -> str:
    """Return the path and query that a request asks an application for."""
    none = CIMultiDictProxy(CIMultiDict[str]())
    url = URL.build(path=target.partition("?")[0], query_string=target.partition("?")[2], encoded=True)
    head = RawRequestMessage("GET", target, HttpVersion11, none, (), False, None, False, False, url)  # its order
    taken = below(base, lambda given: given, NAMES)(head)
    assert str(taken.url) == taken.path
    return str(taken.path)


@pytest.mark.parametrize(
    ("target", "inner"),
    (
        ("/papers", "/"),
        ("/papers/", "/"),
        ("/papers?date=2024-01-01", "/?date=2024-01-01"),
        ("/papers/search?q=a%2Fb%26c", "/search?q=a%2Fb%26c"),
        ("/papers/papers/doi:10.1%2Fx/y", "/papers/doi:10.1%2Fx/y"),
        ("/papers/feeds.opml", "/feeds.opml"),
        ("/papers/arXiv:2401.00001", "/papers/arXiv:2401.00001"),  # a proxy dropped the base before
        ("/papers/doi:10.1/x", "/papers/doi:10.1/x"),
        ("/search?q=x", "/search?q=x"),
        ("/", "/"),
        ("/paperssearch", "/paperssearch"),
        ("/papers//search", "/papers//search"),
        ("/papers//evil.example/search", "/papers//evil.example/search"),
        ("/papers/../search", "/papers/../search"),
    ),
)
def test_a_request_asks_for_the_path_below_the_base_if_it_is_ours(target: str, inner: str) -> None:
    assert asked(target) == inner
    assert asked(target, base="") == target


def test_a_base_that_is_a_page_of_ours_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="ends with /search"):
        asked("/", base="/search")
    assert asked("/search/papers/x", base="/search/papers") == "/search/papers/x"
