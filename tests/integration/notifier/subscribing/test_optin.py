"""Subscribing by mail on a page: nothing is sent to whom did not answer, and leaving is one click."""

import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiohttp import encode_basic_auth

from services.notifier.access.api_keys import ApiKeys
from services.notifier.bootstrap import ClockAndRandom
from services.notifier.subscription.owners import mail_owner
from shared.papers.paper import Change, ChangeKind, Paper
from shared.readers.api_key import ALL_SCOPES
from tests.integration.notifier.mailing.mail_server import MailServer, serve_mail
from tests.integration.notifier.support import Clock, Wire, indexed, notifier
from tests.support import until

READER = "reader@example.org"
FORM = {"address": READER, "q": "folding paper cranes", "often": "instant"}
PAPER = Paper(id="arXiv:2603.00001", title="folding paper cranes", categories=("cs.RO",))


@pytest.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    async with serve_mail() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@asynccontextmanager
async def site(redis_url: str, qdrant_url: str, tmp: Path, server: MailServer, clock: Clock) -> AsyncIterator[Wire]:
    """Run a notifier whose public address is its own."""
    async with notifier(
        redis_url, qdrant_url, tmp, ClockAndRandom(clock, lambda: 0.5), smtp_url=server.url,
        mail_from="news@example.org", trusted_proxies="127.0.0.0/8",
    ) as wire:  # fmt: skip
        yield wire


@pytest.fixture
async def wire(
    redis_url: str, qdrant_url: str, tmp_path: Path, mail_server: MailServer, clock: Clock
) -> AsyncIterator[Wire]:
    async with site(redis_url, qdrant_url, tmp_path, mail_server, clock) as running:
        yield running


async def page(wire: Wire, method: str, path: str, form: Any = None, client: str = "192.0.2.1") -> tuple[int, str]:
    headers = {"X-Forwarded-For": client}
    async with wire.http.request(method, path, data=form, headers=headers) as response:
        return response.status, await response.text()


def link(message: EmailMessage, words: str) -> str:
    """Find a link of the HTML by its words, as a path."""
    part = message.get_body(("html",))
    assert part
    found = re.search(rf'href="https?://[^/"]+(/[^"]+)"[^>]*>{words}<', part.get_content())
    assert found, part.get_content()
    return found[1]


def one_click(message: EmailMessage) -> str:
    return re.sub("^<https?://[^/]+(.*)>$", r"\1", message["List-Unsubscribe"])


async def mail(server: MailServer, number: int) -> EmailMessage:
    await until(lambda: len(server.taken) >= number)
    return server.taken[number - 1]


async def subscribed(wire: Wire, server: MailServer, **fields: str) -> EmailMessage:
    """Subscribe and confirm; give the mail that asked."""
    before = len(server.taken)
    assert (await page(wire, "POST", "/subscribe", FORM | fields))[0] == 200
    asked = await mail(server, before + 1)
    assert (await page(wire, "POST", link(asked, "Confirm subscription")))[0] == 200
    return asked


async def test_an_unconfirmed_address_receives_nothing(wire: Wire, mail_server: MailServer) -> None:
    status, text = await page(wire, "POST", "/subscribe", FORM)
    assert (status, "We sent a message" in text) == (200, True)
    asked = await mail(mail_server, 1)
    assert asked["To"] == READER
    assert asked["List-Unsubscribe"] is None
    await wire.publish(indexed(PAPER))
    await until(wire.drained)
    status, text = await page(wire, "GET", link(asked, "Confirm subscription"))  # as a scanner of mail would
    assert (status, "folding paper cranes" in text) == (200, True)
    await wire.publish(indexed(PAPER.model_copy(update={"id": "arXiv:2603.00002"})))
    await until(wire.drained)
    assert len(mail_server.taken) == 1
    assert not await wire.runtime.redis.zcard(f"subscriptions:of:{mail_owner(READER)}")


