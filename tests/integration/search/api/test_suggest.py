"""Suggestions over HTTP, and when the newest papers are read again."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from services.search.api.suggestion_routes import MAX_AGE_S, Suggestions
from services.search.ranking.paper_index import PaperIndex
from shared.runtime import Runtime
from tests.integration.search.instance import PAPERS_OF_OUR_OWN, instance, paper, seed


def test_titles_and_authors_complete_a_query(http: httpx.Client) -> None:
    found: Any = http.get("/v1/suggest", params={"q": "garc"}).json()
    assert found == {"suggestions": [{"kind": "author", "text": "José García", "query": 'author:"José García"'}]}
    first: Any = http.get("/v1/suggest", params={"q": "folding pro"}).json()["suggestions"][0]
    assert first["text"] == "Folding proteins with neural networks"
    answer = http.get("/v1/search", params={"q": first["query"], "limit": 1}).json()
    assert answer["results"][0]["paper"]["title"] == first["text"]


def test_an_operator_completes_a_query_before_titles(http: httpx.Client) -> None:
    found: Any = http.get("/v1/suggest", params={"q": "neural networks aft"}).json()["suggestions"]
    assert [(one["kind"], one["query"]) for one in found] == [("operator", "neural networks after:")]
    completed: Any = http.get("/opensearch/suggest", params={"q": "neural networks aft"}).json()
    assert completed == ["neural networks aft", ["neural networks after:"]]


def test_withdrawn_papers_are_not_suggested(http: httpx.Client) -> None:
    assert http.get("/v1/suggest", params={"q": "retracted cl"}).json() == {"suggestions": []}


@pytest.mark.parametrize("params", ({}, {"q": "x" * 1001}, {"q": "a", "limit": "3"}))
def test_invalid_requests_are_refused(http: httpx.Client, params: dict[str, str]) -> None:
    assert http.get("/v1/suggest", params=params).status_code == 422


async def test_new_papers_are_suggested_after_a_while(tmp_path: Path, models: Path) -> None:
    moment = 0.0
    async with instance(tmp_path, models, PAPERS_OF_OUR_OWN[:2]) as runtime:
        suggestions = Suggestions(PaperIndex(runtime.qdrant()), lambda: moment)
        assert (await suggestions.index()).find("zebra") == []
        await _add(runtime)
        assert (await suggestions.index()).find("zebra") == []
        moment = MAX_AGE_S
        assert [one.text for one in (await suggestions.index()).find("zebra")] == ["Zebras fold nothing"]


async def _add(runtime: Runtime) -> None:
    await seed(runtime.settings, await runtime.embedder(), [paper(30, "Zebras fold nothing", published="2024-01-30")])
