"""The export of a search: one file of all its papers."""

from typing import Any

import httpx
import orjson
import pytest
from bibtexparser.entrypoint import parse_string
from lxml import etree

from tests.integration.search.instance import PAPERS_OF_OUR_OWN

ACTIVE = [work for work in PAPERS_OF_OUR_OWN if work.status == "active"]


def lines(http: httpx.Client, **parameters: Any) -> list[dict[str, Any]]:
    response = http.get("/v1/export", params={"format": "jsonl", **parameters})
    assert response.status_code == 200
    return [orjson.loads(line) for line in response.text.splitlines()]


def test_an_export_without_words_has_every_paper_newest_first(http: httpx.Client) -> None:
    rows = lines(http)
    newest = sorted(ACTIVE, key=lambda work: work.published or "", reverse=True)
    assert [row["id"] for row in rows] == [work.id for work in newest]


def test_an_export_has_the_results_of_its_search_in_order(http: httpx.Client) -> None:
    found = http.get("/v1/search", params={"q": "attention", "limit": 200}).json()["results"]
    rows = lines(http, q="attention")
    assert [row["id"] for row in rows] == [row["paper"]["id"] for row in found]
    newest = http.get("/v1/search", params={"q": "attention", "sort": "newest", "limit": 200}).json()["results"]
    assert [row["id"] for row in lines(http, q="attention", sort="newest")] == [row["paper"]["id"] for row in newest]


@pytest.mark.parametrize(
    ("parameters", "number"),
    (({"author": "José García"}, 1), ({"from": "2024-01-03", "to": "2024-01-03"}, 1), ({"category": "cs.RO"}, 1)),
)
def test_an_author_a_day_and_a_category_are_exported(http: httpx.Client, parameters: Any, number: int) -> None:
    assert len(lines(http, **parameters)) == number


def test_a_limit_is_told(http: httpx.Client) -> None:
    response = http.get("/v1/export", params={"limit": 3})
    assert response.headers["X-Total-Count"] == str(len(ACTIVE))
    assert response.headers["Content-Disposition"] == 'attachment; filename="papers.bib"'
    library = parse_string(response.text)
    assert len(library.entries) == 3
    assert library.failed_blocks == []
    assert http.get("/v1/export", params={"limit": 10_001}).status_code == 422


@pytest.mark.parametrize(
    ("page", "number"),
    (("/search?q=attention&category=cs.LG&limit=2", None), ("/authors/José García", 1), ("/?date=2024-01-03", 1)),
)
def test_pages_link_to_the_export_of_what_they_show(http: httpx.Client, page: str, number: int | None) -> None:
    links = [link for link in etree.HTML(http.get(page).text).iter("a") if link.get("href").startswith("/v1/export")]
    assert [link.text for link in links] == ["BibTeX", "RIS", "CSL-JSON", "JSON Lines"]
    exported = http.get(links[-1].get("href"))
    assert exported.status_code == 200
    found = http.get("/v1/search", params={"q": "attention", "category": "cs.LG", "limit": 200}).json()["results"]
    assert len(exported.text.splitlines()) == (len(found) if number is None else number)


def test_a_client_that_leaves_and_one_that_asks_for_the_head_cost_nothing(http: httpx.Client) -> None:
    with http.stream("GET", "/v1/export") as response:
        assert response.headers["Transfer-Encoding"] == "chunked"
    head = http.head("/v1/export", params={"format": "csl"})
    assert (head.status_code, head.content) == (200, b"")
    assert http.get("/v1/search").status_code == 200
