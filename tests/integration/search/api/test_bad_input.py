"""What nobody means to send: a 4xx with one sentence, or a sensible answer; never a 5xx, and never for long."""

from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.integration.search.instance import PAPERS_OF_OUR_OWN

ALL = {paper.id for paper in PAPERS_OF_OUR_OWN if paper.status == "active"}


def refused(response: httpx.Response, *statuses: int) -> str:
    """Check that a refusal is one sentence, and give it."""
    assert response.status_code in (statuses or (422,)), response.text
    detail = str(response.json()["detail"])
    assert detail.endswith(".")
    assert detail.count("\n") == 0
    return detail


def ids(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [row["paper"]["id"] for row in response.json()["results"]]


def ask(http: httpx.Client, **params: Any) -> httpx.Response:
    return http.get("/v1/search", params=params)


def test_a_query_of_a_megabyte_is_refused(instance_url: str) -> None:
    address = urlsplit(instance_url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=20)  # httpx would not even send it
    connection.request("GET", "/v1/search?q=" + "fold+" * 200_000)
    assert connection.getresponse().status == 414
    connection.close()


def test_a_query_of_ten_thousand_words_is_refused(http: httpx.Client) -> None:
    response = ask(http, q="a " * 3_000)
    assert "1000 characters" in refused(response)
    response = ask(http, q=" ".join(f"w{n}" for n in range(10_000)))
    assert response.status_code in (400, 414, 422)


def test_a_query_of_a_thousand_characters_is_accepted(http: httpx.Client) -> None:
    assert len(ids(ask(http, q="fold " * 200, limit=200))) == len(ALL)


@pytest.mark.parametrize("sign", ("\x00", "\x1b", "\x7f"))
def test_control_characters_in_a_query_are_refused(http: httpx.Client, sign: str) -> None:
    assert "control characters" in refused(ask(http, q=f"fold{sign}ing"))
    assert "control characters" in refused(ask(http, author=f"Ada{sign}"))


def test_direction_marks(http: httpx.Client) -> None:
    assert ids(ask(http, q="\u202eproteins\u202c \u2066fold\u2069")) == ids(ask(http, q="proteins fold"))
    assert ids(ask(http, q="\u202e")) == ids(ask(http, q=""))


def test_only_stop_words(http: httpx.Client) -> None:
    assert set(ids(ask(http, q="the of and", limit=200))) == ALL
    assert ids(ask(http, q="the of and", mode="lexical")) == []


def test_only_negatives(http: httpx.Client) -> None:
    assert set(ids(ask(http, q="-neverseen -author:nobody -year:1900", limit=200))) == ALL


BOMBS = ("(a+)+$", ".*.*.*.*=", "[[[[[[[[", "((((((((((", "a{99999}", "\\", "%", "*" * 400, "-" * 400, ":" * 400)


@pytest.mark.parametrize("bomb", BOMBS)
def test_regular_expressions_are_read_as_text(http: httpx.Client, bomb: str) -> None:
    for params in ({"q": bomb}, {"q": f'"{bomb}"'}, {"q": f"title:{bomb} -cat:{bomb}"}):
        ask(http, **params).raise_for_status()
    for field in ("category", "source", "author"):
        assert ask(http, **{field: bomb[:200]}).status_code in (200, 422)


def test_many_conditions(http: httpx.Client) -> None:
    assert "33 conditions" in refused(ask(http, q=" ".join(f"-w{n}" for n in range(33))))
    assert ask(http, q=" ".join(f'"w{n}"' for n in range(32))).status_code == 200


def test_unknown_fields(http: httpx.Client) -> None:
    assert refused(http.get("/v1/search?q=fold&colour=red")) == "colour is not a known field."
    assert ids(ask(http, q="colour:red proteins"))[0] == "arXiv:2401.00001"


@pytest.mark.parametrize(
    "params",
    (
        {"from": "2024-02-01", "to": "2024-01-01"},
        {"q": "after:2024-02 before:2024-01"},
        {"q": "before:2024", "from": "2024-01-01"},
        {"q": "after:2024-02", "to": "2024-01-31"},
    ),
)
def test_contradicting_dates_are_refused(http: httpx.Client, params: dict[str, str]) -> None:
    refused(http.get("/v1/search", params=params))
    refused(http.get("/v1/facets", params=params))


def test_a_cursor_of_another_search_is_refused(http: httpx.Client) -> None:
    cursor = ask(http, q="fold", limit=1).json()["next_cursor"]
    for params in ({"q": "learning"}, {"q": "fold", "mode": "lexical"}, {"q": "fold", "sort": "newest"}, {}):
        assert "another search" in refused(ask(http, cursor=cursor, **params))
    assert "another search" in refused(http.get("/v1/papers", params={"cursor": cursor}))
    refused(ask(http, q="fold", cursor=cursor[:-3]))
    refused(ask(http, q="fold", cursor="A" * 1201))


@pytest.mark.parametrize(
    "name", ("a/b/c", "a%2Fb%2Fc", "100%25", "%25%32%46", "..%2F..%2Fetc%2Fpasswd", "a%3Fb%23c", "%C3%28", "%E2%80%AE")
)
@pytest.mark.parametrize("path", ("", "/similar", "/trend", "/citation"))
def test_ids_with_slashes_and_percent_signs(http: httpx.Client, name: str, path: str) -> None:
    refused(http.get(f"/v1/papers/{name}{path}"), 404)


def test_ids_with_slashes_that_are_papers(http: httpx.Client) -> None:
    for name in ("hep-th/9901001", "hep-th%2F9901001v3", "10.1000%2Fquantum(2024)%2Fx"):
        for path in ("/similar", "/trend", "/citation"):
            assert http.get(f"/v1/papers/{name}{path}").status_code == 200


BAD_HOSTS = ('a"><script>', "example.org:99999", "", "a b", "you@example.org", "%00", "[::1", "[::::]", "[]")


@pytest.mark.parametrize("host", BAD_HOSTS)
@pytest.mark.parametrize("path", ("/feeds/search.atom", "/llms.txt", "/papers/2401.00001", "/v1/search"))
def test_invalid_host_headers(http: httpx.Client, path: str, host: str) -> None:
    refused(http.get(path, headers={"Host": host, "Accept": "text/markdown"}), 400)


@pytest.mark.parametrize("host", ("example.org", "localhost:8080", "[::1]:8080", "192.0.2.1", "xn--9ca.example", "a_b"))
def test_valid_host_headers(http: httpx.Client, host: str) -> None:
    answer = http.get("/feeds/search.json", headers={"Host": host}).json()
    assert answer["feed_url"] == f"http://{host}/feeds/search.json"
