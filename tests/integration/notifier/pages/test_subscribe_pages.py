"""Subscribing and editing on pages: every channel for who is signed in, an address that confirms for the others."""

import hashlib
import json
import re
import time
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.notifier.channels.registry import CHANNELS
from services.notifier.channels.webhook import signature
from services.notifier.secrets.link_key import link_key
from services.notifier.secrets.signed_links import Action, Claim, make
from services.notifier.subscription.owners import mail_owner
from shared.papers.paper import CodeLink, Links, Paper
from tests.integration.notifier.following.zotero_server import KEY, LIBRARY, zotero_server
from tests.integration.notifier.matching.index import fill
from tests.integration.notifier.pages.test_my_pages import ask, enter, follow
from tests.integration.notifier.support import Receiver, Wire, indexed, notifier, receiving
from tests.llm_endpoint import llm_endpoint
from tests.support import until

PAPER = Paper(id="arXiv:2603.00001", title="folding paper cranes", categories=("cs.RO",))
ADDRESS = "reader@example.org"
TOKEN = "123456:" + hashlib.sha256(b"a bot").hexdigest()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as one:
        yield one


@pytest.fixture
async def wire(redis_url: str, qdrant_url: str, tmp_path: Path) -> AsyncIterator[Wire]:
    async with notifier(redis_url, qdrant_url, tmp_path) as running:
        yield running


async def listed(wire: Wire) -> list[Any]:
    found: list[Any] = (await wire.call("GET", "/v1/subscriptions", status=200))["subscriptions"]
    return found


async def test_a_webhook_is_made_on_the_page_and_its_secret_is_shown_once(wire: Wire, receiver: Receiver) -> None:
    await enter(wire)
    form = {"q": "folding paper cranes", "channel": "webhook", "webhook.url": receiver.url(), "once": "one",
            "webhook.headers": "X-Key: hush", "per_week": "5"}  # fmt: skip
    status, text, _ = await ask(wire, "POST", "/subscribe", form)
    (secret,) = set(re.findall(r"whsec_[\w+/=]+", unescape(text)))
    (made,) = await listed(wire)
    assert (status, made["schedule"], made["sensitivity"]) == (201, "instant", {"per_week": 5.0})
    page = f"/my/subscriptions/{made['id']}"
    assert f'action="{page}/test"' in text
    said = await follow(wire, f"{page}/test")
    assert "Sample alert: delivered, the endpoint answered 204" in said
    assert said.index("Deliveries") < said.index("Alerts that it would have sent")
    (sent,) = receiver.arrived
    stamp = int(sent.headers["webhook-timestamp"])
    assert sent.headers["webhook-signature"] == signature(secret, sent.headers["webhook-id"], stamp, sent.body)
    assert sent.headers["X-Key"] == "hush"
    assert json.loads(sent.body)["data"]["subscription"]["id"] == made["id"]
    assert secret not in said
    assert "hush" not in said
    again = await follow(wire, "/subscribe", form)
    assert "This subscription exists already." in again
    assert len(await listed(wire)) == 1
    status, text, _ = await ask(wire, "POST", f"{page}/secret")
    assert (status, set(re.findall(r"whsec_[\w+/=]+", unescape(text))) & {secret}) == (200, set())


def settings(receiver: Receiver) -> dict[str, dict[str, str]]:
    url, server = receiver.url("/chat"), receiver.url("")
    chats = {name: {f"{name}.url": url} for name in ("slack", "discord", "teams", "mattermost", "feishu")}
    return chats | {
        "telegram": {"telegram.server": server, "telegram.token": TOKEN, "telegram.chat": "-100"},
        "matrix": {"matrix.server": server, "matrix.room": "!abc:m.example", "matrix.token": "syt_abcdefghijkl"},
        "ntfy": {"ntfy.server": server, "ntfy.topic": "a_hard_to_guess_topic"},
    }


async def test_every_chat_is_subscribed_on_the_page_and_tested(wire: Wire, receiver: Receiver) -> None:
    await enter(wire)
    chats = settings(receiver)
    assert chats.keys() == {one.id for one in CHANNELS} - {"webhook", "email", "feed"}
    for number, (channel, typed) in enumerate(chats.items(), 1):
        form = {"q": f"cranes for {channel}", "channel": channel} | typed
        said = await follow(wire, "/subscribe", form)
        assert "Subscribed." in said, said
        made = (await listed(wire))[-1]
        assert made["channel"]["type"] == channel
        assert "Sample alert: delivered" in await follow(wire, f"/my/subscriptions/{made['id']}/test")
        assert len(receiver.arrived) == number


