"""The reading list of an API key: marks, pages, counts, files and imports, on a real Redis and the real index."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from redis import Redis as SyncRedis
from redis.asyncio import Redis

from services.notifier.access.api_keys import ApiKeys
from services.notifier.api.reading_models import ReadingFile
from services.notifier.subscribing.erasure import erase_address, erase_owner
from services.notifier.subscription.owners import mail_owner
from shared.errors import TransientError
from shared.outages import RETRY_S, outage
from shared.papers.names import point_id
from shared.papers.paper import Paper
from shared.qdrant import PAPERS
from shared.readers import reading_store
from shared.readers.reading_list import ListRow
from shared.readers.reading_store import Change, ReadingLists
from shared.readers.sessions import COOKIE, Session, read_session, start_session
from tests.integration.notifier.matching.index import fill
from tests.integration.notifier.support import Wire

ONE = Paper(
    id="arXiv:2603.00001", title="Folding paper cranes", identifiers={"arxiv": "2603.00001", "doi": "10.1000/cranes"}
)
TWO = Paper(id="doi:10.1000/two", title="Robot arms", identifiers={"doi": "10.1000/two"})
LIST = "/v1/reading-list"


@pytest.fixture
async def wire(wire: Wire) -> Wire:
    await fill(wire.runtime.qdrant(), [ONE, TWO])
    return wire


async def mark(wire: Wire, paper: str, **marks: Any) -> Any:
    return (await wire.call("PATCH", f"{LIST}/papers/{paper}", marks, status=200))["mark"]


async def ids(wire: Wire, query: str = "") -> list[str]:
    return [row["id"] for row in (await wire.call("GET", LIST + query, status=200))["papers"]]


async def test_a_paper_is_marked_by_any_of_its_ids(wire: Wire) -> None:
    assert (await mark(wire, ONE.id, saved=True, tags=["To Read"]))["tags"] == ["to read"]
    assert (await mark(wire, "10.1000/CRANES", read=True, note="Good."))["saved"]
    (row,) = (await wire.call("GET", LIST, status=200))["papers"]
    assert (row["id"], row["title"], row["note"], row["paper"]["title"]) == (ONE.id, ONE.title, "Good.", ONE.title)
    asked = await wire.call("GET", f"{LIST}/marks?id=10.1000/cranes&id={TWO.id}&id=nothing", status=200)
    assert asked["marks"]["doi:10.1000/cranes"]["saved"]
    assert not asked["marks"][TWO.id]["saved"]
    assert not asked["marks"]["nothing"]["saved"]


async def test_lists_are_by_state_and_tag_and_page_by_page(wire: Wire) -> None:
    await mark(wire, ONE.id, saved=True, tags=["cranes"])
    await mark(wire, TWO.id, saved=True, read=True, liked=True, tags=["cranes", "arms"])
    assert await ids(wire) == [TWO.id, ONE.id]
    assert await ids(wire, "?state=unread") == [ONE.id]
    assert await ids(wire, "?state=saved&tag=Arms") == [TWO.id]
    assert await ids(wire, "?tag=none") == []
    first = await wire.call("GET", f"{LIST}?limit=1", status=200)
    rest = await wire.call("GET", f"{LIST}?limit=1&cursor={first['next_cursor']}", status=200)
    assert [first["papers"][0]["id"], rest["papers"][0]["id"], rest["next_cursor"]] == [TWO.id, ONE.id, None]
    counts = await wire.call("GET", f"{LIST}/tags", status=200)
    assert counts["states"] == {"saved": 2, "unread": 1, "read": 1, "hidden": 0, "liked": 1, "disliked": 0}
    assert counts["tags"] == [{"tag": "cranes", "count": 2}, {"tag": "arms", "count": 1}]


async def test_a_paper_with_nothing_marked_leaves_the_list_with_its_labels(wire: Wire) -> None:
    await mark(wire, ONE.id, saved=True, tags=["cranes"])
    await mark(wire, ONE.id, saved=False, tags=[])
    assert await ids(wire) == []
    await mark(wire, ONE.id, saved=True)
    await wire.call("DELETE", f"{LIST}/papers/10.1000/cranes", status=204)
    await wire.call("DELETE", f"{LIST}/papers/{ONE.id}", status=404)
    assert await wire.runtime.redis.keys("reading:*") == []


async def test_works_that_were_joined_have_one_row(wire: Wire) -> None:
    await mark(wire, ONE.id, saved=True)
    await mark(wire, TWO.id, liked=True)
    whole = {"ids": [ONE.id, "doi:10.1000/cranes", TWO.id]}
    await wire.runtime.qdrant().delete(PAPERS, [point_id(TWO.id)], wait=True)
    await wire.runtime.qdrant().set_payload(PAPERS, whole, points=[point_id(ONE.id)], wait=True)
    assert await exported(wire, "bibtex") == 1
    asked = await wire.call("GET", f"{LIST}/marks?id={TWO.id}", status=200)
    assert (asked["marks"][TWO.id]["saved"], asked["marks"][TWO.id]["liked"]) == (True, True)
    assert await mark(wire, TWO.id, read=True) == {
        "saved": True, "read": True, "hidden": False, "liked": True, "disliked": False, "tags": [], "note": "",
    }  # fmt: skip
    assert await ids(wire) == [ONE.id]
    assert (await wire.call("GET", f"{LIST}/tags", status=200))["states"]["liked"] == 1


async def test_the_page_of_the_list_shows_joined_works_once(wire: Wire) -> None:
    await mark(wire, ONE.id, saved=True, note="the first")
    await mark(wire, TWO.id, saved=True, note="the second")
    await wire.runtime.qdrant().delete(PAPERS, [point_id(TWO.id)], wait=True)
    await wire.runtime.qdrant().set_payload(PAPERS, {"ids": [ONE.id, TWO.id]}, points=[point_id(ONE.id)], wait=True)
    async with wire.http.post("/my", data={"key": wire.key}, allow_redirects=False) as response:
        session = {"Cookie": f"{COOKIE}={response.cookies[COOKIE].value}"}
    async with wire.http.get("/my?state=saved", headers=session) as response:
        text = await response.text()
    assert (text.count('id="row-'), text.count(ONE.title + "</a>")) == (1, 1)
    assert re.search(r"Saved <span[^>]*>1</span>", text)
    assert ("the first" in text, "the second" in text) == (True, True)


async def exported(wire: Wire, form: str) -> int:
    """Count the entries of an export."""
    async with wire.http.get(f"{LIST}/export?format={form}", headers={"Authorization": f"Bearer {wire.key}"}) as answer:
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "private, no-store")
        return (await answer.text()).count("@")


async def test_what_cannot_be_marked_is_refused(wire: Wire) -> None:
    await wire.call("PATCH", f"{LIST}/papers/nothing", {"saved": True}, status=404)
    for body in ({"liked": True, "disliked": True}, {"tags": ["x"] * 21}, {"note": "x" * 2_001}, {"save": True}):
        await wire.call("PATCH", f"{LIST}/papers/{ONE.id}", body, status=422)
    await wire.call("GET", f"{LIST}/marks?" + "&".join(f"id={n}" for n in range(201)), status=422)
    await wire.call("GET", f"{LIST}?cursor=x", status=422)
    assert await ids(wire) == []


async def test_a_full_list_takes_no_more(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_store, "MAX_PAPERS", 1)
    await mark(wire, ONE.id, saved=True)
    problem = await wire.call("PATCH", f"{LIST}/papers/{TWO.id}", {"saved": True}, status=422)
    assert "remove some first" in problem["detail"]
    await mark(wire, ONE.id, read=True)


async def test_files_hold_the_list_without_hidden_papers(wire: Wire) -> None:
    await mark(wire, ONE.id, saved=True, tags=["cranes"])
    await mark(wire, TWO.id, hidden=True)
    headers = {"Authorization": f"Bearer {wire.key}"}
    texts = {}
    for form in ("json", "jsonl", "bibtex", "ris", "csl"):
        async with wire.http.get(f"{LIST}/export?format={form}", headers=headers) as response:
            assert response.status == 200
            texts[form] = await response.text()
    assert ReadingFile.model_validate_json(texts["json"]).model_fields_set == {"papers"}
    (row,) = json.loads(texts["json"])["papers"]
    assert (row["id"], row["tags"], row["paper"]["title"]) == (ONE.id, ["cranes"], ONE.title)
    assert all(ONE.title in text and TWO.title not in text for text in texts.values())
    async with wire.http.get(f"{LIST}/export?state=hidden", headers=headers) as response:
        assert [each["id"] for each in (await response.json())["papers"]] == [TWO.id]


async def test_an_import_joins_what_was_kept_elsewhere(wire: Wire) -> None:
    await mark(wire, ONE.id, liked=True, tags=["cranes"])
    kept = [
        {"id": "https://doi.org/10.1000/cranes", "saved_at": "2026-01-01T08:00:00Z", "tags": ["Old"]},
        {"id": TWO.id, "read_at": "2026-01-02T08:00:00+01:00", "note": "Seen."},
        {"id": TWO.id, "tags": ["again"]},
        {"id": "doi:10.9999/none", "saved_at": "2026-01-01T08:00:00Z"},
    ]
    answer = await wire.call("POST", f"{LIST}/import", {"papers": kept}, status=200)
    assert answer == {"imported": 2, "unknown": ["doi:10.9999/none"]}
    rows = {row["id"]: row for row in (await wire.call("GET", LIST, status=200))["papers"]}
    assert (rows[ONE.id]["saved_at"], rows[ONE.id]["tags"]) == ("2026-01-01T08:00:00Z", ["cranes", "old"])
    assert rows[TWO.id]["tags"] == ["again"]
    assert (rows[TWO.id]["read_at"], rows[TWO.id]["note"]) == ("2026-01-02T07:00:00Z", "Seen.")
    await wire.call(
        "POST", f"{LIST}/import", {"papers": [{"id": ONE.id, "saved_at": "1026-01-01T08:00:00Z"}]}, status=422
    )


async def test_lists_belong_to_their_key_and_go_with_it(wire: Wire) -> None:
    info, other = await ApiKeys(wire.runtime.redis).create("other")
    await mark(wire, ONE.id, saved=True)
    await wire.call("PATCH", f"{LIST}/papers/{TWO.id}", {"saved": True}, status=200, key=other)
    assert await ids(wire) == [ONE.id]
    await ApiKeys(wire.runtime.redis).revoke(info.id)
    assert await wire.runtime.redis.keys(f"reading:*{info.id}*") != []
    await erase_owner(wire.runtime.redis, info.id)
    assert await wire.runtime.redis.keys(f"reading:*{info.id}*") == []
    await wire.call("DELETE", LIST, status=204)
    assert await wire.runtime.redis.keys("reading:*") == []


async def test_a_reader_by_mail_is_erased_with_list_and_sessions(wire: Wire) -> None:
    redis, lists = wire.runtime.redis, ReadingLists(wire.runtime.redis)
    owners = [mail_owner(address) for address in ("ada@example.org", "bob@example.org")]
    tokens = []
    for owner in owners:
        await lists.change(owner, [saving(ONE.id)])
        tokens.append(await start_session(redis, Session(owner=owner, expires=int(time.time()) + 60), time.time()))
    assert await erase_address(redis, "ADA@example.org") == 0
    assert [await lists.ids(owner, "all") for owner in owners] == [[], [ONE.id]]
    assert [await read_session(redis, token) is None for token in tokens] == [True, False]
    assert await redis.keys(f"*{owners[0]}*") == []


def saving(paper: str, edit: Callable[[ListRow], ListRow] = lambda row: row) -> Change:
    now = datetime.now(UTC)
    return Change(paper, (paper,), ListRow(id=paper, added_at=now, saved_at=now), edit)


async def test_twenty_writers_of_one_list_all_succeed(redis_url: str) -> None:
    clients = [Redis.from_url(redis_url) for _ in range(20)]
    writing = (ReadingLists(one).change("crowd", [saving(f"arXiv:2603.{n:05d}")]) for n, one in enumerate(clients))
    await asyncio.gather(*writing)
    assert (await ReadingLists(clients[0]).counts("crowd"))["is:saved"] == len(clients)
    await asyncio.gather(*(one.aclose() for one in clients))


async def test_a_change_that_others_undo_each_time_is_given_up_with_503(wire: Wire, redis_url: str) -> None:
    other, tries = SyncRedis.from_url(redis_url), list[int]()

    def disturbed(row: ListRow) -> ListRow:
        tries.append(other.hincrby("reading:counts:busy", "tag:other", 1))
        return row

    with pytest.raises(TransientError, match="changed by too many requests") as raised:
        await ReadingLists(wire.runtime.redis).change("busy", [saving(ONE.id, disturbed)])
    assert (len(tries), raised.value.retry_after) == (reading_store.MAX_TRIES, RETRY_S)
    assert outage(raised.value)  # which the application answers with 503 and Retry-After
    other.close()


async def test_a_long_list_is_read_in_parts_that_let_others_work(wire: Wire) -> None:
    lists, ids, turns = ReadingLists(wire.runtime.redis), [f"arXiv:2603.{n:05d}" for n in range(2_000)], list[int]()
    await lists.change("long", [saving(id_) for id_ in ids])

    async def other() -> None:
        while True:
            await asyncio.sleep(0)
            turns.append(1)

    task = asyncio.create_task(other())
    assert len(await lists.listed("long", ids)) == len(ids)
    task.cancel()
    assert len(turns) >= len(ids) / reading_store.CHUNK


async def test_the_feed_of_a_list_has_an_address_that_can_be_changed(wire: Wire) -> None:
    await wire.call("GET", f"{LIST}/feed", status=404)
    await mark(wire, ONE.id, saved=True)
    await mark(wire, TWO.id, read=True)
    first = await wire.call("POST", f"{LIST}/rotate-feed", status=200)
    assert await wire.call("GET", f"{LIST}/feed", status=200) == first
    async with wire.http.get(first["atom"]) as response:
        text = await response.text()
        assert (response.status, ONE.title in text, TWO.title in text) == (200, True, False)
        assert response.headers["Cache-Control"].startswith("private")
    async with wire.http.get(first["json_feed"]) as response:
        assert [item["title"] for item in (await response.json())["items"]] == [ONE.title]
    second = await wire.call("POST", f"{LIST}/rotate-feed", status=200)
    (info,) = await ApiKeys(wire.runtime.redis).list()
    forged = second["atom"].replace(second["atom"][-20:-5], "A" * 15)
    for address, status in ((first["atom"], 404), (second["atom"], 200), (forged, 404)):
        async with wire.http.get(address) as response:
            assert response.status == status, address
    await ApiKeys(wire.runtime.redis).revoke(info.id)
    async with wire.http.get(second["atom"]) as response:
        assert response.status == 404
