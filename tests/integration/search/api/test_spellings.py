"""Ids and names as people write them, over HTTP: all spellings lead to the same paper and the same person."""

from urllib.parse import quote

import httpx
import pytest

DOI = (
    "10.1000/QUANTUM(2024)/x",
    "https://doi.org/10.1000/quantum(2024)/x",
    "http://dx.doi.org/10.1000/quantum(2024)/x",
    "doi.org/10.1000/quantum(2024)/x",
    "DOI 10.1000/quantum(2024)/x",
    "urn:doi:10.1000/quantum%282024%29%2Fx",
    "10.1000/quantum(2024)/x.",
    "arXiv:2401.00006v3 [quant-ph] 6 Jan 2024",
    "https://www.alphaxiv.org/abs/2401.00006v1",
)


@pytest.mark.parametrize("text", DOI)
def test_a_spelling_of_an_id_leads_to_the_work_as_query_and_as_path(http: httpx.Client, text: str) -> None:
    (found,) = http.get("/v1/search", params={"q": text}).json()["results"]
    assert found["paper"]["id"] == "arXiv:2401.00006"
    assert http.get(f"/v1/papers/{quote(text, safe='')}").json()["id"] == "arXiv:2401.00006"
    page = http.get(f"/papers/{quote(text, safe='')}", follow_redirects=True)
    assert "Quantum error correction with surface codes" in page.text


@pytest.mark.parametrize("name", ("José García", "Jose Garcia", "J. García", "García, José", "garcía", "GARCIA, J."))
def test_a_spelling_of_a_name_leads_to_the_papers_of_the_person(http: httpx.Client, name: str) -> None:
    for params in ({"q": f'author:"{name}"'}, {"author": name}):
        rows = http.get("/v1/search", params=params).json()["results"]
        assert [row["paper"]["id"] for row in rows] == ["arXiv:2401.00005"]
    page = http.get(f"/authors/{quote(name, safe='')}", follow_redirects=True)
    assert "A survey of graph neural networks" in page.text