async def test_a_private_feed_is_made_and_its_address_changes(wire: Wire) -> None:
    await enter(wire)
    said = await follow(wire, "/subscribe", {"q": "folding paper cranes", "channel": "feed", "often": "instant"})
    address = _feed(said)
    assert "Send a sample alert" not in said
    assert (await ask(wire, "GET", address))[0] == 200
    (made,) = await listed(wire)
    assert _feed(await follow(wire, f"/my/subscriptions/{made['id']}/feed")) != address
    assert (await ask(wire, "GET", address))[0] == 404


def _feed(text: str) -> str:
    found = re.search(r'href="([^"]+/feeds/private/[^"]+\.atom)"', text)
    assert found
    return urlsplit(found[1]).path


async def test_the_reading_list_is_subscribed_to_by_those_who_have_one(wire: Wire) -> None:
    _, text, _ = await ask(wire, "GET", "/subscribe?likes_from=reading-list")
    assert "Sign in" in text
    assert 'name="likes_from"' not in text
    await enter(wire)
    _, text, _ = await ask(wire, "GET", "/subscribe?likes_from=reading-list")
    assert 'value="reading-list" checked' in text
    status, _, _ = await ask(wire, "POST", "/subscribe", {"likes_from": "reading-list", "channel": "feed"})
    (made,) = await listed(wire)
    assert (status, made["likes_from"], made["changes"]) == (303, {"type": "reading-list"}, ["new"])


async def test_papers_that_cite_the_readers_own_are_subscribed_to_and_edited(wire: Wire) -> None:
    await enter(wire)
    fields = {"cites": "2603.00001, 0000-0002-1825-0097", "channel": "feed"}
    _, text, _ = await ask(wire, "POST", "/subscribe", fields)
    assert "The field for your papers takes one author, or papers" in text
    fields["cites"] = "https://orcid.org/0000-0002-1825-0097"
    for path in ("/subscribe", f"/subscribe?cites={fields['cites']}"):
        _, text, _ = await ask(wire, "POST" if path == "/subscribe" else "GET", path, {**fields, "go": "preview"})
        assert ('id="cites-wrong">A preview cannot tell who will cite' in text) is (path == "/subscribe")
    text = await follow(wire, "/subscribe", fields)
    assert "Only papers that cite yours: ORCID record 0000-0002-1825-0097." in text
    (made,) = await listed(wire)
    author = {"type": "orcid", "id": "0000-0002-1825-0097"}
    assert (made["cites"], made["changes"], made["name"]) == (author, ["new"], f"Cites ORCID record {author['id']}")
    page = f"/my/subscriptions/{made['id']}/edit"
    _, text, _ = await ask(wire, "GET", page)
    assert 'name="cites" value="0000-0002-1825-0097"' in text
    form = {"cites": "2603.00001 10.5555/Boats", "often": "instant", "timezone": "UTC", "name": "Mine"}
    status, _, _ = await ask(wire, "POST", page, form)
    (made,) = await listed(wire)
    assert (status, made["cites"]["ids"]) == (303, ["arXiv:2603.00001", "doi:10.5555/boats"])


async def test_another_place_of_likes_is_offered_to_those_who_are_signed_in(wire: Wire) -> None:
    stranger = {"likes_from": "orcid", "orcid.id": "0000-0002-1825-0097", "address": ADDRESS}
    status, text, _ = await ask(wire, "POST", "/subscribe", stranger)
    assert (status, "Sign in to follow a place" in text) == (403, True)
    await enter(wire)
    _, text, _ = await ask(wire, "GET", "/subscribe?likes_from=zotero")
    assert 'value="reading-list" checked' not in text
    assert 'value="zotero" checked' in text
    assert 'name="only_if"' not in text, "no language model is set up"


