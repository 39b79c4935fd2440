"""Signing in on a page: a cookie that names nobody, ends with its key, and acts for pages of this site only."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.notifier.access.api_keys import ApiKeys
from services.notifier.bootstrap import ClockAndRandom
from services.notifier.subscribing.erasure import erase_owner
from shared.moments import from_unix
from shared.papers.paper import Paper
from shared.readers.sessions import COOKIE, LIFETIME
from tests.integration.notifier.matching.index import fill
from tests.integration.notifier.support import Clock, Wire, notifier

PAPER = Paper(id="arXiv:2603.00001", title="Folding paper cranes")
SAVE = {"paper": PAPER.id, "act": "save", "back": "/search?q=cranes#p-1"}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def wire(redis_url: str, qdrant_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[Wire]:
    async with notifier(redis_url, qdrant_url, tmp_path, ClockAndRandom(clock, lambda: 0.5)) as running:
        await fill(running.runtime.qdrant(), [PAPER])
        yield running


async def sign_in(wire: Wire, key: str | None = None) -> dict[str, str]:
    """Sign in with a key; give the header of the session."""
    async with wire.http.post("/my", data={"key": key or wire.key}, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/my")
        return {"Cookie": f"other=1; {COOKIE}={response.cookies[COOKIE].value}"}


async def is_in(wire: Wire, session: dict[str, str]) -> bool:
    async with wire.http.get("/my", headers=session) as response:
        assert response.status == 200
        return "Sign out" in await response.text()


async def test_the_cookie_is_for_pages_only_and_its_token_is_stored_nowhere(wire: Wire) -> None:
    async with wire.http.post("/my", data={"key": wire.key}, allow_redirects=False) as response:
        cookie = response.headers["Set-Cookie"]
    assert re.fullmatch(rf"{COOKIE}=[\w-]{{43}}; HttpOnly; Max-Age={LIFETIME}; Path=/; SameSite=Lax", cookie), cookie
    token = cookie.partition("=")[2].partition(";")[0]
    async for name in wire.runtime.redis.scan_iter():
        assert token.encode() not in name
        if name.startswith(b"session:"):
            assert token.encode() not in await wire.runtime.redis.get(name)
    assert await is_in(wire, {"Cookie": f"{COOKIE}={token}"})


async def test_over_tls_and_below_a_path_the_cookie_is_for_those(
    redis_url: str, qdrant_url: str, tmp_path: Path
) -> None:
    public = "https://example.org/papers"
    async with (
        notifier(redis_url, qdrant_url, tmp_path, public_url=public) as wire,
        wire.http.post("/my", data={"key": wire.key}, allow_redirects=False) as response,
    ):
        assert response.headers["Location"] == "/papers/my"
        assert response.headers["Set-Cookie"].endswith("; Path=/papers; SameSite=Lax; Secure")


async def test_a_session_ends_by_itself_by_hand_and_with_its_key(wire: Wire, clock: Clock) -> None:
    keys = ApiKeys(wire.runtime.redis, clock)
    for end in ("sign out", "rotate", "revoke", "erase"):
        info, key = await keys.create(end)
        session = await sign_in(wire, key)
        assert await is_in(wire, session)
        match end:
            case "sign out":
                async with wire.http.post("/my/sign-out", headers=session, allow_redirects=False) as response:
                    assert 'paperwire_session=""' in response.headers["Set-Cookie"]
            case "rotate":
                await keys.rotate(info.id, overlap=3_600)
            case "revoke":
                await keys.revoke(info.id)
            case "erase":
                await erase_owner(wire.runtime.redis, info.id)
        assert not await is_in(wire, session), end
    _, key = await keys.create("short", expires_at=from_unix(clock.now + 60))
    short, long = await sign_in(wire, key), await sign_in(wire)
    clock.now += 60
    assert [await is_in(wire, short), await is_in(wire, long)] == [False, True]
    clock.now += LIFETIME
    assert not await is_in(wire, long)


async def test_a_card_marks_its_paper_and_leads_back(wire: Wire) -> None:
    session = await sign_in(wire)
    async with wire.http.post("/my/papers", data=SAVE, headers=session, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/search?q=cranes#p-1")
    json = session | {"Accept": "application/json"}
    tags = {"paper": PAPER.id, "act": "tag", "value": "Cranes, to read,"}
    async with wire.http.post("/my/papers", data=tags, headers=json) as response:
        answer = await response.json()
    assert (response.status, answer["paper"]) == (200, PAPER.id)
    assert (answer["mark"]["saved"], answer["mark"]["tags"]) == (True, ["cranes", "to read"])
    for form, status in (
        ({"paper": PAPER.id, "act": "burn"}, 422),
        ({"paper": PAPER.id, "act": "note", "value": "x" * 2_001}, 422),
        ({"paper": "nothing", "act": "save"}, 404),
        ({"act": "save"}, 404),
    ):
        async with wire.http.post("/my/papers", data=form, headers=json) as response:
            assert (response.status, response.content_type) == (status, "application/problem+json")
        async with wire.http.post("/my/papers", data=form, headers=session) as response:
            assert (response.status, response.content_type) == (status, "text/html")


@pytest.mark.parametrize("back", ("https://evil.example/", "//evil.example", "/\\evil.example", "evil", "", "/a\r\nb"))
async def test_a_card_leads_to_no_other_site(wire: Wire, back: str) -> None:
    session = await sign_in(wire)
    form = SAVE | {"back": back}
    async with wire.http.post("/my/papers", data=form, headers=session, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/my")


@pytest.mark.parametrize(
    "foreign", ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"})
)
async def test_another_site_cannot_act_in_a_reader_s_name(wire: Wire, foreign: dict[str, str]) -> None:
    session = await sign_in(wire)
    for path, form in (("/my/papers", SAVE), ("/my/sign-out", {}), ("/my", {"key": wire.key})):
        async with wire.http.post(path, data=form, headers=session | foreign, allow_redirects=False) as response:
            assert response.status == 403
            assert "another site" in await response.text()
    assert await is_in(wire, session)
    async with wire.http.post("/my/papers", data=SAVE, allow_redirects=False) as response:
        assert response.status == 401
    assert (await wire.call("GET", "/v1/reading-list", status=200))["papers"] == []


async def page(wire: Wire, path: str, session: dict[str, str], form: dict[str, str] | None = None) -> str:
    """Ask for a page, or post a form, and give the text of the page that it leads to."""
    async with wire.http.request("POST" if form else "GET", path, data=form, headers=session) as response:
        assert response.status == 200, await response.text()
        return await response.text()


async def test_the_page_of_a_reader_shows_finds_exports_and_deletes_the_list(wire: Wire) -> None:
    session = await sign_in(wire)
    assert "No papers here yet" in await page(wire, "/my", session)
    await page(wire, "/my/papers", session, SAVE | {"back": "/my"})
    await page(wire, "/my/papers", session, {"paper": PAPER.id, "act": "tag", "value": "cranes", "back": "/my"})
    await page(wire, "/my/papers", session, {"paper": PAPER.id, "act": "note", "value": "For <Ada>", "back": "/my"})
    text = await page(wire, "/my", session)
    assert f'<a href="/papers/{PAPER.id}">{PAPER.title}</a>' in text
    assert "For &lt;Ada&gt;" in text
    assert 'aria-current="true">Saved <span class="soft">1</span>' in text
    for query, found in (("state=read", 0), ("tag=cranes", 1), ("tag=x", 0), ("q=ada+folding", 1), ("q=arms", 0)):
        assert (PAPER.title in await page(wire, f"/my?{query}", session)) == bool(found), query
    assert PAPER.title in await page(wire, "/my/export?format=bibtex", session)
    async with wire.http.get("/my/export") as response:
        assert response.status == 401
    text = await page(wire, "/my/list/feed", session, {"": ""})
    feed = re.search(r'href="http://[^/]+(/feeds/private/list/[^"]+\.atom)"', text)
    assert feed
    async with wire.http.get(feed[1]) as response:
        assert PAPER.title in await response.text()
    async with wire.http.post("/my/list/delete", headers=session) as response:
        assert (response.status, "Check the box" in await response.text()) == (409, True)
    assert "Your reading list was deleted." in await page(wire, "/my/list/delete", session, {"sure": "yes"})
    async with wire.http.get(feed[1]) as response:
        assert response.status == 404
    assert await wire.runtime.redis.keys("reading:*") == []


async def test_what_a_browser_kept_is_taken_in(wire: Wire) -> None:
    session = await sign_in(wire)
    kept = {"papers": json.dumps([{"id": PAPER.id, "saved_at": "2026-01-01T08:00:00Z", "tags": ["cranes"]}])}
    async with wire.http.post("/my/papers/import", data=kept, headers=session) as response:
        assert (response.status, await response.json()) == (200, {"imported": 1, "unknown": []})
    assert PAPER.title in await page(wire, "/my?tag=cranes", session)
    async with wire.http.post(
        "/my/papers/import", data=kept, headers=session | {"Sec-Fetch-Site": "cross-site"}
    ) as response:
        assert response.status == 403


@pytest.mark.parametrize(
    ("path", "form", "said"),
    (
        (
            "/my/papers",
            {"paper": PAPER.id, "act": "note", "value": "a\x00b"},
            "it must not contain control characters.",
        ),
        ("/my/papers", {"paper": PAPER.id, "act": "tag", "value": "x" * 51}, "it must have at most 50 characters."),
        ("/my/papers/import", {"papers": ""}, "it "),
        ("/my/papers/import", {"papers": '[{"id": "a", "x": 1}]'}, "0.x is not a known field."),
    ),
)
async def test_what_cannot_be_kept_is_refused_in_plain_words(
    wire: Wire, path: str, form: dict[str, str], said: str
) -> None:
    headers = await sign_in(wire) | {"Accept": "application/json"}
    async with wire.http.post(path, data=form, headers=headers) as response:
        detail = (await response.json())["detail"]
    assert response.status == 422
    assert said in detail
    assert "Value error" not in detail
    assert "should" not in detail


async def test_a_reader_who_is_signed_in_may_follow_an_address_to_sign_in(wire: Wire) -> None:
    session = await sign_in(wire)
    assert "Reading list" in await page(wire, "/my?back=%2Fsearch%3Fq%3Dx&utm_source=mail", session)
