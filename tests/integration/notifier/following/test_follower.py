"""Likes that follow a library of Zotero: they come, change and leave with its items, and failures are shown."""

import math
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import web

from services.cli.commands.liked_places import after_first_visit
from services.cli.instance.api import Api
from services.notifier.bootstrap import ClockAndRandom
from services.notifier.following.follower import MAX_LIKES
from services.notifier.pages.sentences import subscription_lines
from services.notifier.subscription.store import FOLLOWED, Store, listing_key
from shared.papers.paper import Paper
from tests.integration.notifier.following.zotero_server import KEY, LIBRARY, ZoteroServer, zotero_server
from tests.integration.notifier.matching.index import fill
from tests.integration.notifier.support import Clock, Receiver, Wire, indexed, notifier
from tests.support import until

HOUR = 3_600.0
CRANES = Paper(id="arXiv:2603.00001", title="Folding paper cranes by machine", identifiers={"arxiv": "2603.00001"})
BOATS = Paper(id="doi:10.5555/boats", title="Paper boats that float for days", identifiers={"doi": "10.5555/boats"})
KITES = Paper(id="pw:kites", title="Kites: a survey of the tails of flying paper")


@pytest.fixture
async def zotero() -> AsyncIterator[ZoteroServer]:
    async with zotero_server() as one:
        yield one


@pytest.fixture
async def wire(
    redis_url: str, qdrant_url: str, tmp_path: Path, clock: Clock, zotero: ZoteroServer
) -> AsyncIterator[Wire]:
    parts = ClockAndRandom(clock=clock)
    async with notifier(redis_url, qdrant_url, tmp_path, parts, zotero_url=zotero.url) as running:
        await fill(running.runtime.qdrant(), [CRANES, BOATS, KITES])
        yield running


async def follow(wire: Wire, url: str = "https://example.org/", **place: Any) -> str:
    place = {"type": "zotero", "library": LIBRARY, "key": KEY} | place
    return str((await wire.subscribe(url, likes_from=place))["id"])


async def shown(wire: Wire, subscription: str) -> Any:
    return await wire.call("GET", f"/v1/subscriptions/{subscription}", status=200)


async def visited(wire: Wire, subscription: str, clock: Clock) -> Any:
    """Return the subscription after the visit that is due at this time of the clock."""

    async def done() -> bool:
        due = await wire.runtime.redis.zscore(FOLLOWED, subscription)
        following = (await shown(wire, subscription))["following"]
        return following is not None and due is not None and due >= clock.now + HOUR

    await until(done)
    return await shown(wire, subscription)


async def test_items_become_likes_by_doi_arxiv_id_and_title(wire: Wire, zotero: ZoteroServer, clock: Clock) -> None:
    zotero.put("AAAA2222", title="Cranes, as the publisher calls them", extra="arXiv:2603.00001 [cs]")
    zotero.put("BBBB2222", DOI="10.5555/BOATS")
    zotero.put("CCCC2222", title="Kites – a Survey of the Tails of Flying Paper")
    zotero.put("DDDD2222", title="A paper that nobody has seen here", DOI="10.5555/unseen")
    zotero.put("EEEE2222", itemType="note")
    one = await visited(wire, await follow(wire), clock)
    assert one["like"] == [KITES.id, BOATS.id, CRANES.id]
    following = one["following"]
    assert (following["items"], following["known"], following["used"], following["error"]) == (4, 3, 3, None)
    assert one["name"] == f"Like Zotero library {LIBRARY}"