async def test_a_library_of_zotero_is_subscribed_to_and_edited_on_the_page(
    redis_url: str, qdrant_url: str, tmp_path: Path
) -> None:
    """INVARIANT: the key is in no page, whatever is wrong with the form, and a form without it keeps it."""
    async with (
        zotero_server() as zotero,
        llm_endpoint() as model,
        notifier(redis_url, qdrant_url, tmp_path, zotero_url=zotero.url, llm_url=model.url, llm_model="m") as wire,
    ):
        zotero.put("AAAA2222", url="https://arxiv.org/abs/2603.00001")
        await fill(wire.runtime.qdrant(), [PAPER])
        await enter(wire)
        form = {
            "likes_from": "zotero", "zotero.library": "me", "zotero.key": KEY, "zotero.tag": "to read",
            "channel": "feed", "only_if": "there is a user study", "language": "de",
        }  # fmt: skip
        for fields in (form, form | {"go": "preview"}):
            _, text, _ = await ask(wire, "POST", "/subscribe", fields)
            assert text.count("Library must be users/ or groups/ and a number") == 2, "in the list and beside the input"
            assert ('value="to read"' in text, 'value="there is a user study"' in text) == (True, True)
            assert ("Type this again" in text, KEY in text) == (True, False)
        said = await follow(wire, "/subscribe", form | {"zotero.library": LIBRARY, "zotero.tag": ""})
        assert "Subscribed. The papers of Zotero library" in said
        (made,) = await listed(wire)
        assert (made["only_if"], made["language"], made["changes"]) == ("there is a user study", "de", ["new"])

        async def read() -> bool:
            present = await wire.call("GET", f"/v1/subscriptions/{made['id']}", status=200)
            return list(present["like"]) == [PAPER.id]

        await until(read)
        page = f"/my/subscriptions/{made['id']}"
        _, text, _ = await ask(wire, "GET", f"{page}/edit")
        assert (f'value="{LIBRARY}"' in text, "keep the present key" in text, KEY in text) == (True, True, False)
        edited = {"name": "Mine", "likes_from": "zotero", "zotero.library": LIBRARY, "zotero.tag": "none has it",
                  "zotero.key": "", "only_if": "", "language": "", "per_week": "20"}  # fmt: skip
        assert "Saved." in await follow(wire, f"{page}/edit", edited)

        async def read_again() -> bool:
            present = await wire.call("GET", f"/v1/subscriptions/{made['id']}", status=200)
            return present["following"] is not None and list(present["like"]) == []

        await until(read_again)
        now = await wire.call("GET", f"/v1/subscriptions/{made['id']}", status=200)
        assert (now["likes_from"]["tag"], now["only_if"], now["language"]) == ("none has it", None, None)
        assert now["following"]["error"] is None, "the key that was kept is the right one"


async def test_mail_of_a_key_waits_for_its_address_to_confirm(wire: Wire) -> None:
    await enter(wire)
    assert "Almost done" in await follow(wire, "/subscribe", {"q": "cranes", "address": ADDRESS})
    (made,) = await listed(wire)
    assert (made["channel"]["address"], made["state"]["status"]) == (ADDRESS, "unconfirmed")


async def test_who_signed_in_by_mail_cannot_send_to_another_address_unasked(wire: Wire, receiver: Receiver) -> None:
    """INVARIANT: nothing but a request to confirm is sent to an address that did not confirm."""
    owner = mail_owner(ADDRESS)
    claim = Claim(Action.SUBSCRIPTIONS, owner, "", int(time.time()) + 3_600)
    token = make(await link_key(wire.runtime.redis), claim)
    async with wire.http.post(f"/my/{token}", allow_redirects=False) as response:
        assert response.status == 303
        (cookie,) = response.cookies.values()
        wire.http.headers["Cookie"] = f"{cookie.key}={cookie.value}"
    status, text, _ = await ask(wire, "POST", "/subscribe", {"q": "cranes", "address": "victim@example.org"})
    assert (status, "victim@example.org" in text) == (200, True)
    place = {"likes_from": "zotero", "zotero.library": LIBRARY, "zotero.key": KEY}
    assert (await ask(wire, "POST", "/subscribe", place | {"address": ADDRESS}))[0] == 200
    rows = [await wire.runtime.redis.get(key) async for key in wire.runtime.redis.scan_iter("subscription:*")]
    assert (any(LIBRARY.encode() in row for row in rows), any(KEY.encode() in row for row in rows)) == (True, False)
    assert await wire.runtime.redis.zcard(f"subscriptions:of:{owner}") == 0
    form = {"q": "cranes", "channel": "webhook", "webhook.url": receiver.url()}
    assert (await ask(wire, "POST", "/subscribe", form))[0] == 201
    assert await wire.runtime.redis.zcard(f"subscriptions:of:{owner}") == 1


