"""Private feeds: the matches of a subscription, readable only with its address."""

import base64
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
from lxml import etree

from services.notifier.access.api_keys import ApiKeys
from services.notifier.secrets.feed_tokens import FeedTokens
from services.notifier.secrets.signed_links import Links
from shared.board import PICTURES
from shared.papers.paper import Author, Change, ChangeKind, LifeEvent, Paper
from tests.integration.notifier.matching.index import fill
from tests.integration.notifier.support import Receiver, Wire, indexed
from tests.support import until
from tests.unit.notifier.examples import subscription

ATOM = "{http://www.w3.org/2005/Atom}"


def paper(number: int, title: str = "cranes") -> Paper:
    return Paper(id=f"arXiv:2603.{number:05d}", title=title, abstract="Folding.", authors=(Author(name="Ada Origami"),),
                 categories=("cs.RO",), published="2026-03-01")  # fmt: skip


def entries_of(body: bytes) -> list[dict[str, str]]:
    rows = etree.fromstring(body).iter(f"{ATOM}entry")
    return [{name: row.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated", "summary")} for row in rows]


async def matched(wire: Wire, *events: Any) -> None:
    await wire.publish(*events)
    await until(wire.drained)


async def subscribe(wire: Wire, **fields: Any) -> Any:
    body = {"channel": {"type": "feed"}, "categories": ["cs.RO"], **fields}
    return await wire.call("POST", "/v1/subscriptions", body, status=201)


async def addresses(wire: Wire, made: Any) -> Any:
    return await wire.call("GET", f"/v1/subscriptions/{made['id']}/feed", status=200)


async def read(wire: Wire, address: str, **headers: str) -> tuple[int, bytes, Any]:
    async with wire.http.get(urlsplit(address).path, headers=headers) as response:
        return response.status, await response.read(), response.headers


async def test_a_feed_shows_the_matches_and_sends_nothing(wire: Wire) -> None:
    made = await subscribe(wire, name="<cranes>")
    links = await addresses(wire, made)
    other = paper(3).model_copy(update={"categories": ("math.NT",)})
    await matched(wire, indexed(paper(1)), indexed(paper(2, "stars & more")), indexed(other))
    status, body, headers = await read(wire, links["atom"])
    assert (status, headers["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    assert headers["Cache-Control"] == "private, max-age=300"
    assert headers["X-Robots-Tag"] == "noindex"
    feed = etree.fromstring(body)
    assert feed.findtext(f"{ATOM}title") == "Paperwire: <cranes>"
    assert {entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")} == {"cranes", "stars & more"}
    async with wire.http.get(urlsplit(links["json_feed"]).path) as response:
        document = await response.json(content_type="application/feed+json")
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert document["feed_url"] == links["json_feed"]
    assert {item["title"] for item in document["items"]} == {"cranes", "stars & more"}
    assert await wire.deliveries(made["id"]) == []
    await wire.call("POST", f"/v1/subscriptions/{made['id']}/test", status=409)


@pytest.mark.parametrize("schedule", ("instant", {"daily": "08:00"}))
async def test_sent_alerts_are_in_the_feed_too(wire: Wire, receiver: Receiver, schedule: Any) -> None:
    made = await wire.subscribe(receiver.url(), categories=["cs.RO"], schedule=schedule)
    await matched(wire, indexed(paper(1)))
    _, body, _ = await read(wire, (await addresses(wire, made))["json_feed"])
    assert b'"title":"cranes"' in body


async def test_an_entry_names_the_picture_of_its_paper(wire: Wire) -> None:
    made = await subscribe(wire)
    await PICTURES.put(wire.runtime.redis, {"arXiv:2603.00001": {"version": "a1", "width": 352, "height": 185}})
    await matched(wire, indexed(paper(1)), indexed(paper(2)))
    links = await addresses(wire, made)
    items = orjson.loads((await read(wire, links["json_feed"]))[1])["items"]
    shown = {item["url"].rpartition("/")[2]: item.get("image", "") for item in items}
    assert shown["arXiv:2603.00001"].endswith("/papers/arXiv:2603.00001/picture.webp?v=a1")
    assert shown["arXiv:2603.00002"] == ""


async def test_the_matches_of_a_subscription_are_a_file(wire: Wire) -> None:
    made = await subscribe(wire)
    await matched(wire, indexed(paper(1)), indexed(paper(2, "stars & more")))
    address = f"/v1/subscriptions/{made['id']}/export"
    key = {"Authorization": f"Bearer {wire.key}"}
    async with wire.http.get(f"{address}?format=jsonl", headers=key) as response:
        assert response.headers["Content-Disposition"] == 'attachment; filename="papers.jsonl"'
        rows = [orjson.loads(line) for line in (await response.read()).splitlines()]
    assert {row["id"] for row in rows} == {"arXiv:2603.00001", "arXiv:2603.00002"}
    assert (await read(wire, address))[0] == 401


async def test_a_paper_with_a_better_id_is_the_same_entry(wire: Wire) -> None:
    made = await subscribe(wire, changes=["new", "published"])
    address = (await addresses(wire, made))["atom"]
    known = paper(1).model_copy(update={"id": "doi:10.1234/cranes"})
    await matched(wire, indexed(known))
    before = etree.fromstring((await read(wire, address))[1])
    better = known.model_copy(update={"id": "arXiv:2603.00001", "first_id": known.id, "title": "cranes, posted"})
    await matched(wire, indexed(better, Change(kind=ChangeKind.PUBLISHED, version="1")))
    (entry,) = etree.fromstring((await read(wire, address))[1]).iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "cranes, posted"
    assert entry.findtext(f"{ATOM}id") == before.findtext(f"{ATOM}entry/{ATOM}id")


async def test_an_entry_says_what_happened_since_also_if_nobody_was_alerted(wire: Wire) -> None:
    """INVARIANT: the entry of a paper that was withdrawn, published or got code says so and moves; its id stays."""
    made = await subscribe(wire)
    address = (await addresses(wire, made))["atom"]
    known = paper(1).model_copy(update={"id": "doi:10.1234/cranes"})
    await matched(wire, indexed(known), indexed(paper(2)))
    (one, two) = sorted(entries_of((await read(wire, address))[1]), key=lambda entry: str(entry["id"]))
    life = [
        LifeEvent(kind=ChangeKind.CODE_ADDED, at="2026-03-05T08:00:00Z", version="https://github.com/a/b"),
        LifeEvent(kind=ChangeKind.WITHDRAWN, at="2026-03-06T08:00:00Z", version="v2"),
    ]
    update = {"id": "arXiv:2603.00001", "first_id": known.id, "status": "withdrawn", "life": tuple(life),
              "identifiers": {"doi": "10.1234/cranes"}}  # fmt: skip
    await fill(wire.runtime.qdrant(), [known.model_copy(update=update)])
    after = {entry["id"]: entry for entry in entries_of((await read(wire, address))[1])}
    assert after.keys() == {one["id"], two["id"]}
    (changed,) = (entry for entry in after.values() if entry not in (one, two))
    assert changed["title"] == "Withdrawn: cranes"
    assert changed["updated"] == "2026-03-06T08:00:00+00:00"
    happened, why, abstract = changed["summary"].split("\n\n")
    assert happened == "Withdrawn on 6 March 2026 (v2). Code added on 5 March 2026 (https://github.com/a/b)."
    assert why.startswith("Why: ")
    assert abstract.startswith("Folding.")


async def test_a_feed_lists_a_paper_once_and_at_most_a_hundred_matches(wire: Wire) -> None:
    made = await subscribe(wire, changes=["new", "revised"])
    await matched(wire, *(indexed(paper(number)) for number in range(120)))
    revised = Change(kind=ChangeKind.REVISED, version="2")
    await matched(wire, indexed(paper(119, "cranes, again"), revised))
    links = await addresses(wire, made)
    async with wire.http.get(urlsplit(links["json_feed"]).path) as response:
        items = (await response.json(content_type=None))["items"]
    assert [item["title"] for item in items].count("cranes, again") == 1
    assert len(items) == 99  # and the hundredth match is an earlier one of the same paper
    assert await wire.runtime.redis.llen(f"matches:{made['id']}") == 100


async def test_a_feed_answers_304_until_it_changes(wire: Wire) -> None:
    made = await subscribe(wire)
    await matched(wire, indexed(paper(1)))
    address = (await addresses(wire, made))["atom"]
    _, body, headers = await read(wire, address)
    status, again, _ = await read(wire, address, **{"If-None-Match": headers["ETag"]})
    assert (status, again) == (304, b"")
    await matched(wire, indexed(paper(2)))
    status, newer, _ = await read(wire, address, **{"If-None-Match": headers["ETag"]})
    assert status == 200
    assert newer != body


async def test_a_rotated_address_invalidates_the_previous_one(wire: Wire) -> None:
    made = await subscribe(wire)
    old = await addresses(wire, made)
    new = await wire.call("POST", f"/v1/subscriptions/{made['id']}/rotate-feed", status=200)
    assert new["atom"] != old["atom"]
    assert (await read(wire, old["atom"]))[0] == 404
    assert (await read(wire, new["atom"]))[0] == 200
    assert await addresses(wire, made) == new


async def test_a_forged_address_is_not_found(wire: Wire) -> None:
    made = await subscribe(wire)
    path = urlsplit((await addresses(wire, made))["atom"]).path
    token = path.removeprefix("/feeds/private/").removesuffix(".atom")
    raw = bytearray(base64.urlsafe_b64decode(token))
    for place in (0, 15, 16, 38):
        forged = bytearray(raw)
        forged[place] ^= 1
        changed = base64.urlsafe_b64encode(forged).decode()
        assert (await read(wire, f"/feeds/private/{changed}.atom"))[0] == 404
    for odd in ("", "a", token[:-1], token + "A", token.lower(), f"{token[:-1]}="):
        assert (await read(wire, f"/feeds/private/{odd}.atom"))[0] == 404
    assert (await read(wire, path.replace(".atom", ".xml")))[0] == 404
    assert made["id"].replace("-", "") not in token


async def test_a_deleted_subscription_and_another_owners_have_no_feed(wire: Wire) -> None:
    made = await subscribe(wire)
    address = (await addresses(wire, made))["atom"]
    _, stranger = await ApiKeys(wire.runtime.redis).create("another")
    await wire.call("GET", f"/v1/subscriptions/{made['id']}/feed", status=404, key=stranger)
    await wire.call("POST", f"/v1/subscriptions/{made['id']}/rotate-feed", status=404, key=stranger)
    await wire.call("DELETE", f"/v1/subscriptions/{made['id']}", status=204)
    assert (await read(wire, address))[0] == 404


async def test_a_deleted_subscription_leaves_no_feed_number(wire: Wire) -> None:
    made = await subscribe(wire)
    await wire.call("POST", f"/v1/subscriptions/{made['id']}/rotate-feed", status=200)
    await wire.call("DELETE", f"/v1/subscriptions/{made['id']}", status=204)
    assert [key async for key in wire.runtime.redis.scan_iter(f"*{made['id']}*")] == []


async def test_a_recreated_subscription_is_not_opened_by_a_previous_address(wire: Wire) -> None:
    """INVARIANT: a rotated address stays invalid, even if its subscription is recreated."""
    links = Links("https://wire.example", b"k" * 32)
    tokens = FeedTokens(wire.runtime.redis, links)
    before = subscription(id=str(uuid.uuid4()))
    after = before.model_copy(update={"created_at": before.created_at + timedelta(microseconds=1)})
    assert await tokens.addresses(before) != await tokens.addresses(after)
