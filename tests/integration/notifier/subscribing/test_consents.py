"""Mail by API key: nothing goes to an address that has not confirmed, and a reader who left stays away."""

import re
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from services.notifier.access.api_keys import ApiKeys
from shared.papers.paper import Paper
from shared.readers.sessions import COOKIE
from tests.integration.notifier.mailing.mail_server import MailServer, serve_mail
from tests.integration.notifier.subscribing.test_optin import link, mail, one_click, page
from tests.integration.notifier.support import Receiver, Wire, indexed, notifier
from tests.support import until

READER = "reader@example.org"
MAIL = {"type": "email", "address": READER}
BASE: dict[str, Any] = {"categories": ["cs.RO"], "channel": MAIL}
PAPER = Paper(id="arXiv:2603.00001", title="folding paper cranes", categories=("cs.RO",))


@pytest.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    async with serve_mail() as server:
        yield server


@pytest.fixture
async def wire(redis_url: str, qdrant_url: str, tmp_path: Path, mail_server: MailServer) -> AsyncIterator[Wire]:
    async with notifier(
        redis_url, qdrant_url, tmp_path, smtp_url=mail_server.url, mail_from="news@example.org",
        trusted_proxies="127.0.0.0/8", mail_domains="lab.example", public_url="https://papers.example",
    ) as running:  # fmt: skip
        yield running


async def publish(wire: Wire, number: int) -> None:
    await wire.publish(indexed(PAPER.model_copy(update={"id": f"arXiv:2603.{number:05d}"})))
    await until(wire.drained)


async def status(wire: Wire, subscription: Any) -> Any:
    return (await wire.call("GET", f"/v1/subscriptions/{subscription['id']}", status=200))["state"]["status"]


async def confirmed(wire: Wire, server: MailServer, **fields: Any) -> tuple[Any, EmailMessage]:
    """Subscribe an address with the API key, and confirm; return the subscription and the mail that asked."""
    made = await wire.call("POST", "/v1/subscriptions", BASE | fields, status=201)
    asked = await mail(server, 1)
    assert (await page(wire, "POST", link(asked, "Confirm subscription")))[0] == 200
    return made, asked


async def test_an_api_key_sends_no_alert_before_the_address_confirms(wire: Wire, mail_server: MailServer) -> None:
    made = await wire.call("POST", "/v1/subscriptions", BASE, status=201)
    assert made["state"]["status"] == "unconfirmed"
    asked = await mail(mail_server, 1)
    await publish(wire, 1)
    for act, code in (("test", 409), ("resume", 200)):
        await wire.call("POST", f"/v1/subscriptions/{made['id']}/{act}", status=code)
    assert await status(wire, made) == "unconfirmed"
    _, text = await page(wire, "GET", link(asked, "Confirm subscription"))
    assert "API key" in text
    await publish(wire, 2)
    assert {message["Subject"] for message in mail_server.taken} == {"Confirm your subscription"}
    assert (await page(wire, "POST", link(asked, "Confirm subscription")))[0] == 200
    assert await status(wire, made) == "active"
    later = await wire.call("POST", "/v1/subscriptions", BASE | {"categories": ["cs.CL"]}, status=201)
    assert later["state"]["status"] == "active"
    await publish(wire, 3)
    await until(lambda: any(message["Subject"] == PAPER.title for message in mail_server.taken))


async def test_a_consent_is_for_one_key_and_one_address(wire: Wire, mail_server: MailServer) -> None:
    await confirmed(wire, mail_server)
    _, other = await ApiKeys(wire.runtime.redis).create("other")
    theirs = await wire.call("POST", "/v1/subscriptions", BASE, status=201, key=other)
    elsewhere = BASE | {"channel": MAIL | {"address": "someone@example.org"}}
    made = await wire.call("POST", "/v1/subscriptions", elsewhere, status=201)
    assert (theirs["state"]["status"], made["state"]["status"]) == ("unconfirmed", "unconfirmed")


