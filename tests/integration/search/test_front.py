"""What readers see of the proxy that their requests come through."""

import httpx


def test_the_status_page_names_a_proxy_that_is_not_trusted(http: httpx.Client) -> None:
    said = http.get("/status", headers={"X-Forwarded-For": "198.51.100.7"}).text
    assert "PAPERWIRE_TRUSTED_PROXIES=127.0.0.1" in said
    assert "ten e-mail forms an hour" in said
    assert "PAPERWIRE_TRUSTED_PROXIES" not in http.get("/status").text


def test_what_a_proxy_that_is_not_trusted_says_changes_no_address(http: httpx.Client) -> None:
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil", "Forwarded": "host=evil.example"}
    assert "evil" not in http.get("/feeds/search.atom", headers=headers).text
    assert "evil" not in http.get("/", headers=headers).text


def test_ids_are_read_with_slashes_of_both_spellings(http: httpx.Client) -> None:
    for path in ("/v1/papers/arXiv:hep-th/9901001", "/v1/papers/arXiv:hep-th%2F9901001"):
        assert http.get(path).json()["id"] == "arXiv:hep-th/9901001"
        for more in ("/similar", "/citation?format=bibtex", "/trend"):
            assert http.get(path + more).status_code == 200
        assert http.get(path.removeprefix("/v1")).status_code == 200


def test_a_browser_gets_a_page_for_an_unknown_address_and_a_program_gets_problem_details(http: httpx.Client) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    page = http.get("/nothing/here", headers=browser)
    assert page.status_code == 404
    assert page.headers["Content-Type"].startswith("text/html")
    assert "There is nothing at /nothing/here." in page.text
    for path, headers in (("/nothing/here", {}), ("/v1/nothing", browser)):
        answer = http.get(path, headers=headers)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
