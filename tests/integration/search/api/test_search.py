from typing import Any

import httpx
import pytest

from tests.integration.search.instance import PAPERS_OF_OUR_OWN

ALL = {paper.id for paper in PAPERS_OF_OUR_OWN if paper.status == "active"}
ALL_SHORT = {name.removeprefix("arXiv:2401.000") for name in ALL}


def found(http: httpx.Client, path: str = "/v1/search", **params: Any) -> list[str]:
    response = http.get(path, params=params)
    assert response.status_code == 200, response.text
    return [row["paper"]["id"].removeprefix("arXiv:2401.000") for row in response.json()["results"]]


@pytest.mark.parametrize("mode", ("hybrid", "semantic", "lexical"))
def test_the_best_paper_is_first_in_every_mode(http: httpx.Client, mode: str) -> None:
    answer = http.get("/v1/search", params={"q": "how do proteins fold", "mode": mode}).json()
    first = answer["results"][0]
    assert (answer["query"], answer["mode"]) == ("how do proteins fold", mode)
    assert first["paper"]["id"] == "arXiv:2401.00001"
    assert first["highlights"][-1]["text"] == "We predict how proteins fold."
    assert answer["took_ms"] > 0


def test_semantic_search_finds_papers_without_a_common_word(http: httpx.Client) -> None:
    assert found(http, q="qubit fault tolerance", mode="semantic")[0] == "06"
    assert found(http, q="astrophysics collision", mode="lexical") == []
    assert found(http, q="astrophysics collision", mode="hybrid")[0] == "04"


def test_a_query_of_stopwords_or_signs_is_answered(http: httpx.Client) -> None:
    assert found(http, q="the of", mode="lexical") == []
    assert found(http, q="the of")
    assert found(http, q="!?")


def test_a_phrase_must_occur_in_the_title_or_the_abstract(http: httpx.Client) -> None:
    assert found(http, q='"sparse attention"') == ["02"]
    assert found(http, q='"Attention Sparse"') == []
    assert found(http, q='reading "long documents"') == ["02", "11"]
    assert found(http, q='"long documents" "ranking papers"') == ["11"]
    assert found(http, q='"no such phrase" fold') == []


@pytest.mark.parametrize(
    ("q", "work"),
    (
        ("2401.00003", "03"),
        ("arXiv:2401.00003v2", "03"),
        ("https://arxiv.org/abs/2401.00003", "03"),
        ("10.48550/arXiv.2401.00003", "03"),
        ("hep-th/9901001v1", "arXiv:hep-th/9901001"),
        ("10.1000/Quantum(2024)/X", "06"),
        ("2401.00007", "07"),  # withdrawn, and asked for by name
    ),
)
def test_an_id_finds_its_paper(http: httpx.Client, q: str, work: str) -> None:
    assert found(http, q=q) == [work]


def test_an_unknown_id_finds_nothing(http: httpx.Client) -> None:
    assert found(http, q="2401.99999") == []


def test_withdrawn_papers_are_left_out(http: httpx.Client) -> None:
    assert "07" not in found(http, q="a retracted claim about cold fusion")
    assert "07" not in found(http)
    assert http.get("/v1/papers/2401.00007").json()["status"] == "withdrawn"


def test_filters_are_combined(http: httpx.Client) -> None:
    assert found(http, q="fold", category="cs.RO") == ["03"]
    assert set(found(http, category=["cs.RO", "gr-qc"])) == {"03", "04"}
    assert (
        found(http, author="Garcia") == found(http, author="J. García") == found(http, author="García, José") == ["05"]
    )
    assert found(http, author="Ada Origami", has_code="true") == ["05"]
    assert found(http, has_code="true") == ["05"]
    assert "05" not in found(http, has_code="false")
    assert found(http, source="oai") == ["arXiv:hep-th/9901001"]
    assert found(http, q="networks", category="cs.LG", author="garcia", source="arxiv") == ["05"]
    assert found(http, author="Nobody") == []


def test_days_are_inclusive(http: httpx.Client) -> None:
    assert found(http, **{"from": "2024-01-02", "to": "2024-01-04"}) == ["04", "03", "02"]
    assert found(http, **{"from": "2024-01-03", "to": "2024-01-03"}) == ["03"]
    assert found(http, to="1999-12-31") == ["arXiv:hep-th/9901001"]
    assert len(found(http, q="x", **{"from": "0001-01-01", "to": "9999-12-31"})) == len(ALL)


def test_an_empty_query_lists_the_newest(http: httpx.Client) -> None:
    assert found(http) == ["12", "11", "09", "08", "06", "05", "04", "03", "02", "01", "arXiv:hep-th/9901001"]


def test_sorting_keeps_the_relevant_and_their_scores(http: httpx.Client) -> None:
    newest = http.get("/v1/search", params={"q": "fold", "sort": "newest", "mode": "lexical"}).json()["results"]
    assert [row["paper"]["id"][-2:] for row in newest] == ["03", "01"]
    assert all(row["score"] > 0 for row in newest)
    # The most talked about of all is about something else: it is no result.
    assert found(http, q="networks", sort="trending") == ["05", "01"]
    assert found(http, sort="trending")[:3] == ["08", "05", "12"]


