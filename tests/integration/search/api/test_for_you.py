"""Recommendations, by papers that a request names and by the reading list of a reader."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest

from services.search.for_you.taste import MAX_LIKED
from shared.readers.api_key import KEYS, KeyInfo, digest
from shared.readers.reading_list import Edit, ListRow
from shared.readers.reading_store import Change, ReadingLists
from shared.readers.sessions import COOKIE, Session, start_session
from shared.runtime import Runtime
from tests.integration.search.instance import in_thread

NOW = datetime(2026, 3, 4, tzinfo=UTC)
PROTEINS, HIDDEN, CRANES, GRAPHS = "arXiv:2401.00001", "arXiv:2401.00002", "arXiv:2401.00003", "arXiv:2401.00005"
RETRACTED = "arXiv:2401.00007"
GONE = MAX_LIKED + 20
"""Papers that the reader liked later, and as many that they turned down, which the index does not have."""


def _ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["paper"]["id"] for row in answer.json()["results"]]


def test_named_papers_recommend_others_with_reasons(http: httpx.Client) -> None:
    answer = http.get("/v1/for-you", params={"like": [PROTEINS, CRANES]})
    assert {PROTEINS, CRANES}.isdisjoint(_ids(answer))
    assert answer.json()["liked"] == 2
    assert all(row["reasons"] for row in answer.json()["results"])


def test_neither_named_nor_withdrawn_papers_are_recommended(http: httpx.Client) -> None:
    found = _ids(http.get("/v1/for-you", params={"like": PROTEINS, "unlike": GRAPHS, "limit": 200}))
    assert {PROTEINS, GRAPHS, RETRACTED}.isdisjoint(found)
    assert len(found) > 5


def test_pages_continue_without_repetition(http: httpx.Client) -> None:
    first = http.get("/v1/for-you", params={"like": PROTEINS, "limit": 3})
    second = http.get("/v1/for-you", params={"like": PROTEINS, "limit": 3, "cursor": first.json()["next_cursor"]})
    assert set(_ids(first)).isdisjoint(_ids(second))
    assert len(_ids(second)) == 3


def test_categories_limit_what_is_recommended(http: httpx.Client) -> None:
    assert _ids(http.get("/v1/for-you", params={"like": PROTEINS, "category": "cs.RO"})) == [CRANES]


def test_unknown_papers_recommend_nothing(http: httpx.Client) -> None:
    answer = http.get("/v1/for-you", params={"like": ["10.1/none", "\ud800x".encode("utf-8", "replace").decode()]})
    assert _ids(answer) == []
    assert answer.json()["liked"] == 0


def test_a_request_without_a_reader_and_papers_is_told_what_to_send(http: httpx.Client) -> None:
    answer = http.get("/v1/for-you")
    assert answer.status_code == 401
    assert "like=" in answer.json()["detail"]


def test_unlike_alone_is_refused(http: httpx.Client) -> None:
    answer = http.get("/v1/for-you", params={"unlike": PROTEINS})
    assert answer.status_code == 422
    assert "unlike needs like" in answer.text


def test_the_page_of_a_stranger_offers_to_sign_in(http: httpx.Client) -> None:
    answer = http.get("/for-you")
    assert answer.status_code == 200
    assert "Sign in" in answer.text


@pytest.fixture(scope="module")
def signed_in(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[httpx.Client]:
    """A reader who saved a paper, liked one and turned one down."""
    tokens: list[str] = []

    async def prepare(runtime: Runtime) -> None:
        lists = ReadingLists(runtime.redis)
        edits = {PROTEINS: Edit(liked=True), CRANES: Edit(saved=True), GRAPHS: Edit(disliked=True)}
        for id_, edit in (edits | {HIDDEN: Edit(saved=True, hidden=True)}).items():
            row = ListRow(id=id_, title=id_, added_at=NOW)
            await lists.change("ada", [Change(id_, (id_,), row, partial(edit.apply, now=NOW))])
        gone = [ListRow(id=f"arXiv:9901.{n:05d}", title="gone", added_at=NOW) for n in range(GONE)]
        later = NOW + timedelta(days=1)
        liked = partial(Edit(liked=True).apply, now=later)
        await lists.change("ada", [Change(row.id, (row.id,), row, liked) for row in gone])
        disliked = partial(Edit(disliked=True).apply, now=later)
        await lists.change("ada", [Change(f"{row.id}v", (row.id + "v",), row, disliked) for row in gone])
        session = Session(owner="ada", expires=int(datetime.now(UTC).timestamp()) + 3_600)
        key = KeyInfo(id="ada", name="test", created_at=NOW)
        await runtime.redis.hset(KEYS, digest("pw_test"), key.model_dump_json())
        tokens.append(await start_session(runtime.redis, session, datetime.now(UTC).timestamp()))

    with (
        in_thread(tmp_path_factory.mktemp("for-you"), models, prepare=prepare) as url,
        httpx.Client(base_url=url, timeout=20, cookies={COOKIE: tokens[0]}) as client,
    ):
        yield client


def test_a_reading_list_recommends_what_its_reader_has_not_chosen_about(signed_in: httpx.Client) -> None:
    answer = signed_in.get("/v1/for-you", params={"limit": 200})
    assert {PROTEINS, CRANES, GRAPHS}.isdisjoint(_ids(answer))
    assert answer.json()["liked"] == 2
    reasons = "\n".join(reason for row in answer.json()["results"] for reason in row["reasons"])
    assert "which you liked" in reasons or "which you saved" in reasons


def test_an_api_key_reads_its_list_and_no_cache_keeps_the_answer(signed_in: httpx.Client) -> None:
    address = str(signed_in.base_url.join("/v1/for-you"))
    answer = httpx.get(address, headers={"Authorization": "Bearer pw_test"}, timeout=20)
    assert (answer.status_code, answer.json()["liked"]) == (200, 2)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in answer.headers["Vary"]
    assert signed_in.get("/v1/for-you").headers["Cache-Control"] == "private, no-cache"
    assert signed_in.get("/v1/for-you", headers={"Authorization": "Bearer pw_other"}).status_code == 401


def test_a_paper_that_was_saved_and_hidden_is_no_example(signed_in: httpx.Client) -> None:
    reasons = [reason for row in signed_in.get("/v1/for-you").json()["results"] for reason in row["reasons"]]
    assert not any("sparse attention" in reason.lower() for reason in reasons)


def test_the_page_offers_to_turn_a_recommendation_down(signed_in: httpx.Client) -> None:
    assert 'value="dislike"' in signed_in.get("/for-you").text
    assert 'value="dislike"' not in signed_in.get("/search?q=proteins").text


def test_the_page_shows_the_reasons_and_is_for_its_reader_only(signed_in: httpx.Client) -> None:
    answer = signed_in.get("/for-you")
    assert "similar to “" in answer.text
    assert "private" in answer.headers["Cache-Control"]
