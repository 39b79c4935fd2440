"""Mail that comes back: what a report changes, and what changes nothing."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.cli.commands.bounce import new_messages, opened, take_mail
from services.cli.instance.context import Context
from services.notifier.mailing.bounces import MAX_SOFT, SOFT_SPAN, SuppressedAddresses
from services.notifier.mailing.return_path import ReturnPath
from services.notifier.subscribing.returned_mail import ReturnedMail, Taken
from shared.board import MAIL
from shared.bus import open_redis
from shared.errors import ConfigurationError
from tests.integration.notifier.mailing.mail_server import MailServer, serve_mail
from tests.integration.notifier.mailing.test_email import PAPER, READER, attempted, mailing, subscribe
from tests.integration.notifier.support import Clock, Receiver, Wire, indexed
from tests.support import until
from tests.unit.notifier.mailing.returned import (
    EXCHANGE,
    GMAIL_FULL,
    QMAIL,
    complaint,
    notice,
    recipient,
    status_report,
)

RETURN = "bounce@papers.example.org"
GONE = recipient()


@pytest.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    async with serve_mail() as server:
        yield server


@pytest.fixture
async def wire(redis_url: str, qdrant_url: str, tmp_path: Path, mail_server: MailServer) -> AsyncIterator[Wire]:
    async with mailing(redis_url, qdrant_url, tmp_path, mail_server, mail_return_path=RETURN) as running:
        yield running


@pytest.fixture
async def returned(wire: Wire) -> AsyncIterator[ReturnedMail]:
    async with opened(context(wire)) as taking:
        yield taking


def context(wire: Wire) -> Context:
    return Context.load(wire.runtime.settings.data_dir, redis_url=wire.runtime.settings.redis_url)


async def sent(wire: Wire, mail_server: MailServer, number: int = 1) -> str:
    """Send a paper to all who subscribed, and return the return path of the last mail."""
    before = len(mail_server.senders)
    await wire.publish(indexed(PAPER.model_copy(update={"id": f"arXiv:2603.{number:05d}"})))
    await until(lambda: len(mail_server.senders) > before)

    async def settled() -> bool:
        async for key in wire.runtime.redis.scan_iter("deliveries:held:*"):
            if await wire.runtime.redis.hlen(key):
                return False
        return await wire.drained()

    await until(settled)
    return mail_server.senders[-1]


async def state(wire: Wire, subscription: Any) -> Any:
    return (await wire.call("GET", f"/v1/subscriptions/{subscription['id']}", status=200))["state"]


async def test_a_hard_bounce_suppresses_its_address_once(
    wire: Wire, returned: ReturnedMail, mail_server: MailServer, receiver: Receiver
) -> None:
    await wire.call("PUT", "/v1/operational-webhook", {"url": receiver.url("/ops")}, status=200)
    made, other = await subscribe(wire), await subscribe(wire, "Second@example.org")
    weekly = await subscribe(wire, READER.upper(), schedule={"daily": "08:00", "timezone": "UTC"})
    await sent(wire, mail_server)
    await until(lambda: len(mail_server.senders) == 2)
    assert len(set(mail_server.senders)) == 2
    assert all(sender.startswith("bounce+") and READER not in sender for sender in mail_server.senders)
    to = mail_server.senders[[message["To"] for message in mail_server.taken].index(READER)]
    raw = status_report(to.upper(), EXCHANGE)
    assert await returned.take(raw) is Taken.SUPPRESSED
    assert len(await receiver.count(2)) == 2  # both subscriptions to the address are disabled
    log = f"delivery:{(await wire.deliveries(made['id']))[0]['id']}:attempts"
    await wire.runtime.redis.rpop(log)  # as if the process had ended before its last step
    assert [await returned.take(raw) for _ in range(2)] == [Taken.SUPPRESSED, Taken.IGNORED]
    for one in (made, weekly):
        shown = await state(wire, one)
        assert shown["status"] == "disabled"
        assert "the mail came back: 550 5.1.10 RESOLVER.ADR.RecipientNotFound" in shown["reason"]
    assert (await state(wire, other))["status"] == "active"
    assert (await MAIL.rows(wire.runtime.redis))["addresses"]["suppressed"] == 1
    (delivery,) = await wire.deliveries(made["id"])
    assert delivery["state"] == "failed"
    assert [(row["status"], row["returned"]) for row in delivery["log"]] == [(250, False), (None, True)]
    assert delivery["log"][1]["error"].startswith("the mail came back: 550 5.1.10")
    status = await wire.call("POST", f"/v1/subscriptions/{made['id']}/resume", status=200)
    assert status["state"]["status"] == "unconfirmed"  # the reader is asked again
    asked = (await until(lambda: mail_server.to(READER)[1:]))[0]
    assert asked["Subject"] == "Confirm your subscription"
    assert await returned.take(status_report(mail_server.senders[-1], GONE)) is Taken.SUPPRESSED
    assert (await state(wire, made))["status"] == "unconfirmed"
    assert len(receiver.arrived) == 2
    await SuppressedAddresses(wire.runtime.redis, Clock()).lift(READER)
    assert (await MAIL.rows(wire.runtime.redis))["addresses"]["suppressed"] == 0


async def test_soft_bounces_suppress_after_five_deliveries(
    wire: Wire, returned: ReturnedMail, mail_server: MailServer
) -> None:
    made, took = await subscribe(wire), []
    for number in range(1, MAX_SOFT + 1):
        assert (await state(wire, made))["status"] == "active"
        to = await sent(wire, mail_server, number)
        took += [await returned.take(status_report(to, GMAIL_FULL)), await returned.take(status_report(to, GMAIL_FULL))]
    assert took == [Taken.COUNTED, Taken.IGNORED] * (MAX_SOFT - 1) + [Taken.SUPPRESSED, Taken.IGNORED]
    assert "out of storage space" in (await state(wire, made))["reason"]


async def test_soft_bounces_count_within_a_span(redis_url: str) -> None:
    redis, clock = open_redis(redis_url), Clock()
    suppressed = SuppressedAddresses(redis, clock)
    counts = []
    for number in range(4):
        counts += [await suppressed.count_soft(READER, f"{number}"), await suppressed.count_soft(READER, f"{number}")]
        clock.now += SOFT_SPAN / 2
    assert counts == [1, 1, 2, 2, 2, 2, 2, 2]
    await suppressed.lift(READER.upper())
    assert await suppressed.count_soft(READER, "later") == 1
    assert 0 < await redis.ttl(f"mail:soft:{READER}") <= SOFT_SPAN
    await redis.aclose()


async def test_what_proves_nothing_changes_nothing(
    wire: Wire, returned: ReturnedMail, mail_server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    made = await subscribe(wire)
    to = await sent(wire, mail_server)
    local, _, domain = to.partition("@")
    delivery = (await wire.deliveries(made["id"]))[0]["id"]
    forged = ReturnPath.parse(RETURN).of(b"guessed key of a stranger 32 byte", delivery, READER)
    flipped = f"{local[:-1]}{'a' if local[-4] != 'a' else 'b'}"
    noise = f"bounce+{base64.b32encode(b'x' * 28).decode()[:45]}@{domain}"
    for raw in (
        status_report(forged, GONE),
        status_report(f"{flipped[:-5]}aaaaa@{domain}", GONE),
        status_report(noise, GONE),
        status_report(RETURN, GONE),
        status_report(f"bounce+@{domain}", GONE),
        status_report(to, recipient(action="delayed")),
        notice(to, "I am away. 550 5.1.1", READER, "Out of office"),
        complaint(to, to, "not-spam"),
        b"",
        b"\x00" * 1000,
    ):
        assert await returned.take(raw) is Taken.IGNORED
    assert (await state(wire, made))["status"] == "active"
    assert (await wire.deliveries(made["id"]))[0]["state"] == "delivered"
    channel = {"channel": {"type": "email", "address": "second@example.org"}}
    await wire.call("PATCH", f"/v1/subscriptions/{made['id']}", channel, status=200)
    assert await returned.take(status_report(to, GONE)) is Taken.IGNORED  # the address changed since
    await wire.call("DELETE", f"/v1/subscriptions/{made['id']}", status=204)
    assert await returned.take(status_report(to, GONE)) is Taken.IGNORED
    assert not await wire.runtime.redis.exists("mail:suppressed")
    assert READER not in caplog.text


async def test_complaints_and_notices_without_a_status_part_suppress(
    wire: Wire, returned: ReturnedMail, mail_server: MailServer
) -> None:
    made = await subscribe(wire)
    to = await sent(wire, mail_server)
    assert await returned.take(complaint("fbl@papers.example.org", to)) is Taken.SUPPRESSED
    assert "reported the mail as spam: abuse" in (await state(wire, made))["reason"]
    (delivery,) = await wire.deliveries(made["id"])
    assert (delivery["state"], delivery["log"][-1]["returned"]) == ("delivered", True)
    assert await returned.take(complaint("fbl@papers.example.org", to)) is Taken.IGNORED
    other = await subscribe(wire, "other@example.org")
    assert await returned.take(notice(await sent(wire, mail_server, 2), QMAIL)) is Taken.SUPPRESSED
    assert (await state(wire, other))["status"] == "disabled"


async def test_a_bounce_from_before_a_confirmation_is_late(
    wire: Wire, returned: ReturnedMail, mail_server: MailServer
) -> None:
    made = await subscribe(wire)
    to = await sent(wire, mail_server)
    for step in ("pause", "resume"):
        await wire.call("POST", f"/v1/subscriptions/{made['id']}/{step}", status=200)
    assert await returned.take(status_report(to, GONE)) is Taken.IGNORED
    delivery = (await wire.deliveries(made["id"]))[0]["id"]
    await wire.call("POST", f"/v1/deliveries/{delivery}/redeliver", status=202)
    await attempted(wire, made["id"], 2)
    assert await returned.take(status_report(await sent(wire, mail_server, 2), GONE)) is Taken.SUPPRESSED


async def test_a_maildir_is_emptied_by_two_processes_and_a_folder_that_is_none_is_refused(
    wire: Wire, mail_server: MailServer, tmp_path: Path
) -> None:
    made = await subscribe(wire)
    to = await sent(wire, mail_server)
    box = tmp_path / "box"
    with pytest.raises(ConfigurationError, match="no folder new"):
        new_messages(box)
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    for name in ("1.host", "2.host:2,F"):
        (box / "new" / name).write_bytes(status_report(to, GONE))
    (box / "new" / "3.host").write_bytes(b"\xff" * 600_000)
    long = "0" * 254  # too long with what is added in cur
    (box / "new" / long).write_bytes(b"")
    (box / "new" / "4.link").symlink_to("/dev/zero")
    first, second = await asyncio.gather(*(take_mail(context(wire), new_messages(box)) for _ in range(2)))
    assert (first + second)[Taken.SUPPRESSED] >= 1
    assert sorted(path.name for path in (box / "cur").iterdir()) == ["1.host:2,S", "2.host:2,S", "3.host:2,S"]
    assert sorted(path.name for path in (box / "new").iterdir()) == [long, "4.link"]
    assert (await state(wire, made))["status"] == "disabled"
    (delivery,) = await wire.deliveries(made["id"])
    assert [row["returned"] for row in delivery["log"]] == [False, True]
