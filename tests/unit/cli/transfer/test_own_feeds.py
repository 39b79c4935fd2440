"""The addresses of our own feeds as subscriptions, and what no subscription can express."""

from typing import Any

import pytest

from services.cli.transfer.importer import Here
from services.cli.transfer.opml import Feed
from services.cli.transfer.own_feeds import NoSubscriptionError, subscription_of

SITE = "https://papers.example/sub"
WEEKLY = {"weekly": {"day": "monday", "at": "08:00"}}


@pytest.mark.parametrize(
    ("address", "fields"),
    (
        ("/feeds/search.atom?q=paper+cranes&sort=trending&limit=5", {"query": "paper cranes"}),
        ("/feeds/search.json?category=cs.RO&category=cs.LG", {"categories": ["cs.RO", "cs.LG"]}),
        (
            "/feeds/search.atom?q=cranes+cat:cs.RO+author:%22Ada+Origami%22+-swans+%22paper+hands%22&category=cs.LG",
            {
                "query": "cranes paper hands",
                "categories": ["cs.RO", "cs.LG"],
                "authors": ["Ada Origami"],
                "must": ["paper hands"],
                "not": ["swans"],
            },
        ),
        ("/feeds/search.atom?source=arxiv&author=Ada", {"sources": ["arxiv"], "authors": ["Ada"]}),
        ("/feeds/trending.atom?window=day", {"changes": ["trending"], "schedule": {"daily": "08:00"}}),
        (
            "/feeds/trending.json?window=month&category=cs.RO",
            {"changes": ["trending"], "schedule": WEEKLY, "categories": ["cs.RO"]},
        ),
        ("/feeds/authors/Jos%C3%A9%20Garc%C3%ADa.atom", {"authors": ["José García"]}),
        ("/feeds/papers/arXiv:hep-th%2F9901001/similar.atom?limit=9", {"like": ["arXiv:hep-th/9901001"]}),
    ),
)
def test_a_feed_of_ours_is_the_search_that_it_came_from(address: str, fields: dict[str, Any]) -> None:
    assert subscription_of(SITE + address) == fields


@pytest.mark.parametrize(
    ("address", "reason"),
    (
        ("/feeds/search.atom", "needs a condition"),
        ("/feeds/search.atom?q=cranes&from=2024-01-01", "no filter “from”"),
        ("/feeds/search.atom?q=cranes+year:2024", "no filter “year:2024”"),
        ("/feeds/search.atom?q=cranes+-cat:cs.RO", "no filter “-cat:cs.RO”"),
        ("/feeds/search.atom?q=after:2024+before:2020", "contradict"),
        ("/feeds/search.atom?" + "&".join(f"source={n}" for n in range(501)), "cannot be read"),
    ),
)
def test_what_no_subscription_can_have_is_told(address: str, reason: str) -> None:
    with pytest.raises(NoSubscriptionError, match=reason):
        subscription_of(SITE + address)


def test_feeds_of_others_are_no_searches_of_ours() -> None:
    here = Here({}, ("http://127.0.0.1:8080", SITE))
    address = "/feeds/search.atom?q=cranes"
    assert here.search(Feed("Cranes", SITE + address)) == {"query": "cranes"}
    assert here.search(Feed("Cranes", "https://moved.example" + address, ours=True)) == {"query": "cranes"}
    assert here.search(Feed("Cranes", "https://blog.example" + address)) is None
    assert here.search(Feed("Cranes", SITE + "/feeds/cranes.xml")) is None
    assert here.search(Feed("Cranes", SITE + ".evil.example" + address)) is None