@pytest.mark.parametrize(
    ("form", "headers", "status", "said"),
    (
        ({"channel": "webhook", "webhook.url": "https://x.example"}, {}, 403, "Sign in to send papers"),
        ({"channel": "feed"}, {}, 403, "Sign in to send papers"),
        ({"channel": "webhook", "webhook.url": "http://10.0.0.1/"}, None, 422, "is a private address"),
        ({"channel": "slack", "slack.url": "nothing"}, None, 422, "Webhook address must be a complete http"),
        (
            {"channel": "webhook", "webhook.url": "https://x.example"},
            {"Sec-Fetch-Site": "cross-site"},
            403,
            "another site",
        ),
    ),
)
async def test_what_cannot_be_made_is_said_and_nothing_is_made(
    wire: Wire, form: dict[str, str], headers: dict[str, str] | None, status: int, said: str
) -> None:
    """`headers` without an entry: nobody is signed in."""
    if headers != {}:
        await enter(wire)
    async with wire.http.post("/subscribe", data=form | {"q": "cranes"}, headers=headers) as response:
        assert (response.status, said in await response.text()) == (status, True)
    assert await listed(wire) == []


async def test_a_subscription_is_previewed_before_it_is_made(wire: Wire) -> None:
    await fill(wire.runtime.qdrant(), [PAPER.model_copy(update={"published": "2026-11-20"})])
    secret = "https://hooks.example/very-secret"
    form = {"authors": "Nobody Else", "channel": "slack", "slack.url": secret, "go": "preview"}
    await enter(wire)
    for query, said in (({"q": "folding paper cranes"}, "folding paper cranes</a>"), ({}, "No paper of the last")):
        fields = form | query if not query else {**form, **query, "authors": ""}
        status, text, _ = await ask(wire, "POST", "/subscribe", fields)
        assert (status, said in text, secret in text) == (200, True, False), text
        assert 'value="slack" checked' in text
    assert await listed(wire) == []


async def test_a_subscription_is_edited_on_its_page(wire: Wire, receiver: Receiver) -> None:
    await fill(wire.runtime.qdrant(), [PAPER])
    made = await wire.subscribe(
        receiver.url(), query="cranes", must=["paper"], authors=["Ada Roe"], min_signals={"stars": 1}, like=[PAPER.id]
    )
    await enter(wire)
    page = f"/my/subscriptions/{made['id']}"
    status, text, _ = await ask(wire, "GET", f"{page}/edit")
    assert status == 200
    assert '<input type="checkbox" name="authors" value="Ada Roe" checked>' in text
    assert "like “folding paper cranes”" in text
    form = {
        "name": "Folds", "q": "folding paper", "must": "paper", "must_more": "arm", "category": "cs.RO",
        "per_week": "kept", "often": "weekly", "day": "friday", "at": "07:30", "timezone": "Europe/Paris",
    }  # fmt: skip
    status, text, _ = await ask(wire, "POST", f"{page}/edit", form | {"go": "preview"})
    assert (status, "of the last" in text) == (200, True)
    assert "Saved." in await follow(wire, f"{page}/edit", form)
    now = await wire.call("GET", f"/v1/subscriptions/{made['id']}", status=200)
    assert (now["name"], now["query"], now["must"], now["authors"]) == ("Folds", "folding paper", ["paper", "arm"], [])
    assert (now["sensitivity"], now["min_signals"]["stars"]) == (0.45, 1)
    assert now["schedule"]["weekly"] == {"day": "friday", "at": "07:30"}
    assert now["channel"] == made["channel"]
    status, text, _ = await ask(wire, "POST", f"{page}/edit", form | {"timezone": "Nowhere"})
    assert (status, "The time zone must be the name of a time zone" in text) == (422, True)


async def test_a_condition_on_code_is_kept_by_alerts(wire: Wire, receiver: Receiver) -> None:
    await wire.subscribe(receiver.url(), categories=["cs.RO"], has_code=True)
    code = Links(code=(CodeLink(url="https://x.org/c"),))
    await wire.publish(indexed(PAPER), indexed(PAPER.model_copy(update={"id": "arXiv:2603.00002", "links": code})))
    (arrived,) = await receiver.count(1)
    match = json.loads(arrived.body)["data"]
    assert (match["paper"]["id"], match["match"]["reasons"]) == (
        "arXiv:2603.00002",
        ["change: new", "in cs.RO", "has code"],
    )


async def test_signing_in_leads_back_to_the_form_and_to_no_other_site(wire: Wire) -> None:
    there = "/subscribe?q=cranes&authors=Ada+Roe"
    text = (await ask(wire, "GET", there))[1]
    found = re.search(r'href="(/my\?back=[^"]+)"', text)
    assert found
    text = (await ask(wire, "GET", unescape(found[1])))[1]
    back = re.search(r'name="back" type="hidden" value="([^"]+)"', text)
    assert back
    assert unescape(back[1]) == there
    for asked, led in ((there, there), ("https://evil.example/", "/my"), ("//evil.example", "/my")):
        assert (await ask(wire, "POST", "/my", {"key": wire.key, "back": asked}))[2] == led
