"""The feeds of an instance, as a feed reader polls them."""

import io
from typing import Any
from urllib.parse import quote

import feedparser
import httpx
import pytest
from lxml import etree

from tests.atom import faults


def titles(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [str(entry.title) for entry in feedparser.parse(io.BytesIO(response.content)).entries]


@pytest.mark.parametrize(
    "path",
    (
        "/feeds/search.atom",
        "/feeds/search.atom?q=folding",
        "/feeds/trending.atom?window=month",
        "/feeds/authors/Ada%20Origami.atom",
        "/feeds/papers/arXiv:2401.00001/similar.atom",
        "/feeds/papers/hep-th%2F9901001/similar.atom",
    ),
)
def test_every_list_is_a_valid_feed_in_both_forms(http: httpx.Client, path: str) -> None:
    atom = http.get(path)
    assert atom.headers["Content-Type"].startswith("application/atom+xml")
    assert faults(atom.content) == []
    form: dict[str, Any] = http.get(path.replace(".atom", ".json")).json()
    assert [item["title"] for item in form["items"]] == titles(atom)
    assert form["feed_url"].startswith(str(http.base_url).rstrip("/") + "/feeds/")


def test_a_search_feed_has_the_newest_first_and_links_to_the_next_page(http: httpx.Client) -> None:
    response = http.get("/feeds/search.atom", params={"category": "cs.LG", "limit": 3})
    feed = feedparser.parse(io.BytesIO(response.content))
    moments = [entry.updated for entry in feed.entries]
    assert moments == sorted(moments, reverse=True)
    following = next(link.href for link in feed.feed.links if link.rel == "next")
    more = titles(http.get(following))
    assert more
    assert not set(more) & set(titles(response))


def test_an_authors_feed_has_only_their_papers(http: httpx.Client) -> None:
    found = http.get("/feeds/authors/Jos%C3%A9%20Garc%C3%ADa.json").json()["items"]
    assert [item["title"] for item in found] == ["A survey of graph neural networks"]


@pytest.mark.parametrize("name", ("Jose Garcai", "Garcia Jose", "Garc\u00eda, Jos\u00e9", "J. Garcia", "garcai"))
def test_author_feed_and_page_correct_the_same_errors_as_a_search(http: httpx.Client, name: str) -> None:
    searched = http.get("/v1/search", params={"author": name}).json()["results"]
    assert [row["paper"]["id"] for row in searched] == ["arXiv:2401.00005"]
    assert http.get(f"/v1/authors/{quote(name)}").json()["results"][0]["paper"]["id"] == "arXiv:2401.00005"
    assert searched[0]["paper"]["title"] in http.get(f"/authors/{quote(name)}").text
    assert titles(http.get(f"/feeds/authors/{quote(name)}.atom")) == [searched[0]["paper"]["title"]]
    items = http.get(f"/feeds/authors/{quote(name)}.json").json()["items"]
    assert [item["title"] for item in items] == [searched[0]["paper"]["title"]]


def test_a_feed_of_an_unknown_author_is_empty(http: httpx.Client) -> None:
    assert titles(http.get("/feeds/authors/Nobody%20Here.atom")) == []


def test_a_conditional_request_for_a_feed_gets_304(http: httpx.Client) -> None:
    first = http.get("/feeds/search.atom?q=attention")
    again = http.get("/feeds/search.atom?q=attention", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "max-age" in first.headers["Cache-Control"]
    assert http.get("/feeds/search.atom?q=robots", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_opml_lists_feeds_that_answer(http: httpx.Client) -> None:
    tree = etree.fromstring(http.get("/feeds.opml").content)
    addresses = [outline.get("xmlUrl") for outline in tree.iter("outline")]
    assert len(addresses) >= 5
    for address in addresses:
        assert faults(http.get(address or "").content) == []


@pytest.mark.parametrize(
    ("path", "status"),
    (
        ("/feeds/search.rss", 404),
        ("/feeds/papers/2401.99999/similar.atom", 404),
        ("/feeds/search.atom?limit=0", 422),
        ("/feeds/search.atom?nonsense=1", 422),
        ("/feeds/authors/%00.atom", 422),
        ("/feeds/authors/---.atom", 422),
    ),
)
def test_an_unknown_feed_is_a_problem(http: httpx.Client, path: str, status: int) -> None:
    response = http.get(path)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"


def test_the_guide_for_agents_is_served(http: httpx.Client) -> None:
    response = http.get("/llms.txt")
    assert response.headers["Content-Type"].startswith("text/markdown")
    assert f"{http.base_url}".rstrip("/") + "/openapi.json" in response.text


def test_a_feed_of_similar_papers_keeps_the_requested_order(http: httpx.Client) -> None:
    path = "papers/arXiv:2401.00001/similar"
    listed = http.get(f"/v1/{path}", params={"sort": "newest"}).json()["results"]
    fed = http.get(f"/feeds/{path}.json", params={"sort": "newest"}).json()["items"]
    assert [item["title"] for item in fed] == [row["paper"]["title"] for row in listed]


@pytest.mark.parametrize("query", ("R&D #1 + 100%", "\ufffe\uffff", "\n\n<b>\u202e'\"", "a=b&limit=3"))
@pytest.mark.parametrize("form", ("atom", "json"))
def test_a_feed_links_to_the_page_of_its_search(http: httpx.Client, form: str, query: str) -> None:
    response = http.get(f"/feeds/search.{form}", params={"q": query, "limit": 2})
    assert response.status_code == 200, response.text
    if form == "atom":
        assert faults(response.content) == []
        links = feedparser.parse(io.BytesIO(response.content)).feed.links
        page = next(link.href for link in links if link.rel == "alternate")
    else:
        page = response.json()["home_page_url"]
    assert dict(httpx.URL(page).params) == {"q": query, "limit": "2"}
    assert httpx.URL(page).path == "/search"


def test_feeds_answer_head_and_vary_by_encoding(http: httpx.Client) -> None:
    for path in ("/feeds/search.atom", "/feeds/trending.json", "/feeds.opml", "/llms.txt", "/v1/papers/2401.00001"):
        whole, head = http.get(path), http.head(path)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("ETag", "Content-Type", "Content-Length"):
            assert head.headers.get(name) == whole.headers.get(name), (path, name)
        if "ETag" in whole.headers:
            assert whole.headers["Vary"] == "Accept-Encoding"
