"""Pages for a reader who is signed in: their marks, for nobody else, and the pages of others as before."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from shared.readers.reading_list import Edit, ListRow
from shared.readers.reading_store import Change, ReadingLists
from shared.readers.sessions import COOKIE, Session, start_session
from shared.runtime import Runtime
from tests.integration.search.instance import in_thread

NOW = datetime.now(UTC)
SAVED = "arXiv:2401.00006"
DOI = "doi:10.1000/quantum(2024)/x"
READ = "arXiv:2401.00002"
PAGES = ("/?month=2024-01", "/search?q=quantum", f"/papers/{SAVED}", "/authors/Ada%20Origami", f"/papers/{READ}")
BUTTON = re.compile(r'value="(\w+)" aria-pressed="true"')


@pytest.fixture(scope="module")
def signed_in(tmp_path_factory: pytest.TempPathFactory, models: Any) -> Iterator[tuple[httpx.Client, dict[str, str]]]:
    """A client of an instance, and the header of a reader who saved a paper by another id and read one."""
    found: dict[str, str] = {}

    async def prepare(runtime: Runtime) -> None:
        lists = ReadingLists(runtime.redis)
        for id_, edit in ((DOI, Edit(saved=True)), (READ, Edit(read=True))):
            await lists.change("key", [_change(id_, edit)])
        session = Session(owner="key", expires=int(NOW.timestamp()) + 1_000)
        found["Cookie"] = f"{COOKIE}={await start_session(runtime.redis, session, NOW.timestamp())}"

    with (
        in_thread(tmp_path_factory.mktemp("signed"), models, prepare=prepare) as url,
        httpx.Client(base_url=url, timeout=20) as http,
    ):
        yield http, found


def _change(id_: str, edit: Edit) -> Change:
    return Change(id_, (id_,), ListRow(id=id_, added_at=NOW), lambda row: edit.apply(row, NOW))


def pressed(text: str) -> dict[str, list[str]]:
    """Return what the buttons of each marked paper of a page would undo."""
    forms = re.findall(r'<form class="mine".*?data-paper="([^"]+)">(.*?)</form>', text, re.DOTALL)
    found = {paper: BUTTON.findall(form) for paper, form in forms}
    return {paper: acts for paper, acts in found.items() if acts}


@pytest.mark.parametrize("path", PAGES)
def test_pages_show_the_marks_to_their_reader_only(signed_in: Any, path: str) -> None:
    http, session = signed_in
    mine, public = http.get(path, headers=session), http.get(path)
    assert pressed(mine.text).items() <= {SAVED: ["unsave"], READ: ["unread"]}.items()
    assert pressed(mine.text)
    assert mine.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in mine.headers["Vary"]
    assert ('class="mine"' in public.text, public.headers["Cache-Control"]) == (False, "no-cache")
    assert "Cookie" not in public.headers["Vary"]


def test_a_card_leads_back_to_itself(signed_in: Any) -> None:
    http, session = signed_in
    text = http.get("/search?q=quantum&sort=newest", headers=session).text
    back = re.search(r'name="back" value="(/search\?q=quantum&amp;sort=newest#([^"]+))"', text)
    assert back
    assert f'<article class="paper" id="{back[2]}">' in text


@pytest.mark.parametrize("cookie", ("", "x", "A" * 43, "\u00e9", "a" * 4_000))
def test_another_cookie_signs_nobody_in(signed_in: Any, cookie: str) -> None:
    http, _ = signed_in
    answer = http.get("/search", headers={"Cookie": f"{COOKIE}={cookie}".encode()})
    assert (answer.status_code, 'class="mine"' in answer.text) == (200, False)
