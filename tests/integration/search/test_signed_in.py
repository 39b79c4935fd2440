"""Pages for a reader who is signed in: their marks, for nobody else, and the pages of others as before."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp.test_utils import make_mocked_request
from redis.asyncio import Redis
from structlog.testing import capture_logs

from services.search.api.sign_ins import NOTHING, SignedIn, SignIns
from services.search.ranking.own_lists import LARGE
from shared.moments import iso
from shared.papers.paper import Author, SourceRef
from shared.readers.api_key import KEYS, KeyInfo, digest
from shared.readers.last_visit import Visit, note_visit
from shared.readers.reading_list import Edit, ListRow
from shared.readers.reading_store import Change, ReadingLists
from shared.readers.sessions import COOKIE, Session, start_session
from shared.runtime import Runtime
from tests.integration.search.instance import PAPERS_OF_OUR_OWN, in_thread, paper

NOW = datetime.now(UTC)
SAVED = "arXiv:2401.00006"
DOI = "doi:10.1000/quantum(2024)/x"
READ = "arXiv:2401.00002"
HIDDEN = "arXiv:2401.00004"
_SEEN = (SourceRef(source="arxiv", id="2401.00030", seen_at=iso(NOW)),)
NEW = paper(30, "Gravitational lenses", sources=_SEEN, authors=(Author(name="Lena Lens"),))
PAGES = ("/?month=2024-01", "/search?q=quantum", f"/papers/{SAVED}", "/authors/Ada%20Origami", f"/papers/{READ}")
BUTTON = re.compile(r'value="(\w+)" aria-pressed="true"')


@pytest.fixture(scope="module")
def signed_in(tmp_path_factory: pytest.TempPathFactory, models: Any) -> Iterator[tuple[httpx.Client, dict[str, str]]]:
    """A client of an instance, and the header of a reader who saved a paper by another id and read one."""
    found: dict[str, str] = {}

    async def prepare(runtime: Runtime) -> None:
        lists = ReadingLists(runtime.redis)
        marks = ((DOI, Edit(saved=True, tags=("to read",))), (READ, Edit(read=True)), (HIDDEN, Edit(hidden=True)))
        for id_, edit in marks:
            await lists.change("key", [_change(id_, edit)])
        await note_visit(runtime.redis, "key", Visit(0, NOW.timestamp() - 3_600))
        key = KeyInfo(id="key", name="test", created_at=NOW)
        await runtime.redis.hset(KEYS, digest("pw_test"), key.model_dump_json())
        hidden = [paper.id for paper in (*PAPERS_OF_OUR_OWN, NEW) if paper.id != LEFT]
        await lists.change("hider", [_change(id_, Edit(hidden=True)) for id_ in hidden])
        await lists.change("key", [_change(f"arXiv:9901.{n:05d}", Edit(tags=("many",))) for n in range(LARGE)])
        other = Session(owner="hider", expires=int(NOW.timestamp()) + 1_000)
        found["hider"] = f"{COOKIE}={await start_session(runtime.redis, other, NOW.timestamp())}"
        session = Session(owner="key", expires=int(NOW.timestamp()) + 1_000)
        found["Cookie"] = f"{COOKIE}={await start_session(runtime.redis, session, NOW.timestamp())}"

    with (
        in_thread(tmp_path_factory.mktemp("signed"), models, (*PAPERS_OF_OUR_OWN, NEW), prepare) as url,
        httpx.Client(base_url=url, timeout=20) as http,
    ):
        yield http, found


LEFT = READ
"""The only paper that one reader did not hide."""


def _change(id_: str, edit: Edit) -> Change:
    return Change(id_, (id_,), ListRow(id=id_, added_at=NOW), lambda row: edit.apply(row, NOW))


def pressed(text: str) -> dict[str, list[str]]:
    """Return what the buttons of each marked paper of a page would undo."""
    forms = re.findall(r'<form class="mine".*?name="paper" value="([^"]+)"(.*?)</form>', text, re.DOTALL)
    found = {paper: BUTTON.findall(form) for paper, form in forms}
    return {paper: acts for paper, acts in found.items() if acts}


@pytest.mark.parametrize("path", PAGES)
def test_pages_show_the_marks_to_their_reader_only(signed_in: Any, path: str) -> None:
    http, session = signed_in
    mine, public = http.get(path, headers=session), http.get(path)
    assert pressed(mine.text).items() <= {SAVED: ["unsave"], READ: ["unread"], HIDDEN: ["unhide"]}.items()
    assert pressed(mine.text)
    assert mine.headers["Cache-Control"] == "private, no-store"
    assert "Cookie" in mine.headers["Vary"]
    assert ('class="mine"' in public.text, public.headers["Cache-Control"]) == (False, "no-cache")
    assert "Cookie" not in public.headers["Vary"]


def test_a_card_leads_back_to_itself(signed_in: Any) -> None:
    http, session = signed_in
    text = http.get("/search?q=quantum&sort=newest", headers=session).text
    back = re.search(r'name="back" value="(/search\?q=quantum&amp;sort=newest#([^"]+))"', text)
    assert back
    assert f'<article class="paper" id="{back[2]}" ' in text


@pytest.mark.parametrize("cookie", ("", "x", "A" * 43, "\u00e9", "a" * 4_000))
def test_another_cookie_signs_nobody_in(signed_in: Any, cookie: str) -> None:
    http, _ = signed_in
    answer = http.get("/search", headers={"Cookie": f"{COOKIE}={cookie}".encode()})
    assert (answer.status_code, 'class="mine"' in answer.text) == (200, False)


def cards(text: str) -> list[str]:
    """Return the papers that a page lists."""
    return re.findall(r'<article class="paper[^"]*".*?<h3 dir="auto"><a href="/papers/([^"]+)"', text, re.DOTALL)


@pytest.mark.parametrize("path", ("/search?q=gravitational", "/?date=2024-01-04", "/authors/Ada%20Origami"))
def test_what_a_reader_hid_is_shown_when_they_ask(signed_in: Any, path: str) -> None:
    http, session = signed_in
    text = http.get(path, headers=session).text
    link = re.search(r'>1 hidden. <a href="([^"]+)">Show it</a>', text)
    assert link
    assert (HIDDEN in cards(text), HIDDEN in cards(http.get(path).text)) == (False, True)
    assert HIDDEN in cards(http.get(link[1].replace("&amp;", "&"), headers=session).text)
    assert "There are no papers" not in text


@pytest.mark.parametrize("path", ("/search?sort=newest&limit=1", "/?month=2024-01&limit=1"))
def test_no_page_is_empty_because_its_reader_hid_all_of_it(signed_in: Any, path: str) -> None:
    http, session = signed_in
    assert cards(http.get(path).text)[:1] != [LEFT]
    text = http.get(path, headers={"Cookie": session["hider"]}).text
    assert cards(text)[:1] == [LEFT]
    assert re.search(r">\d+ hidden. <a ", text)


@pytest.mark.parametrize(
    ("query", "found"),
    (
        ("is:saved", {SAVED}),
        ("is:read", {READ}),
        ("is:saved is:read", {SAVED, READ}),
        ('is:unread tag:"To Read"', {SAVED}),
        ("is:read tag:none", set()),
        ("is:hidden", {HIDDEN}),
        ("attention -is:read", {"arXiv:2401.00011"}),
        ("quantum is:saved", {SAVED}),
        ("quantum is:saved -tag:many", {SAVED}),
        ("is:saved -tag:many", {SAVED}),
        ("quantum tag:many", set()),
        ("tag:many", set()),
    ),
)
def test_a_search_finds_what_is_in_the_list_of_its_reader(signed_in: Any, query: str, found: set[str]) -> None:
    http, session = signed_in
    params = {"q": query, "mode": "lexical"}
    assert set(cards(http.get("/search", params=params, headers=session).text)) == found
    key = {"Authorization": "Bearer pw_test"}
    answer = http.get("/v1/search", params=params, headers=key).json()
    assert ({row["paper"]["id"] for row in answer["results"]}, answer["notes"]) == (found, [])
    for other in ({}, {"Authorization": "Bearer pw_other"}):
        answer = http.get("/v1/search", params=params, headers=other).json()
        assert "Sign in" in answer["notes"][0]
        assert bool(answer["results"]) == ("-is" in query)
    assert "Sign in" in http.get("/search", params=params).text


def test_facets_and_exports_are_of_the_list_too(signed_in: Any) -> None:
    http, _ = signed_in
    key = {"Authorization": "Bearer pw_test"}
    facets = http.get("/v1/facets", params={"q": "is:saved"}, headers=key).json()
    assert facets["categories"] == [{"value": "quant-ph", "count": 1}]
    file = http.get("/v1/export", params={"q": "is:saved", "format": "jsonl"}, headers=key).text
    assert (file.count("\n"), SAVED in file) == (1, True)
    assert http.get("/v1/export", params={"q": "is:saved", "format": "jsonl"}).text == ""


def test_the_page_of_an_own_search_exports_it_and_offers_no_feed_of_it(signed_in: Any) -> None:
    http, session = signed_in
    text = http.get("/search?q=is%3Asaved", headers=session).text
    link = re.search(r'href="(/v1/export\?format=jsonl[^"]*)"', text)
    assert link
    file = http.get(link[1].replace("&amp;", "&"), headers=session)
    assert (file.text.count("\n"), SAVED in file.text) == (1, True)
    assert file.headers["Cache-Control"] == "private, no-cache"
    assert "/feeds/search.atom?q=is" not in text
    assert "/feeds/search.atom?q=quantum" in http.get("/search?q=quantum", headers=session).text


def test_the_home_page_counts_what_is_new_since_the_last_visit(signed_in: Any) -> None:
    http, session = signed_in
    text = http.get("/", headers=session).text
    assert re.search(r">1 saved</a>, <a [^>]*>1 unread</a>, 1 new since your last visit<", text)
    found = http.get("/search?q=gravitational&hidden=show", headers=session).text
    new = [card.partition('"')[0] for card in found.split('data-paper="')[1:] if 'class="new"' in card]
    assert new == [NEW.id]
    assert "since your last visit" not in http.get("/").text


async def test_without_redis_nobody_is_signed_in_and_nothing_is_marked(tmp_path: Path) -> None:
    redis = Redis.from_url(f"unix://{tmp_path}/none.sock")
    sign_ins = SignIns(redis, lambda: NOW)
    request = make_mocked_request("GET", "/", headers={"Cookie": f"{COOKIE}={'a' * 43}"})
    with capture_logs() as logs:
        assert await sign_ins.of(make_mocked_request("GET", "/")) is None
        assert await sign_ins.show(None, [{"id": SAVED}]) is NOTHING
        assert logs == []
        assert await sign_ins.of(request) is None
        assert await sign_ins.show(SignedIn("key"), [{"id": SAVED}]) is NOTHING
    assert [log["event"] for log in logs] == ["marks unavailable"] * 2
    assert "a" * 43 not in str(logs)
    await redis.aclose()
