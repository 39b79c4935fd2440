"""Similar papers: by all of a paper and by a facet, also in an index of an earlier version."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.papers.names import point_id
from shared.papers.paper import Author
from shared.qdrant import BM25, PAPERS, TITLE
from shared.runtime import Runtime
from tests.integration.search.instance import in_thread, paper

PROBLEM = "However, hospitals struggle to detect sepsis in time."
METHOD = "We propose a graph neural network that is trained on laboratory values."
RESULT = "We find that nurses save forty minutes of work in each shift."
WORKS = (
    paper(1, "A warning for wards", f"{PROBLEM} {METHOD} {RESULT}"),
    paper(2, "Sepsis kills", "Sepsis in hospitals is detected too late. Hospitals lose patients to sepsis."),
    paper(3, "Graphs learn", "A graph neural network is trained on molecules. The graph neural network is deep."),
    paper(4, "Minutes count", "Nurses save minutes of work. In each shift nurses save forty minutes of work."),
    paper(5, "A method alone", "We propose a graph neural network for proteins."),
    paper(
        7,
        "Graphs grow",
        "A graph neural network is trained on atoms.",
        authors=(Author(name="Bo Crane"), Author(name="Ada")),
    ),
    paper(6, "Sepsis in hospitals, again", "Hospitals treat sepsis by guidelines, which nurses in wards follow."),
)


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[httpx.Client]:
    with in_thread(tmp_path_factory.mktemp("similar"), models, WORKS) as url, httpx.Client(base_url=url) as client:
        yield client


def similar(http: httpx.Client, number: int = 1, **params: Any) -> dict[str, Any]:
    response = http.get(f"/v1/papers/2401.{number:05d}/similar", params=params)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def ids(found: dict[str, Any]) -> list[int]:
    return [int(row["paper"]["id"][-5:]) for row in found["results"]]


@pytest.mark.parametrize(("by", "first"), (("problem", 2), ("method", 3), ("result", 4)))
def test_a_facet_is_compared_alone(http: httpx.Client, by: str, first: int) -> None:
    found = similar(http, by=by)
    assert (found["by"], found["notes"]) == (by, [])
    assert ids(found)[0] == first
    assert 1 not in ids(found)


def test_without_a_sentence_of_the_facet_the_whole_is_compared_and_a_note_says_so(http: httpx.Client) -> None:
    found, plain = similar(http, 5, by="problem"), similar(http, 5)
    assert found["by"] is None
    assert found["notes"] == [
        "No sentence of the abstract speaks of the problem, so the papers are compared as a whole."
    ]
    assert found["results"] == plain["results"]
    assert (plain["by"], plain["notes"]) == (None, [])


def test_a_paper_that_is_named_twice_counts_once(http: httpx.Client) -> None:
    once, twice = (
        http.post("/v1/recommendations", json={"positive": named}).json()["results"]
        for named in (["2401.00001"], ["2401.00001", "arXiv:2401.00001", "2401.00001"])
    )
    assert once == twice


def test_papers_like_those_of_an_author_are_by_others(http: httpx.Client) -> None:
    answer = http.get("/v1/authors/Bo Crane/similar", params={"limit": 2})
    assert ids(answer.json()) == [3, 5]
    assert ids(http.get("/v1/authors/Bo Crane/similar", params={"author": "Bo Crane"}).json()) == []
    assert http.get("/v1/authors/Nobody/similar").status_code == 404
    page = http.get("/authors/Bo Crane").text
    assert page.index("Similar papers by others") < page.index("Graphs learn")


def test_an_unknown_facet_is_refused(http: httpx.Client) -> None:
    answer = http.get("/v1/papers/2401.00001/similar", params={"by": "luck"})
    assert answer.status_code == 422
    assert "by" in answer.json()["detail"]


def test_the_page_offers_the_facets_of_the_abstract(http: httpx.Client) -> None:
    page = http.get("/papers/arXiv:2401.00001", params={"by": "method"}).text
    assert page.count("?by=") == 3
    assert '?by=method#similar" aria-current="true">' in page
    alone = http.get("/papers/arXiv:2401.00005", params={"by": "result"}).text
    assert alone.count("?by=") == 1
    assert "No sentence of the abstract speaks of the result" in alone
    assert http.get("/papers/arXiv:2401.00001", params={"by": "luck"}).status_code == 200


async def _without(runtime: Runtime, *names: str) -> None:
    """Take vectors of some papers away, as they lack in an index that is being read again."""
    points = [point_id(WORKS[place].id) for place in (0, 2)]
    await runtime.qdrant().delete_vectors(PAPERS, vectors=list(names), points=[*points], wait=True)


async def _no_titles(runtime: Runtime) -> None:
    await _without(runtime, TITLE)


async def _no_words(runtime: Runtime) -> None:
    await _without(runtime, TITLE, BM25)


async def _unknown_titles(runtime: Runtime) -> None:
    await runtime.qdrant().delete_vector_name(PAPERS, TITLE)


@pytest.mark.parametrize("prepare", (_no_titles, _no_words, _unknown_titles))
def test_papers_of_an_earlier_version_have_similar_ones_too(tmp_path: Path, models: Path, prepare: Any) -> None:
    with in_thread(tmp_path, models, WORKS, prepare) as url, httpx.Client(base_url=url) as http:
        for number in (1, 2):
            found = ids(similar(http, number))
            assert sorted([number, *found]) == [1, 2, 3, 4, 5, 6, 7]
            assert similar(http, number)["results"][0]["score"] <= 1
        body = {"positive": ["2401.00001", "2401.00002"], "negative": ["2401.00003"]}
        liked = http.post("/v1/recommendations", json=body).json()
        assert sorted(ids(liked)) == [4, 5, 6, 7]
        taste = http.get("/v1/for-you", params={"like": ["2401.00001", "2401.00002"]}).json()
        assert sorted(ids(taste)) == [3, 4, 5, 6, 7]