async def test_a_confirmed_address_is_subscribed_and_unsubscribes_with_one_click(
    wire: Wire, mail_server: MailServer
) -> None:
    await subscribed(wire, mail_server)
    await wire.publish(indexed(PAPER))
    received = await mail(mail_server, 2)
    assert received["Subject"] == "folding paper cranes"
    status, text = await page(wire, "GET", one_click(received))
    assert (status, "Unsubscribe" in text) == (200, True)
    status, text = await page(wire, "POST", one_click(received), {"List-Unsubscribe": "One-Click"})
    assert (status, "You are unsubscribed" in text) == (200, True)
    assert (await page(wire, "POST", one_click(received), {"List-Unsubscribe": "One-Click"}))[0] == 200
    await wire.publish(indexed(PAPER.model_copy(update={"id": "arXiv:2603.00002"})))
    await until(wire.drained)
    again = re.search(r'method="post" action="([^"]+)"', text)
    assert again
    assert (await page(wire, "POST", f"/f/{again[1]}"))[0] == 200
    await wire.publish(indexed(PAPER.model_copy(update={"id": "arXiv:2603.00003"})))
    assert link(await mail(mail_server, 3), "folding paper cranes").endswith("arXiv:2603.00003")


async def test_subscribing_and_confirming_twice_has_one_effect(wire: Wire, mail_server: MailServer) -> None:
    asked = await subscribed(wire, mail_server)
    assert (await page(wire, "POST", link(asked, "Confirm subscription")))[0] == 200
    await subscribed(wire, mail_server, address="READER@example.org")
    await wire.publish(indexed(PAPER))
    await mail(mail_server, 3)
    await until(wire.drained)
    assert await wire.runtime.redis.zcard(f"subscriptions:of:{mail_owner(READER)}") == 1
    assert len(mail_server.taken) == 3


async def test_a_confirmation_expires(wire: Wire, mail_server: MailServer, clock: Clock) -> None:
    await page(wire, "POST", "/subscribe", FORM)
    asked = await mail(mail_server, 1)
    clock.now += 48 * 3_600
    status, text = await page(wire, "POST", link(asked, "Confirm subscription"))
    assert (status, "expired" in text) == (404, True)
    waiting = [key async for key in wire.runtime.redis.scan_iter("subscription:*")]
    assert [0 < await wire.runtime.redis.ttl(key) <= 48 * 3_600 for key in waiting] == [True]


async def test_a_confirmation_is_valid_for_its_own_address_only(wire: Wire, mail_server: MailServer) -> None:
    await page(wire, "POST", "/subscribe", FORM)
    asked = link(await mail(mail_server, 1), "Confirm subscription")
    claim = asked.removeprefix("/f/").partition(".")[0]
    forged = base64.urlsafe_b64encode(base64.urlsafe_b64decode(claim + "==").replace(b"reader@", b"victim@"))
    assert forged.decode().rstrip("=") != claim
    assert (await page(wire, "POST", asked.replace(claim, forged.decode().rstrip("="))))[0] == 404


async def test_the_response_does_not_reveal_whether_an_address_is_known(wire: Wire, mail_server: MailServer) -> None:
    await subscribed(wire, mail_server)
    known = await page(wire, "POST", "/subscribe", FORM)
    unknown = await page(wire, "POST", "/subscribe", FORM | {"address": "nobody@example.org"})
    assert known[0] == unknown[0] == 200
    assert known[1] == unknown[1].replace("nobody@example.org", READER)


async def test_confirmation_mails_to_an_address_are_limited_per_day(wire: Wire, mail_server: MailServer) -> None:
    for number in range(6):
        client = f"192.0.2.{number}"
        status, text = await page(wire, "POST", "/subscribe", FORM | {"q": f"cranes {number}"}, client)
        assert (status, "We sent a message" in text) == (200, True)
    await page(wire, "POST", "/subscribe", FORM | {"address": "other@example.org"})
    await until(lambda: mail_server.to("other@example.org") and len(mail_server.to(READER)) >= 3)
    assert len(mail_server.to(READER)) == 3