async def test_a_channel_that_becomes_an_address_has_to_be_confirmed(wire: Wire, mail_server: MailServer) -> None:
    made = await wire.call("POST", "/v1/subscriptions", BASE | {"channel": {"type": "feed"}}, status=201)
    changed = await wire.call("PATCH", f"/v1/subscriptions/{made['id']}", {"channel": MAIL}, status=200)
    assert changed["state"]["status"] == "unconfirmed"
    assert (await mail(mail_server, 1))["To"] == READER
    changed = await wire.call("PATCH", f"/v1/subscriptions/{made['id']}", {"channel": {"type": "feed"}}, status=200)
    assert changed["state"]["status"] == "active"


async def test_mail_to_a_verified_domain_needs_no_confirmation(wire: Wire, mail_server: MailServer) -> None:
    colleague = BASE | {"channel": MAIL | {"address": "ada@LAB.example"}}
    assert (await wire.call("POST", "/v1/subscriptions", colleague, status=201))["state"]["status"] == "active"
    await publish(wire, 1)
    assert (await mail(mail_server, 1))["Subject"] == PAPER.title


async def test_the_owner_of_a_key_cannot_undo_that_a_reader_left(
    wire: Wire, mail_server: MailServer, receiver: Receiver
) -> None:
    hook = {"type": "webhook", "url": receiver.url()}
    made = await wire.call("POST", "/v1/subscriptions", BASE | {"channel": hook}, status=201)
    one = f"/v1/subscriptions/{made['id']}"
    await publish(wire, 1)
    (alert,) = await receiver.count(1)
    links = re.findall(rb'"https://papers.example(/f/[^"]+)"', alert.body)
    await wire.call("PATCH", one, {"channel": MAIL}, status=200)
    await page(wire, "POST", link(await mail(mail_server, 1), "Confirm subscription"))
    await publish(wire, 2)
    received = await mail(mail_server, 2)
    status_, left = await page(wire, "POST", one_click(received), {"List-Unsubscribe": "One-Click"})
    assert status_ == 200
    await wire.call("POST", f"{one}/resume", status=409)
    await wire.call("POST", f"{one}/pause", status=200)
    await wire.call("POST", f"{one}/resume", status=409)
    await wire.call("POST", "/v1/subscriptions", BASE, status=422)
    for path in links:
        _, text = await page(wire, "GET", path.decode())
        for token in re.findall(r'method="post" action="([^"]+)"', text):
            await page(wire, "POST", f"/f/{token}")
    async with wire.http.post("/my", data={"key": wire.key}, allow_redirects=False) as response:
        session = {"Cookie": f"{COOKIE}={response.cookies[COOKIE].value}"}
    async with wire.http.post(f"/my/subscriptions/{made['id']}/resume", headers=session) as response:
        assert response.status == 422
    await publish(wire, 3)
    assert len(mail_server.taken) == 2
    assert await status(wire, made) != "active"
    again = re.search(r'method="post" action="([^"]+)"', left)
    assert again
    assert (await page(wire, "POST", f"/f/{again[1]}"))[0] == 200
    assert await status(wire, made) == "active"


def form_of(text: str) -> str:
    """Return the address that the form of a page posts to."""
    found = re.search(r'method="post" action="([^"]+)"', text)
    assert found, text
    return f"/f/{found[1]}"


async def test_the_consent_of_one_reader_is_none_of_another(wire: Wire, mail_server: MailServer) -> None:
    """INVARIANT: a link consents for the address that it was mailed to, whatever the address is by now."""
    made, _ = await confirmed(wire, mail_server)
    await publish(wire, 1)
    leave = one_click(await mail(mail_server, 2))
    _, left = await page(wire, "POST", leave, {"List-Unsubscribe": "One-Click"})
    victim = MAIL | {"address": "victim@example.org"}
    await wire.call("PATCH", f"/v1/subscriptions/{made['id']}", {"channel": victim}, status=200)
    for method in ("GET", "POST"):
        assert (await page(wire, method, form_of(left)))[0] == 404
    assert await status(wire, made) == "unconfirmed"
    await publish(wire, 2)
    assert [message["Subject"] for message in mail_server.to("victim@example.org")] == ["Confirm your subscription"]


