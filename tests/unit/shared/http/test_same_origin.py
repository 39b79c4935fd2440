"""Which requests come from a page of this site."""

import pytest

from shared.http.same_origin import is_same_origin

HOST, ORIGIN = "127.0.0.1:8080", "https://papers.example.org"


@pytest.mark.parametrize(
    "headers",
    (
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": ORIGIN},
        {"Origin": f"http://{HOST}"},
        {},
    ),
)
def test_pages_of_this_site_and_programs_pass(headers: dict[str, str]) -> None:
    assert is_same_origin(headers, HOST, ORIGIN)


@pytest.mark.parametrize(
    "headers",
    (
        {"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN},
        {"Sec-Fetch-Site": "same-site", "Origin": ORIGIN},
        {"Sec-Fetch-Site": ""},
        {"Origin": "null"},
        {"Origin": "https://papers.example.org.evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:8081"},
        {"Origin": HOST},
        {"Origin": ""},
    ),
)
def test_other_sites_do_not(headers: dict[str, str]) -> None:
    assert not is_same_origin(headers, HOST, ORIGIN)