async def test_likes_stay_in_step_with_additions_deletions_and_arrivals(
    wire: Wire, zotero: ZoteroServer, clock: Clock
) -> None:
    zotero.put("AAAA2222", DOI="10.5555/boats")
    zotero.put("BBBB2222", url="https://arxiv.org/abs/2603.00001v2")
    zotero.put("CCCC2222", DOI="10.5555/late")
    one = await follow(wire)
    assert (await visited(wire, one, clock))["like"] == [CRANES.id, BOATS.id]

    zotero.delete("BBBB2222")
    await fill(wire.runtime.qdrant(), [Paper(id="doi:10.5555/late", title="Late", identifiers={"doi": "10.5555/late"})])
    clock.now += HOUR
    zotero.asked.clear()
    assert (await visited(wire, one, clock))["like"] == ["doi:10.5555/late", BOATS.id]
    assert [asked.query.get("since") for asked in zotero.asked] == [None, "3"]

    clock.now += HOUR
    zotero.asked.clear()
    updated = (await shown(wire, one))["updated_at"]
    after = await visited(wire, one, clock)
    assert len(zotero.asked) == 1, "one conditional request tells that nothing changed"
    assert after["updated_at"] == updated


async def test_items_that_leave_a_collection_or_lose_a_tag_leave(
    wire: Wire, zotero: ZoteroServer, clock: Clock
) -> None:
    zotero.put("AAAA2222", DOI="10.5555/boats", collections=["FOLD2345"], tags=[{"tag": "to read"}])
    zotero.put("BBBB2222", DOI="", url="https://arxiv.org/abs/2603.00001", collections=["FOLD2345"])
    folder = await follow(wire, collection="https://www.zotero.org/zuser/collections/FOLD2345")
    tagged = await follow(wire, tag="to read")
    assert (await visited(wire, folder, clock))["like"] == [CRANES.id, BOATS.id]
    assert (await visited(wire, tagged, clock))["like"] == [BOATS.id]
    zotero.put("AAAA2222", collections=[], tags=[])
    clock.now += HOUR
    assert (await visited(wire, folder, clock))["like"] == [CRANES.id]
    assert (await visited(wire, tagged, clock))["like"] == []


async def test_own_likes_stay_and_a_paper_that_the_owner_dislikes_does_not_return(
    wire: Wire, zotero: ZoteroServer, clock: Clock
) -> None:
    zotero.put("AAAA2222", DOI="10.5555/boats")
    zotero.put("BBBB2222", url="https://arxiv.org/abs/2603.00001")
    one = await follow(wire)
    await visited(wire, one, clock)
    path = f"/v1/subscriptions/{one}"
    await wire.call("PATCH", path, {"like": [KITES.id, BOATS.id], "unlike": [CRANES.id]}, status=200)
    clock.now += HOUR
    assert (await visited(wire, one, clock))["like"] == [KITES.id, BOATS.id]
    zotero.delete("AAAA2222")
    clock.now += HOUR
    assert (await visited(wire, one, clock))["like"] == [KITES.id]


async def test_the_newest_hundred_papers_are_liked(wire: Wire, zotero: ZoteroServer, clock: Clock) -> None:
    many = [Paper(id=f"doi:10.5555/n{n}", title=f"Paper {n}", identifiers={"doi": f"10.5555/n{n}"}) for n in range(130)]
    await fill(wire.runtime.qdrant(), many)
    for n in range(130):
        zotero.put(f"N{n:07}", DOI=f"10.5555/n{n}", dateAdded=f"2026-03-01T08:{n // 60:02}:{n % 60:02}Z")
    one = await visited(wire, await follow(wire), clock)
    assert one["like"] == [f"doi:10.5555/n{n}" for n in range(129, 129 - MAX_LIKES, -1)]
    assert (one["following"]["known"], one["following"]["used"]) == (130, MAX_LIKES)
    assert [asked.query["start"] for asked in zotero.asked if "start" in asked.query] == ["0", "100"]


async def test_a_liked_library_sends_alerts_and_a_failure_holds_none_back(
    wire: Wire, zotero: ZoteroServer, clock: Clock, receiver: Receiver
) -> None:
    zotero.put("AAAA2222", url="https://arxiv.org/abs/2603.00001")
    one = await follow(wire, receiver.url())
    await visited(wire, one, clock)
    zotero.failure = web.Response(status=500)
    clock.now += HOUR
    failed = await visited(wire, one, clock)
    assert failed["following"]["error"] == "Zotero answers 500 Internal Server Error."
    assert failed["like"] == [CRANES.id]
    await wire.publish(indexed(Paper(id="arXiv:2603.00009", title="Folding paper cranes by machine and hand")))
    (arrived,) = await receiver.count(1)
    assert b"Folding paper cranes by machine" in arrived.body


