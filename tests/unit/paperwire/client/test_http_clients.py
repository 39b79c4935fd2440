"""The clients of Python: requests, answers, errors, repetitions and pages, over a transport without a network."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from paperwire.client import ApiError, AsyncClient, Client
from paperwire.client.calls import wait_of

PAGES: dict[str | None, dict[str, Any]] = {
    None: {"results": [{"paper": {"id": "1"}}, {"paper": {"id": "2"}}], "next_cursor": "c1"},
    "c1": {"results": [{"paper": {"id": "3"}}], "next_cursor": None},
}

IN_NINE = "Fri, 02 Jan 2026 08:00:09 GMT"


class Served:
    """Answers requests in turn, and keeps them."""

    def __init__(self, *answers: httpx.Response | Callable[[httpx.Request], httpx.Response]) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer(request) if callable(answer) else answer


def busy(_: httpx.Request) -> httpx.Response:
    return httpx.Response(429, headers={"Retry-After": "7"}, json={"detail": "Too many requests."})


def paged(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=PAGES[request.url.params.get("cursor")])


def client(served: Served, waits: list[float] | None = None, key: str | None = None) -> Client:
    sleep = (waits if waits is not None else []).append
    return Client("http://papers.example/base/", key, transport=httpx.MockTransport(served), sleep=sleep)


def test_a_request_has_its_path_its_query_and_its_key() -> None:
    served = Served(httpx.Response(200, json={}))
    with client(served, key="pw_x") as papers:
        papers.search(q="a b", category=["cs.CL", "cs.LG"], from_="2024-01-01", has_code=True, cursor=None)
        papers.paper("hep-th/9901001")
        papers.paper("doi:10.1/..")
    first, second, third = served.requests
    assert first.url.path == "/base/v1/search"
    assert first.url.params.multi_items() == [
        ("q", "a b"), ("category", "cs.CL"), ("category", "cs.LG"), ("from", "2024-01-01"), ("has_code", "true")
    ]  # fmt: skip
    assert first.headers["Authorization"] == "Bearer pw_x"
    assert second.url.raw_path == b"/base/v1/papers/hep-th/9901001"
    assert third.url.raw_path == b"/base/v1/papers/doi:10.1%2F.."


def test_an_error_has_the_text_of_its_problem() -> None:
    problem = {"title": "Not Found", "status": 404, "detail": "The paper nothing is not in the index."}
    with client(Served(httpx.Response(404, json=problem))) as papers, pytest.raises(ApiError) as error:
        papers.paper("nothing")
    assert str(error.value) == problem["detail"]
    assert (error.value.status, error.value.problem) == (404, problem)
    with client(Served(httpx.Response(502, text="<html>"))) as papers, pytest.raises(ApiError, match="answers 502"):
        papers.status()


@pytest.mark.parametrize(
    "answer",
    (
        httpx.Response(200, html="<title>Sign in to the network</title>"),
        httpx.Response(200, text='{"results": [{"paper"'),
        httpx.Response(200, content=b'{"q": "\xff"}'),
        httpx.Response(200, text="[" * 100_000),
        httpx.Response(200, json=[1, 2]),
    ),
)
def test_the_answer_of_another_server_is_an_error_that_names_it(answer: httpx.Response) -> None:
    with client(Served(answer)) as papers:
        for ask in (papers.status, lambda: next(papers.iter_search(q="x"))):
            with pytest.raises(ApiError, match=r"The answer of papers.example is not one of Paperwire") as error:
                ask()
            assert error.value.status == 200


def test_a_page_of_another_server_is_neither_a_file_nor_a_success() -> None:
    with client(Served(httpx.Response(200, html="<p>Sign in"))) as papers:
        with pytest.raises(ApiError, match="not one of Paperwire"):
            papers.citation("2401.00005", format="bibtex")
        with pytest.raises(ApiError, match="not one of Paperwire"):
            papers.delete_subscription("x")


def test_a_page_of_a_list_without_its_rows_is_an_error() -> None:
    served = Served(httpx.Response(200, json={"status": "ok"}))
    with client(served) as papers, pytest.raises(ApiError, match="not one of Paperwire"):
        next(papers.iter_search(q="x"))


def test_a_key_that_was_read_from_a_file_is_used_without_its_line_break() -> None:
    served = Served(httpx.Response(200, json={}))
    with client(served, key="pw_x\r\n") as papers:
        papers.status()
    assert served.requests[0].headers["Authorization"] == "Bearer pw_x"


@pytest.mark.parametrize("key", ("pw_secret\nX: y", "pw_secret\u00e9", "pw_secret\x00"))
def test_a_key_that_cannot_be_sent_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(ValueError, match="as it was printed") as error:
        client(Served(httpx.Response(200, json={})), key=key)
    assert "secret" not in str(error.value)


def test_a_key_does_not_follow_a_redirect() -> None:
    served = Served(httpx.Response(308, headers={"Location": "https://evil.example/v1/status"}))
    with client(served, key="pw_x") as papers, pytest.raises(ApiError, match=r"redirects to https://evil.example/v1"):
        papers.status()
    assert [request.url.host for request in served.requests] == ["papers.example"]


def test_a_busy_server_is_asked_again_when_it_says() -> None:
    waits: list[float] = []
    served = Served(busy, httpx.Response(503, headers={"Retry-After": "2"}), httpx.Response(200, json={"papers": 3}))
    with client(served, waits) as papers:
        assert papers.status()["papers"] == 3
    assert waits == [7.0, 2.0]


def test_it_gives_up_after_some_attempts_and_does_not_wait_for_long() -> None:
    waits: list[float] = []
    with client(Served(busy), waits) as papers, pytest.raises(ApiError, match="Too many requests"):
        papers.status()
    assert waits == [7.0] * 3
    late = httpx.Response(503, headers={"Retry-After": "3600"}, json={})
    with client(Served(late), waits) as papers, pytest.raises(ApiError):
        papers.status()
    assert len(waits) == 3


def test_a_repeated_subscription_is_one_subscription() -> None:
    served = Served(busy, httpx.Response(201, json={"id": "x"}))
    with client(served) as papers:
        assert papers.create_subscription({"query": "x", "channel": {"type": "feed"}})["id"] == "x"
    keys = [request.headers["Idempotency-Key"] for request in served.requests]
    assert keys[0] == keys[1]
    assert [request.content for request in served.requests] == [b'{"query":"x","channel":{"type":"feed"}}'] * 2


def test_pages_are_read_one_after_the_other() -> None:
    served = Served(paged)
    with client(served) as papers:
        found = papers.iter_search(q="x")
        assert next(found)["paper"]["id"] == "1"
        assert len(served.requests) == 1
        assert [row["paper"]["id"] for row in found] == ["2", "3"]


async def test_the_same_for_asyncio() -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    served = Served(busy, paged)
    transport = httpx.MockTransport(served)
    async with AsyncClient("http://papers.example", transport=transport, sleep=sleep) as papers:
        assert [row["paper"]["id"] async for row in papers.iter_search(q="x")] == ["1", "2", "3"]
        assert (await papers.search(q="x"))["next_cursor"] == "c1"
    assert waits == [7.0]


def test_a_text_and_an_empty_answer_are_what_they_are() -> None:
    served = Served(httpx.Response(200, text="@misc{x}"), httpx.Response(204))
    with client(served) as papers:
        assert papers.citation("1", format="bibtex") == "@misc{x}"
        papers.delete_subscription("x")
    assert served.requests[1].method == "DELETE"


@pytest.mark.parametrize(
    ("status", "after", "seconds"),
    ((503, "3", 3.0), (503, "", None), (503, "soon", None), (500, "3", None), (429, IN_NINE, 9.0)),
)  # fmt: skip
def test_what_retry_after_says(status: int, after: str, seconds: float | None) -> None:
    now = datetime(2026, 1, 2, 8, tzinfo=UTC)
    assert wait_of(httpx.Response(status, headers={"Retry-After": after}), now) == seconds
    late = now + timedelta(hours=1)
    assert wait_of(httpx.Response(429, headers={"Retry-After": IN_NINE}), late) == 0