@pytest.mark.parametrize("path", ["/subscribe", "/my", "/f/x.y"])
async def test_a_malformed_form_is_refused(wire: Wire, path: str) -> None:
    plain = "application/x-www-form-urlencoded"
    for body, kind, status in (
        (b"\xff\xfe", plain, 400),
        (b"q=x", plain + "; charset=klingon", 400),
        (b"q=x", "multipart/form-data", 400),
        (b"--x\r\ngarbage\r\n\r\n--x--", "multipart/form-data; boundary=x", 400),
        (b"q=" + b"x" * 100_000, plain, 413),
    ):
        async with wire.http.post(path, data=body, headers={"Content-Type": kind}) as answer:
            assert answer.status == status, await answer.text()
            assert "form" in (await answer.json())["detail"]


async def test_forms_of_a_client_are_limited_per_hour(wire: Wire) -> None:
    statuses = [
        (await page(wire, "POST", "/subscribe", FORM | {"address": f"r{number}@example.org"}))[0]
        for number in range(12)
    ]
    assert statuses == [200] * 10 + [429] * 2
    assert (await page(wire, "POST", "/subscribe", FORM, client="198.51.100.7"))[0] == 200


async def test_a_name_cannot_carry_links_into_a_confirmation_mail(wire: Wire, mail_server: MailServer) -> None:
    await page(wire, "POST", "/subscribe", FORM | {"q": "win at http://casino.example now"})
    asked = await mail(mail_server, 1)
    assert "casino" not in asked.as_string()


@pytest.mark.parametrize(
    ("fields", "words"),
    (
        ({"address": "a@b\r\nBcc: c@example.org"}, "E-mail address must be an e-mail address"),
        ({"address": ""}, "E-mail address"),
        ({"often": "daily", "timezone": "Mars/Olympus"}, "The time zone must be"),
        ({"often": "daily", "at": "25:00"}, "The time must be hours and minutes"),
    ),
)
async def test_an_invalid_form_says_why_and_keeps_its_values(wire: Wire, fields: dict[str, str], words: str) -> None:
    status, text = await page(wire, "POST", "/subscribe", FORM | {"category": "cs.RO", **fields})
    assert status == 422
    assert words in text
    assert 'value="cs.RO"' in text


async def test_trending_papers_require_a_digest(wire: Wire) -> None:
    status, text = await page(wire, "POST", "/subscribe", FORM | {"q": ""})
    assert (status, "needs a daily or weekly schedule" in text) == (422, True)


async def test_a_bounced_address_can_confirm_again(wire: Wire, mail_server: MailServer) -> None:
    await subscribed(wire, mail_server)
    mail_server.refusals[READER] = ["550 5.1.1 No such user here"]
    await wire.publish(indexed(PAPER))
    await until(lambda: not mail_server.refusals[READER])

    async def suppressed() -> Any:
        return await wire.runtime.redis.hexists("mail:suppressed", READER)

    await until(suppressed)
    await subscribed(wire, mail_server)
    assert not await suppressed()
    await wire.publish(indexed(PAPER.model_copy(update={"id": "arXiv:2603.00002"})))
    assert (await mail(mail_server, 3))["Subject"] == "folding paper cranes"


async def test_a_deferred_confirmation_mail_is_sent_again(wire: Wire, mail_server: MailServer, clock: Clock) -> None:
    mail_server.refusals[READER] = ["451 4.7.1 Greylisted, come again"]
    await page(wire, "POST", "/subscribe", FORM)
    await until(lambda: not mail_server.refusals[READER])
    assert not mail_server.taken

    async def written() -> Any:
        return await wire.runtime.redis.zcount("deliveries:owners", clock.now + 1, "+inf")

    await until(written)
    clock.now += 6
    assert (await mail(mail_server, 1))["Subject"] == "Confirm your subscription"


