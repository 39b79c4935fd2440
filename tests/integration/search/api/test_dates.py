"""Papers whose date is a year, a month, an announcement or unknown: lists, filters, facets, feeds, pages, citations."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import feedparser
import httpx
import pytest

from shared.papers.paper import Paper, SourceRef
from tests.integration.search.instance import in_thread, paper

TODAY = "2026-03-04"


def dated(number: int, published: str | None, **fields: Any) -> Paper:
    """Make a paper that was first seen on the last day of 2025, or today."""
    basis = None if published is None else "stated"
    seen = fields.pop("seen", f"{TODAY}T09:00:00Z")
    sources = (SourceRef(source="journal", id=str(number), seen_at=seen),)
    base = {"published": published, "date_basis": basis, "sources": sources}
    return paper(number, f"Cranes of kind {number}", "We fold.", **{**base, **fields})


PAPERS = (
    dated(1, "2026-03-04"),
    dated(2, "2026"),
    dated(3, "2026-02"),
    dated(4, None),
    dated(5, "2025-11-03T08:00:00Z", seen="2025-11-04T00:00:00Z", trending=4.0),
    dated(6, "2026-03-03", date_basis="announced", date_precision="day"),
    dated(7, None, seen="2025-11-04T00:00:00Z", trending=50.0),
)


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[httpx.Client]:
    with (
        in_thread(tmp_path_factory.mktemp("dates"), models, PAPERS) as address,
        httpx.Client(base_url=address) as client,
    ):
        yield client


def ids(http: httpx.Client, path: str, **parameters: str) -> set[int]:
    answer = http.get(path, params={"limit": "50", **parameters})
    assert answer.status_code == 200, answer.text
    return {int(row["paper"]["id"][-2:]) for row in answer.json()["results"]}


@pytest.mark.parametrize(
    ("parameters", "found"),
    (
        ({"from": "2026-03-04"}, {1}),
        ({"from": "2026-02-01"}, {1, 3, 6}),
        ({"from": "2026-01-01"}, {1, 2, 3, 6}),
        ({"from": "2026-02-01", "to": "2026-02-28"}, {3}),
        ({"from": "2026-02-01", "to": "2026-02-27"}, set()),
        ({"from": "2026-01-01", "to": TODAY}, {1, 2, 3, 6}),  # the year was seen today, so it is over until then
        ({"from": "2026-01-01", "to": "2026-03-03"}, {3, 6}),
        ({"to": "2025-12-31"}, {5}),
        ({"from": "2026-03-04", "undated": "include"}, {1, 4}),
        ({"to": "2025-12-31", "undated": "include"}, {5, 7}),
        ({"q": "after:2026-03-04 undated:include"}, {1, 4}),
        ({"q": "after:2026-03-04", "undated": "include"}, {1, 4}),
        ({"q": "year:2026"}, {1, 2, 3, 6}),
        ({"q": "year:2025"}, {5}),
        ({}, {1, 2, 3, 4, 5, 6, 7}),
    ),
)
def test_a_paper_passes_days_that_it_is_certainly_between(
    http: httpx.Client, parameters: dict[str, str], found: set[int]
) -> None:
    assert ids(http, "/v1/search", **parameters) == found


@pytest.mark.parametrize(
    ("path", "parameters", "found"),
    (
        ("/v1/papers", {"date": TODAY}, {1}),
        ("/v1/papers", {"date": "2026-01-01"}, set()),
        ("/v1/papers", {"date": "2026-02-01"}, set()),
        ("/v1/papers", {"month": "2026-02"}, {3}),
        ("/v1/papers", {"month": "2026-03"}, {1, 6}),
        ("/v1/papers", {"date": "2025-11-04"}, set()),
    ),
)
def test_no_paper_without_a_day_is_one_of_a_day(
    http: httpx.Client, path: str, parameters: dict[str, str], found: set[int]
) -> None:
    """INVARIANT: papers without a date are none of today, and a year is not its first of January."""
    assert ids(http, path, **parameters) == found


@pytest.mark.parametrize(("sort", "order"), (("newest", "1632547"), ("trending", "5163247")))
def test_papers_without_a_date_are_neither_the_newest_nor_trending(http: httpx.Client, sort: str, order: str) -> None:
    """INVARIANT: whatever their counters are; the newest of a list are those with the latest dates."""
    rows = http.get("/v1/papers", params={"sort": sort}).json()["results"]
    assert "".join(row["paper"]["id"][-1] for row in rows) == order


def test_what_is_not_known_of_a_date_is_shown_nowhere(http: httpx.Client) -> None:
    years = {row["value"]: row["count"] for row in http.get("/v1/facets").json()["years"]}
    assert years == {2026: 4, 2025: 1}
    cited = {number: http.get(f"/v1/papers/2401.000{number:02d}/citation").text for number in (2, 3, 4, 6)}
    assert "year = {2026}" in cited[2]
    assert "month" not in cited[2]
    assert "month = {2}" in cited[3]
    assert "year" not in cited[4].partition("abstract")[0]
    assert "year = {2026}" in cited[6]
    issued = http.get("/v1/papers/2401.00003/citation", params={"format": "csl"}).json()
    assert issued[0]["issued"] == {"date-parts": [[2026, 2]]}
    lines = http.get("/v1/export?format=jsonl").text
    assert '"published":"2026-02"' in lines
    assert '"published":"2026-03-03","date_basis":"announced"' in lines
    entries = feedparser.parse(http.get("/feeds/search.atom").content).entries
    assert {entry.title[-1] for entry in entries if "published" in entry} == {"1", "5", "6"}
    assert {entry.title[-1]: entry.updated[:10] for entry in entries}["2"] == TODAY


def test_pages_show_a_date_as_far_as_it_is_known(http: httpx.Client) -> None:
    listed = http.get("/search").text
    assert '<time datetime="2026-02">Feb 2026</time>' in listed
    assert '<time datetime="2026">2026</time>' in listed
    assert 'announced <time datetime="2026-03-03">3 Mar 2026</time>' in listed
    assert "<code>undated:include</code>" in listed
    home = http.get("/").text
    assert "Cranes of kind 1" in home
    assert "Cranes of kind 4" not in home
    assert "Cranes of kind 2" not in home.partition("Earlier")[0]
    assert "Announced: 2026-03-03" in http.get("/papers/2401.00006", headers={"Accept": "text/markdown"}).text


def test_an_explanation_says_that_a_paper_without_a_date_passes_when_asked(http: httpx.Client) -> None:
    verdicts = [
        http.get("/v1/explain", params={"paper": "2401.00004", "q": query}).json()["conditions"]
        for query in ("after:2026-03-04", "after:2026-03-04 undated:include")
    ]
    assert [[row["matches"] for row in conditions] for conditions in verdicts] == [[False], [True]]


def test_the_api_documents_the_parameter(http: httpx.Client) -> None:
    operation = http.get("/openapi.json").json()["paths"]["/v1/search"]["get"]
    (described,) = (row for row in operation["parameters"] if row["name"] == "undated")
    assert "without a date" in described["description"]
