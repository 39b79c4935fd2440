"""What readers see while the collection changes, of papers that tell their trend, and of one work under two ids."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from qdrant_client import models

from services.search.query.filters import Filters
from services.search.query.parser import Query
from services.search.ranking.engine import Mode, Page, SearchEngine
from services.search.ranking.paper_index import PaperIndex
from shared.papers.names import point_id
from shared.papers.paper import Author
from shared.qdrant import PAPERS
from shared.runtime import Runtime
from tests.integration.search.instance import address, instance, paper, seed

CRANES = [paper(n, f"Paper crane number {n}", published=f"2024-01-{n:02d}") for n in range(1, 21)]


@pytest.fixture
async def runtime(tmp_path: Path, models: Path) -> AsyncIterator[Runtime]:
    async with instance(tmp_path, models, CRANES) as running:
        yield running


@pytest.fixture
async def http(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=address(runtime)) as client:
        yield client


def shown(answer: dict[str, Any]) -> list[str]:
    return [row["paper"]["id"] for row in answer["results"]]


@pytest.mark.parametrize(
    ("path", "params"),
    (("/v1/search", {"q": "paper crane"}), ("/v1/search", {}), ("/v1/papers", {"sort": "newest", "month": "2024-01"})),
)
async def test_no_paper_is_repeated_or_missed_during_an_import(
    runtime: Runtime, http: httpx.AsyncClient, path: str, params: dict[str, str]
) -> None:
    """INVARIANT: whatever is indexed between two pages, those that were there come once each."""
    seen: list[str] = []
    cursor: dict[str, str] = {}
    for turn in range(20):
        answer = (await http.get(path, params={**params, **cursor, "limit": "4"})).json()
        seen += shown(answer)
        if answer["next_cursor"] is None:
            break
        cursor = {"cursor": answer["next_cursor"]}
        if turn < 3:
            new = [paper(40 + 3 * turn + n, "Paper crane paper crane", published="2024-01-31") for n in range(3)]
            await seed(runtime.settings, await runtime.embedder(), new)
    assert len(seen) == len(set(seen))
    assert {work.id for work in CRANES} <= set(seen)


async def test_a_work_with_two_ids_is_shown_once(runtime: Runtime, http: httpx.AsyncClient) -> None:
    abstract = "A robot arm learns to fold a crane from a few videos of people who fold cranes with their own hands. "
    twins = [
        paper(50, "Learning to fold from videos", abstract, published="2024-02-02"),
        paper(51, "LEARNING TO FOLD – from videos", "Another text.", published="2024-02-01"),
        paper(52, "Learning to fold from a few videos", abstract + "It works.", published="2024-02-03"),
    ]
    await seed(runtime.settings, await runtime.embedder(), twins)
    names = {work.id for work in twins}
    for params in ({"q": "learning to fold from videos"}, {}):
        answer = (await http.get("/v1/search", params={**params, "limit": "2"})).json()
        row = answer["results"][0]
        assert row["paper"]["id"] in names
        assert names - {row["paper"]["id"]} >= set(row["duplicates"]) > set()
        assert not set(row["duplicates"]) & set(shown(answer))


@pytest.mark.parametrize("params", ({"q": "paper crane number"}, {"sort": "newest"}))
async def test_a_duplicate_of_an_earlier_page_is_not_shown(
    runtime: Runtime, http: httpx.AsyncClient, params: dict[str, str]
) -> None:
    copies = [paper(60 + n, f"Paper crane number {n}", published="2023-01-01") for n in range(1, 21)]
    await seed(runtime.settings, await runtime.embedder(), copies)
    titles: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(20):
        answer = (await http.get("/v1/search", params={**params, **cursor, "limit": "3"})).json()
        titles += [row["paper"]["title"] for row in answer["results"]]
        if answer["next_cursor"] is None:
            break
        cursor = {"cursor": answer["next_cursor"]}
    assert sorted(titles) == sorted(work.title for work in CRANES)


@pytest.mark.parametrize("params", ({"q": "one work under many ids"}, {"sort": "newest"}))
async def test_no_page_is_empty_however_many_duplicates_follow(
    runtime: Runtime, http: httpx.AsyncClient, params: dict[str, str]
) -> None:
    copies = [paper(50 + n, "One work under many ids", published="2025-01-01") for n in range(15)]
    await seed(runtime.settings, await runtime.embedder(), copies)
    titles: list[str] = []
    cursor: dict[str, str] = {}
    while len(titles) < 50:
        answer = (await http.get("/v1/search", params={**params, **cursor, "limit": "1"})).json()
        titles += [row["paper"]["title"] for row in answer["results"]]
        assert len(answer["results"]) == 1
        if answer["next_cursor"] is None:
            break
        cursor = {"cursor": answer["next_cursor"]}
    assert sorted(titles) == sorted(["One work under many ids", *(work.title for work in CRANES)])


async def test_coauthors_are_counted_by_papers(runtime: Runtime, http: httpx.AsyncClient) -> None:
    names = ("Olga Kirigami", "Wei Washi", "Wei Washi", "Bo Shears")
    together = paper(30, "Cutting and folding", authors=tuple(Author(name=name) for name in names))
    again = paper(31, "Folding and cutting", authors=tuple(Author(name=name) for name in (names[0], names[3])))
    await seed(runtime.settings, await runtime.embedder(), [together, again])
    profile = (await http.get("/v1/authors/O. Kirigami")).json()
    assert profile["coauthors"] == [{"value": "Bo Shears", "count": 2}, {"value": "Wei Washi", "count": 1}]


async def test_a_search_ends_if_its_results_are_deleted_meanwhile(runtime: Runtime) -> None:
    searching = SearchEngine(PaperIndex(runtime.qdrant()), await runtime.embedder())
    ranked = await searching.rank(Query("paper crane"), Filters(), Mode.HYBRID)
    assert ranked.order
    everything = models.FilterSelector(filter=models.Filter())
    await runtime.qdrant().delete(PAPERS, everything, wait=True)
    async with asyncio.timeout(20):
        results = await searching.find(ranked, None, Page(4))
    assert (results.hits, results.more) == ([], False)


async def test_the_trend_of_a_paper_is_explained(runtime: Runtime, http: httpx.AsyncClient) -> None:
    component = {"signal": "upvotes", "value": 12.0, "growth": 0.4, "score": 2.0, "weight": 1.0}
    since = "2024-01-01T00:00:00Z"
    trend = {"key": 9.5, "strength": 2.0, "field": "cs.LG", "since": since, "components": [component]}
    readings = [{"at": "2024-01-01T00:00:00Z", "signals": {"upvotes": 12}}]
    points = [point_id(CRANES[0].id)]
    payload = {"trend": trend, "readings": readings}
    await runtime.qdrant().set_payload(PAPERS, payload, points=models.PointIdsList(points=points), wait=True)
    answer = (await http.get(f"/v1/papers/{CRANES[0].id}/trend")).json()
    assert answer == {"id": CRANES[0].id, "trend": trend, "readings": readings}
