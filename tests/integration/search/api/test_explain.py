"""Why a search finds a paper, by the query parser of search and with its filters."""

from typing import Any

import httpx
import pytest

GRAPHS = "2401.00005"
"""A survey of graph neural networks, by José García and Ada Origami, published on 5 January 2024."""


def explain(http: httpx.Client, query: str, paper: str = GRAPHS, status: int = 200) -> Any:
    response = http.get("/v1/explain", params={"q": query, "paper": paper})
    assert response.status_code == status, response.text
    return response.json()


def test_words_and_phrases_have_weights(http: httpx.Client) -> None:
    answer = explain(http, 'the "paper cranes" folded galaxies', "2401.00003")
    assert {one["word"]: one["weight"] > 0 for one in answer["words"]} == {
        "paper": True, "cranes": True, "folded": True, "galaxies": False,
    }  # fmt: skip
    assert answer["phrases"] == [{"phrase": "paper cranes", "occurs": True}]
    assert answer["paper"] == {"id": "arXiv:2401.00003", "title": "Robot arms that fold paper cranes"}
    assert "3 of 4 words (paper, cranes, folded)" in answer["verdict"]
    assert 0 < answer["semantic"] <= 1


def test_a_query_of_frequent_words_is_explained_without_words(http: httpx.Client) -> None:
    answer = explain(http, "the of")
    assert answer["words"] == []
    assert "the query has no words that search counts" in answer["verdict"]


def test_a_missing_phrase_is_the_reason(http: httpx.Client) -> None:
    answer = explain(http, '"a robot swan"')
    assert answer["phrases"] == [{"phrase": "a robot swan", "occurs": False}]
    assert answer["verdict"] == ('Not found: the query requires "a robot swan", which the paper does not match.')


@pytest.mark.parametrize("author", ('author:"José García"', 'author:"J. Garcia"', 'author:"Jose Gracia"'))
def test_an_author_is_not_a_phrase(http: httpx.Client, author: str) -> None:
    answer = explain(http, f"graph {author}")
    assert answer["phrases"] == []
    assert [one["word"] for one in answer["words"]] == ["graph"]
    assert [(one["excluded"], one["matches"]) for one in answer["conditions"]] == [(False, True)]
    assert answer["verdict"].startswith("The paper matches every condition.")


def test_an_excluded_phrase_is_not_required(http: httpx.Client) -> None:
    answer = explain(http, 'graph -"paper cranes"')
    assert answer["phrases"] == []
    assert answer["conditions"] == [{"condition": '"paper cranes"', "excluded": True, "matches": False}]
    assert answer["verdict"].startswith("The paper matches every condition.")
    excluded = explain(http, 'survey -"neural networks"')
    assert excluded["verdict"] == 'Not found: the query excludes "neural networks", which the paper matches.'


def test_operators_are_conditions_and_not_words(http: httpx.Client) -> None:
    answer = explain(http, "networks title:survey after:2023 has:code year:2024 source:arxiv cat:cs.lg")
    assert [one["word"] for one in answer["words"]] == ["networks", "survey"]  # a title ranks, its operator does not
    assert len(answer["conditions"]) == 6
    assert all(one["matches"] for one in answer["conditions"])
    late = explain(http, "networks after:2024-02")
    assert late["verdict"] == "Not found: the query requires after:2024-02-01, which the paper does not match."


def test_a_withdrawn_paper_is_found_by_its_id_only(http: httpx.Client) -> None:
    reason = "Not found: the paper was withdrawn, and searches leave withdrawn papers out."
    assert explain(http, "cold fusion", "2401.00007")["verdict"] == reason
    by_id = explain(http, "2401.00007", "2401.00007")
    assert by_id["semantic"] is None
    assert by_id["verdict"] == "The paper matches every condition. The query has no words that rank it."


@pytest.mark.parametrize(
    ("params", "status"),
    (
        ({"q": "a"}, 422),
        ({"q": "", "paper": GRAPHS}, 422),
        ({"q": "after:2024 before:2023", "paper": GRAPHS}, 422),
        ({"q": "a", "paper": GRAPHS, "subscription": "0" * 36}, 422),
        ({"q": "a", "paper": "2401.99999"}, 404),
    ),
)
def test_invalid_explanation_requests_are_refused(http: httpx.Client, params: dict[str, str], status: int) -> None:
    assert http.get("/v1/explain", params=params).status_code == status