async def test_an_old_link_to_unsubscribe_ends_nothing_for_a_later_address(wire: Wire, mail_server: MailServer) -> None:
    made, _ = await confirmed(wire, mail_server)
    await publish(wire, 1)
    leave = one_click(await mail(mail_server, 2))
    await wire.call("PATCH", f"/v1/subscriptions/{made['id']}", {"channel": {"type": "feed"}}, status=200)
    assert (await page(wire, "POST", leave, {"List-Unsubscribe": "One-Click"}))[0] == 200
    assert await status(wire, made) == "active"
    await wire.call("PATCH", f"/v1/subscriptions/{made['id']}", {"channel": MAIL}, status=422)


async def test_a_mailbox_is_asked_only_a_few_times_a_day_whatever_follows_its_plus(
    wire: Wire, mail_server: MailServer
) -> None:
    for number in range(6):
        channel = MAIL | {"address": f"Reader+{number}@example.org"}
        await wire.call("POST", "/v1/subscriptions", BASE | {"channel": channel}, status=201)
    await page(wire, "POST", "/subscribe", {"address": "reader+form@example.org", "q": "cranes", "often": "instant"})
    last = BASE | {"channel": MAIL | {"address": "other@example.org"}}
    await wire.call("POST", "/v1/subscriptions", last, status=201)
    await until(lambda: mail_server.to("other@example.org") and len(mail_server.taken) >= 4)
    assert len(mail_server.taken) == 4


async def test_a_key_asks_only_some_addresses_a_day(wire: Wire) -> None:
    codes = []
    for number in range(52):
        channel = MAIL | {"address": f"reader{number}@example.org"}
        headers = {"Authorization": f"Bearer {wire.key}"}
        async with wire.http.post("/v1/subscriptions", json=BASE | {"channel": channel}, headers=headers) as response:
            codes.append(response.status)
            retry = response.headers.get("Retry-After")
    assert codes == [201] * 50 + [429] * 2
    assert retry
    assert int(retry) > 0


async def test_sample_alerts_to_a_mailbox_are_limited(wire: Wire, mail_server: MailServer) -> None:
    keys = [wire.key, (await ApiKeys(wire.runtime.redis).create("other"))[1]]
    codes, made = [], []
    for number, key in enumerate(keys):
        channel = MAIL | {"address": f"ada+{number}@lab.example"}
        made.append(await wire.call("POST", "/v1/subscriptions", BASE | {"channel": channel}, status=201, key=key))
    for number in range(12):
        headers = {"Authorization": f"Bearer {keys[number % 2]}"}
        path = f"/v1/subscriptions/{made[number % 2]['id']}/test"
        async with wire.http.post(path, headers=headers) as response:
            codes.append(response.status)
    assert codes == [200] * 10 + [429] * 2
    assert len(mail_server.taken) == 10


async def test_the_name_of_a_subscription_brings_no_link_into_mail(wire: Wire, mail_server: MailServer) -> None:
    name = "Win at http://casino.example or casino.example now " + "x" * 140
    channel = MAIL | {"address": "ada@lab.example"}
    daily = {"daily": "08:00", "timezone": "UTC"}
    await wire.call("POST", "/v1/subscriptions", BASE | {"name": name, "channel": channel}, status=201)
    await wire.call("POST", "/v1/subscriptions", BASE | {"name": name, "schedule": daily}, status=201)
    await publish(wire, 1)
    await until(lambda: len(mail_server.taken) >= 2)
    for message in mail_server.taken:
        assert "casino" not in message.as_string()
        assert "x" * 81 not in message.as_string()