async def test_an_answer_that_breaks_the_adapter_is_an_error_of_its_subscription_only(
    wire: Wire, zotero: ZoteroServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    zotero.put("AAAA2222", DOI="10.5555/boats")

    def broken(_: object) -> None:
        raise TypeError("unhashable type: 'list'")

    with monkeypatch.context() as patched:
        patched.setattr("services.notifier.following.zotero.parse", broken)
        one = await visited(wire, await follow(wire), clock)
    assert one["following"]["error"] == f"Zotero library {LIBRARY} sent an answer that could not be read."
    clock.now += HOUR
    assert (await visited(wire, one["id"], clock))["like"] == [BOATS.id]


async def test_a_version_that_is_no_number_is_not_kept(wire: Wire, zotero: ZoteroServer, clock: Clock) -> None:
    zotero.put("AAAA2222", DOI="10.5555/boats")
    zotero.headers["Last-Modified-Version"] = "9" * 7_000
    one = await visited(wire, await follow(wire), clock)
    assert one["like"] == [BOATS.id]
    clock.now += HOUR
    await visited(wire, one["id"], clock)
    assert {asked.headers.get("If-Modified-Since-Version") for asked in zotero.asked} == {None}


async def test_a_key_is_stored_sealed_and_shown_as_a_hint(wire: Wire, zotero: ZoteroServer, clock: Clock) -> None:
    zotero.put("AAAA2222", DOI="10.5555/boats")
    one = await visited(wire, await follow(wire), clock)
    assert one["likes_from"]["key"].startswith("•••")
    stored = [await wire.runtime.redis.get(key) for key in (f"subscription:{one['id']}", listing_key(one["id"]))]
    assert all(raw and KEY.encode() not in raw for raw in stored)


async def test_a_refused_key_is_told_in_one_sentence(wire: Wire, clock: Clock) -> None:
    one = await visited(wire, await follow(wire, key="wrong-key-0123456789"), clock)
    assert one["following"]["error"] == (
        f"Zotero refuses access to the library {LIBRARY}: give a key that may read it."
    )


async def test_a_pause_that_zotero_asks_for_is_kept_for_all_subscriptions(
    wire: Wire, zotero: ZoteroServer, clock: Clock
) -> None:
    zotero.failure = web.Response(status=429, headers={"Retry-After": "7200"})
    one = await visited(wire, await follow(wire), clock)
    assert one["following"]["error"] == "Zotero answers 429 Too Many Requests."
    assert math.isclose(await wire.runtime.redis.zscore(FOLLOWED, one["id"]), clock.now + 7_200)
    zotero.asked.clear()
    other = await visited(wire, await follow(wire), clock)
    assert "asked for a pause" in other["following"]["error"]
    assert zotero.asked == []


async def test_a_deleted_or_paused_subscription_is_not_visited(wire: Wire, clock: Clock) -> None:
    one, other = await follow(wire), await follow(wire)
    await visited(wire, one, clock)
    await visited(wire, other, clock)
    await wire.call("POST", f"/v1/subscriptions/{one}/pause", status=200)
    await wire.call("DELETE", f"/v1/subscriptions/{other}", status=204)
    assert await wire.runtime.redis.zcard(FOLLOWED) == 0
    assert not await wire.runtime.redis.exists(listing_key(other))


async def test_another_place_replaces_the_likes_of_the_one_before(
    wire: Wire, zotero: ZoteroServer, clock: Clock
) -> None:
    zotero.put("AAAA2222", DOI="10.5555/boats", collections=["FOLD2345"])
    zotero.put("BBBB2222", url="https://arxiv.org/abs/2603.00001")
    one = await follow(wire)
    await visited(wire, one, clock)
    place = {"type": "zotero", "library": LIBRARY, "key": KEY, "collection": "FOLD2345"}
    await wire.call("PATCH", f"/v1/subscriptions/{one}", {"likes_from": place}, status=200)
    assert (await visited(wire, one, clock))["like"] == [BOATS.id]


async def test_the_command_waits_for_the_first_visit_and_the_page_shows_it(
    wire: Wire, zotero: ZoteroServer, clock: Clock
) -> None:
    zotero.put("AAAA2222", DOI="10.5555/boats")
    made = await shown(wire, await follow(wire))
    api = Api(f"http://127.0.0.1:{wire.runtime.settings.http_port}", wire.key)
    after = await after_first_visit(api, made)
    assert after["following"]["used"] == 1
    zotero.failure = web.Response(status=503)
    clock.now += HOUR
    await visited(wire, made["id"], clock)
    (row,) = await Store(wire.runtime.redis).several([made["id"]])
    assert row
    lines = " ".join(subscription_lines(row.subscription))
    assert f"come from Zotero library {LIBRARY}, read at 2027-01-15 08:00 UTC: 1 paper," in lines
    assert "was not read: Zotero answers 503 Service Unavailable. The next visit is at 2027-01-15 10:00 UTC." in lines


async def test_records_of_orcid_and_authors_of_semantic_scholar_are_followed(
    redis_url: str, qdrant_url: str, tmp_path: Path, clock: Clock, receiver: Receiver
) -> None:
    record = {
        "group": [
            {
                "external-ids": {"external-id": [{"external-id-type": "doi", "external-id-value": "10.5555/boats"}]},
                "work-summary": [{"put-code": 1, "title": {"title": {"value": "Boats"}}}],
            }
        ]
    }
    author = {"offset": 0, "data": [{"paperId": "p", "externalIds": {"ArXiv": "2603.00001"}, "title": "Cranes"}]}
    receiver.answer("/0000-0002-1825-0097/works", web.json_response(record))
    receiver.answer("/0000-0001-5109-3700/works", 404)
    receiver.answer("/author/1741101/papers", web.json_response(author))
    places = {"orcid_url": receiver.url(""), "semantic_scholar_url": receiver.url(""), "semantic_scholar_key": "s2"}
    parts = ClockAndRandom(clock=clock)
    async with notifier(redis_url, qdrant_url, tmp_path, parts, **places) as wire:
        await fill(wire.runtime.qdrant(), [CRANES, BOATS])
        hook = "https://example.org/"
        mine = await wire.subscribe(hook, likes_from={"type": "orcid", "id": "0000-0002-1825-0097"})
        theirs = await wire.subscribe(hook, likes_from={"type": "semantic-scholar", "author": "1741101"})
        assert (await visited(wire, mine["id"], clock))["like"] == [BOATS.id]
        assert (await visited(wire, theirs["id"], clock))["like"] == [CRANES.id]
        wrong = await wire.subscribe(hook, likes_from={"type": "orcid", "id": "0000-0001-5109-3700"})
        failed = await visited(wire, wrong["id"], clock)
        assert failed["following"]["error"] == "ORCID does not know the iD 0000-0001-5109-3700: correct likes_from."
    assert {one.headers.get("x-api-key") for one in receiver.arrived if "author" in one.path} == {"s2"}


async def test_what_is_saved_or_liked_in_the_reading_list_is_liked(wire: Wire, clock: Clock) -> None:
    async def mark(paper: Paper, **fields: bool) -> None:
        await wire.call("PATCH", f"/v1/reading-list/papers/{quote(paper.id, safe='')}", fields, status=200)

    await mark(BOATS, saved=True)
    await mark(CRANES, liked=True)
    await mark(KITES, saved=True, hidden=True)
    one = await wire.subscribe("https://example.org/", likes_from={"type": "reading-list"})

    async def likes() -> list[str]:
        return sorted((await shown(wire, one["id"]))["like"])

    async def both() -> bool:
        return await likes() == sorted([BOATS.id, CRANES.id])

    await until(both)
    await mark(BOATS, saved=False)
    clock.now += 60

    async def left() -> bool:
        return await likes() == [CRANES.id]

    await until(left)
    assert (await shown(wire, one["id"]))["name"] == "Like your reading list"