@pytest.mark.parametrize("params", ({"q": "learning"}, {}, {"sort": "trending"}, {"q": "fold", "sort": "newest"}))
def test_all_pages_together_are_the_whole_result(http: httpx.Client, params: dict[str, str]) -> None:
    whole = found(http, limit=200, **params)
    joined: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = http.get("/v1/search", params={**params, **cursor, "limit": 3}).json()
        joined += [row["paper"]["id"].removeprefix("arXiv:2401.000") for row in answer["results"]]
        if answer["next_cursor"] is None:
            break
        cursor = {"cursor": answer["next_cursor"]}
    assert joined == whole


def test_a_cursor_of_another_search_is_refused(http: httpx.Client) -> None:
    cursor = http.get("/v1/search", params={"q": "learning", "limit": 1}).json()["next_cursor"]
    response = http.get("/v1/search", params={"q": "fold", "limit": 1, "cursor": cursor})
    assert response.status_code == 422
    assert "another search" in response.json()["detail"]


@pytest.mark.parametrize(
    "query",
    (
        "q=%00",
        "q=%ED%A0%80",
        "q=%FF%FE",
        f"q={'a' * 1001}",
        f"q={'%22a' * 10000}",
        "q=a&q=b",
        "nonsense=1",
        "since=2024-01-01",
        "mode=best",
        "sort=best",
        "limit=0",
        "limit=201",
        "limit=ten",
        "from=2024-02-30",
        "from=1704067200",
        "from=yesterday",
        "to=10000-01-01",
        "from=2024-02-01&to=2024-01-01",
        "has_code=perhaps",
        "author=%21%21",
        "author=",
        "category=%00",
        "cursor=%00",
        "cursor=abc",
        "cursor=" + "A" * 1000,
    ),
)
def test_bad_input_is_explained_in_one_sentence(http: httpx.Client, query: str) -> None:
    response = http.get(f"/v1/search?{query}")
    assert response.status_code in (400, 414, 422), response.text
    if response.headers["Content-Type"].startswith("application/problem+json"):
        assert response.json()["detail"]
    else:
        assert response.status_code == 400, "aiohttp's own: the line is too long"


@pytest.mark.parametrize(
    ("q", "works"),
    (
        ("author:garcia", ["05"]),
        ('author:"García, José" networks', ["05"]),
        ("cat:gr-qc", ["04"]),
        ("cat:gr-qc cat:cs.RO", ["04", "03"]),
        ("cat:CS.ro", ["03"]),
        ('title:"sparse attention"', ["02"]),
        ("title:attention", ["02"]),
        ("id:2401.00007", ["07"]),
        ("id:10.1000/quantum(2024)/x", ["06"]),
        ("source:oai", ["arXiv:hep-th/9901001"]),
        ("year:1999", ["arXiv:hep-th/9901001"]),
        ("after:2024-01-11", ["12", "11"]),
        ("before:2024-01-03", ["02", "01", "arXiv:hep-th/9901001"]),
        ("after:2024-01-03 before:2024-01-05", ["04", "03"]),
        ("has:code", ["05"]),
        ("fold -cat:cs.RO -source:oai cat:cs.LG -proteins after:2024-01-12", ["12"]),
        ('"long documents" -ranking', ["02"]),
        ('"long documents" -"sparse attention"', ["11"]),
    ),
)
def test_operators_narrow_a_query(http: httpx.Client, q: str, works: list[str]) -> None:
    assert found(http, q=q) == works


def test_a_query_of_negatives_lists_the_newest_of_the_others(http: httpx.Client) -> None:
    assert found(http, q="-papers -attention -cat:quant-ph") == ["12", "09", "08", "05", "04", "03", "01"]


@pytest.mark.parametrize(
    "name",
    (
        "Ada Origami",
        "Origami, Ada",
        "origami ada",
        "A. Origami",
        "Ada Q. Origami",
        "Ada Origani",
        "Aad Origami",
        "Origmai",
    ),
)
def test_a_name_is_found_in_many_spellings(http: httpx.Client, name: str) -> None:
    assert set(found(http, author=name)) == ALL_SHORT
    assert set(found(http, q=f'author:"{name}"')) == ALL_SHORT


@pytest.mark.parametrize("name", ("Adalbert Origami", "Oregano", "García-Márquez"))
def test_a_different_name_does_not_match(http: httpx.Client, name: str) -> None:
    assert found(http, author=name) == []


def test_an_operator_and_a_parameter_both_apply(http: httpx.Client) -> None:
    assert found(http, q="cat:cs.LG", category="cs.RO") == ["03"]
    response = http.get("/v1/search", params={"q": "after:2024-02", "to": "2024-01-31"})
    assert response.status_code == 422
    assert response.json()["detail"] == (
        "The dates contradict each other: no paper is both from 2024-02-01 on and until 2024-01-31."
    )