async def test_a_subscription_without_an_interest_gets_trending_papers(
    wire: Wire, mail_server: MailServer, clock: Clock
) -> None:
    await subscribed(wire, mail_server, q="", often="daily", at="08:00", timezone="Asia/Kathmandu")
    hot = Change(kind=ChangeKind.TRENDING, version="day")
    await wire.publish(
        indexed(PAPER.model_copy(update={"trending": 2.0})),
        indexed(PAPER.model_copy(update={"id": "arXiv:2603.00002", "title": "warm", "trending": 1.0}), hot),
        indexed(PAPER.model_copy(update={"id": "arXiv:2603.00003", "title": "hot", "trending": 9.0}), hot),
    )
    await until(wire.drained)
    clock.now += 86_400
    received = await mail(mail_server, 2)
    assert received["Subject"] == "2 trending papers: hot and 1 more"
    plain = received.get_body(("plain",))
    assert plain
    assert re.findall(r"^\d+\. (\w+)\r?$", plain.get_content(), re.MULTILINE) == ["hot", "warm"]


async def test_the_form_shows_a_preview_and_escapes_html(wire: Wire) -> None:
    status, text = await page(wire, "GET", "/subscribe?q=%3Cscript%3Ealert(1)%3C/script%3E&category=cs.RO")
    assert status == 200
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


async def test_the_outbox_is_for_a_key_of_the_operator_from_this_machine_too(
    redis_url: str, qdrant_url: str, tmp_path: Path
) -> None:
    async with notifier(redis_url, qdrant_url, tmp_path) as wire:
        await page(wire, "POST", "/subscribe", FORM)
        await until(lambda: list((tmp_path / "outbox").glob("*.eml")))
        keys = ApiKeys(wire.runtime.redis)
        admin, usual = (await keys.create("operator", ALL_SCOPES))[1], wire.key
        for key, status in (("", 401), ("pw_wrong", 401), (usual, 403), (admin, 200)):
            async with wire.http.get("/outbox", headers={"Authorization": encode_basic_auth("any", key)}) as response:
                text = await response.text()
                assert response.status == status
                assert (status == 401) == ("Basic" in response.headers.get("WWW-Authenticate", ""))
        assert READER in text
        auth = {"Authorization": encode_basic_auth("any", admin)}
        name = re.search(r"/outbox/([0-9a-f-]{36})\"", text)
        assert name
        for query in ("", "?text"):
            async with wire.http.get(f"/outbox/{name[1]}{query}", headers=auth) as response:
                assert "Someone, probably you" in await response.text()
                assert "sandbox" in response.headers["Content-Security-Policy"]
            async with wire.http.get(f"/outbox/{name[1]}{query}") as response:
                assert response.status == 401


async def test_there_is_no_outbox_with_a_mail_server(wire: Wire) -> None:
    async with wire.http.get("/outbox") as response:
        assert response.status == 404


async def test_links_to_manage_expire_and_are_revoked_message_by_message(
    wire: Wire, mail_server: MailServer, clock: Clock
) -> None:
    start = datetime(2026, 3, 1, 8, tzinfo=UTC)
    clock.now = start.timestamp()
    await subscribed(wire, mail_server)
    messages = []
    for number in (1, 2):
        event = indexed(PAPER.model_copy(update={"id": f"arXiv:2603.{number:05d}"}))
        await wire.publish(event.model_copy(update={"indexed_at": start + timedelta(minutes=number)}))
        messages.append(await mail(mail_server, 1 + number))
        clock.now += 60
    first, second = (link(message, "Manage subscription") for message in messages)
    _, text = await page(wire, "GET", first)
    visit = re.search(r'href="(/my/[^"/]+)"', text)
    tokens = re.findall(r'method="post" action="([^"]+)"', text)
    assert visit
    assert (await page(wire, "GET", visit[1]))[0] == 200
    revoke = next(one for one in tokens if b'"revoke"' in base64.urlsafe_b64decode(one.partition(".")[0] + "=="))
    assert (await page(wire, "POST", f"/f/{revoke}"))[0] == 200
    for path in (first, visit[1], *(f"/f/{token}" for token in tokens)):
        assert (await page(wire, "GET", path))[0] == 404
    assert (await page(wire, "GET", second))[0] == 200
    assert (await page(wire, "GET", one_click(messages[0])))[0] == 200
    clock.now += 90 * 86_400
    assert (await page(wire, "GET", second))[0] == 404
    assert (await page(wire, "GET", one_click(messages[1])))[0] == 200
