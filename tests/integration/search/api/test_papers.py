from typing import Any

import httpx
import pytest


def ids(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [row["paper"]["id"].removeprefix("arXiv:2401.000") for row in response.json()["results"]]


@pytest.mark.parametrize(
    ("name", "work"),
    (
        ("arXiv:2401.00006", "arXiv:2401.00006"),
        ("2401.00006", "arXiv:2401.00006"),
        ("2401.00006v3", "arXiv:2401.00006"),
        ("10.1000%2Fquantum(2024)%2Fx", "arXiv:2401.00006"),
        ("10.1000/quantum(2024)/x", "arXiv:2401.00006"),
        ("doi%3A10.1000%2FQUANTUM(2024)%2Fx", "arXiv:2401.00006"),
        ("https%3A%2F%2Fdoi.org%2F10.1000%2Fquantum(2024)%2Fx", "arXiv:2401.00006"),
        ("hep-th%2F9901001", "arXiv:hep-th/9901001"),
        ("arXiv:hep-th/9901001v2", "arXiv:hep-th/9901001"),
        ("2401.00007", "arXiv:2401.00007"),
    ),
)
def test_every_id_of_a_paper_resolves(http: httpx.Client, name: str, work: str) -> None:
    assert http.get(f"/v1/papers/{name}").json()["id"] == work


@pytest.mark.parametrize("name", ("2401.99999", "nonsense", "%00", "%ED%A0%80", "%20", "..%2F..%2Fetc", "a" * 3000))
@pytest.mark.parametrize("path", ("/v1/papers/{}", "/v1/papers/{}/similar", "/papers/{}"))
def test_an_unknown_id_is_not_found(http: httpx.Client, name: str, path: str) -> None:
    assert http.get(path.format(name)).status_code == 404


def test_a_paper_has_the_public_schema(http: httpx.Client) -> None:
    paper = http.get("/v1/papers/2401.00005").json()
    assert paper["authors"] == [{"name": "José García"}, {"name": "Ada Origami"}]
    assert paper["links"]["code"] == [{"url": "https://example.org/gnn", "stars": 7, "archived": None}]
    assert set(paper) >= {"title", "abstract", "published", "updated", "status", "identifiers", "sources", "signals"}
    assert "author_keys" not in paper


def test_similar_papers_are_near_and_never_the_paper_itself(http: httpx.Client) -> None:
    similar = ids(http.get("/v1/papers/2401.00001/similar"))
    assert "01" not in similar
    assert "07" not in similar
    assert "03" in similar[:3]
    assert ids(http.get("/v1/papers/2401.00001/similar", params={"category": "cs.RO"})) == ["03"]
    assert len(ids(http.get("/v1/papers/hep-th/9901001/similar", params={"limit": 2}))) == 2


def recommended(http: httpx.Client, **body: Any) -> httpx.Response:
    return http.post("/v1/recommendations", json=body)


def test_recommendations_are_near_the_positive_and_away_from_the_negative_papers(http: httpx.Client) -> None:
    liked = ids(recommended(http, positive=["2401.00002", "arXiv:2401.00011v1"]))
    assert not {"02", "11", "07"} & set(liked)
    away = ids(recommended(http, positive=["2401.00001"], negative=["2401.00003"], limit=5))
    assert not {"01", "03"} & set(away)
    assert len(away) == 5


@pytest.mark.parametrize(
    "body",
    (
        {},
        {"positive": []},
        {"positive": ["2401.99999"]},
        {"positive": ["\x00"]},
        {"positive": ["2401.00001"], "limit": 0},
        {"positive": ["2401.00001"], "unknown": 1},
        {"positive": "2401.00001"},
    ),
)
def test_recommendations_refuse_unknown_ids(http: httpx.Client, body: dict[str, Any]) -> None:
    assert recommended(http, **body).status_code == 422


def test_a_lone_surrogate_in_a_body_is_refused(http: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    response = http.post("/v1/recommendations", content=rb'{"positive": ["\ud800"]}', headers=headers)
    assert response.status_code in (400, 422)


def test_papers_of_a_period_are_listed(http: httpx.Client) -> None:
    def listed(**params: str) -> list[str]:
        return ids(http.get("/v1/papers", params=params))

    assert listed(date="2024-01-03") == ["03"]
    assert listed(week="2024-W01", sort="newest") == ["06", "05", "04", "03", "02", "01"]
    assert listed(month="2024-01")[:3] == ["08", "05", "12"]
    assert listed(month="1999-01") == ["arXiv:hep-th/9901001"]
    assert listed(month="1998-01") == []


@pytest.mark.parametrize(
    "query", ("date=2024-01-32", "week=2024-W60", "month=2024-13", "date=2024-01-01&month=2024-01")
)
def test_an_invalid_period_is_refused(http: httpx.Client, query: str) -> None:
    assert http.get(f"/v1/papers?{query}").status_code == 422


def test_trending_covers_the_last_days_only(http: httpx.Client) -> None:
    assert ids(http.get("/v1/trending", params={"window": "month"})) == [], "our papers are years old"
    assert http.get("/v1/trending", params={"window": "year"}).status_code == 422


def test_facets_count_the_papers_of_a_search(http: httpx.Client) -> None:
    everything = http.get("/v1/facets").json()
    assert {"value": "gr-qc", "count": 1} in everything["categories"]
    assert everything["categories"][0] == {"value": "cs.LG", "count": 9}
    assert {"value": 1999, "count": 1} in everything["years"]
    assert {"value": True, "count": 1} in everything["has_code"]
    phrase = http.get("/v1/facets", params={"q": '"long documents"'}).json()
    assert phrase["categories"] == [{"value": "cs.LG", "count": 2}]
    assert http.get("/v1/facets", params={"q": "2401.00007"}).json()["sources"] == [{"value": "arxiv", "count": 1}]
    assert http.get("/v1/facets", params={"q": '"no such phrase"'}).json()["sources"] == []


def test_similar_papers_can_be_the_newest_of_those_that_are_close(http: httpx.Client) -> None:
    nearest = http.get("/v1/papers/2401.00001/similar", params={"limit": 200}).json()["results"]
    newest = http.get("/v1/papers/2401.00001/similar", params={"limit": 200, "sort": "newest"}).json()["results"]
    assert 0 < len(newest) < len(nearest)
    assert [row["paper"]["published"] for row in newest] == sorted(
        (row["paper"]["published"] for row in newest), reverse=True
    )
    assert min(row["score"] for row in newest) >= 0.6 * nearest[0]["score"]


def test_facets_name_the_authors(http: httpx.Client) -> None:
    authors = http.get("/v1/facets", params={"q": "author:garcia"}).json()["authors"]
    assert {row["value"]: row["count"] for row in authors} == {"José García": 1, "Ada Origami": 1}


def test_an_author_has_papers_years_and_co_authors(http: httpx.Client) -> None:
    profile = http.get("/v1/authors/garcia").json()
    assert (profile["name"], profile["papers"]) == ("José García", 1)
    assert profile["years"] == [{"value": 2024, "count": 1}]
    assert profile["coauthors"] == [{"value": "Ada Origami", "count": 1}]
    assert [row["paper"]["id"] for row in profile["results"]] == ["arXiv:2401.00005"]
    page = http.get("/v1/authors/Ada%20Origami", params={"limit": 3}).json()
    assert [row["paper"]["id"][-2:] for row in page["results"]] == ["12", "11", "09"]
    following = http.get("/v1/authors/Ada%20Origami", params={"limit": 3, "cursor": page["next_cursor"]}).json()
    assert [row["paper"]["id"][-2:] for row in following["results"]] == ["08", "06", "05"]
    trending = http.get("/v1/authors/origami", params={"sort": "trending"}).json()
    assert [row["paper"]["id"][-2:] for row in trending["results"]][:2] == ["08", "05"]


@pytest.mark.parametrize("name", ("Nobody%20Known", "%00", "!!", "%ED%A0%80", "..%2F..", "a" * 3000))
def test_an_author_without_papers_is_not_found(http: httpx.Client, name: str) -> None:
    assert http.get(f"/v1/authors/{name}").status_code == 404


@pytest.mark.parametrize(
    ("form", "media", "beginning"),
    (
        ("bibtex", "text/x-bibtex", "@misc{origami2024folding,"),
        ("ris", "application/x-research-info-systems", "TY  - UNPB\r\nTI  - Folding proteins"),
        ("csl", "application/vnd.citationstyles.csl+json", '[\n  {\n    "id": "arXiv:2401.00001"'),
    ),
)
def test_a_paper_can_be_cited(http: httpx.Client, form: str, media: str, beginning: str) -> None:
    response = http.get("/v1/papers/2401.00001/citation", params={"format": form})
    assert response.headers["Content-Type"].startswith(media)
    assert response.headers["Content-Disposition"].startswith("attachment; ")
    assert response.text.startswith(beginning)


def test_a_paper_without_a_trend_is_reported_as_such(http: httpx.Client) -> None:
    answer = http.get("/v1/papers/2401.00001v2/trend").json()
    assert answer == {"id": "arXiv:2401.00001", "trend": None, "readings": []}
