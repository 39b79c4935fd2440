"""Mail that comes back: what a report changes, and what changes nothing."""

import asyncio
import base64
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.cli.commands.bounce import new_messages, opened, take_mail
from services.cli.instance.context import Context
from services.notifier.delivery.deliveries import (
    Attempt,
    Deliveries,
    DeliveryState,
    Record,
    attempts_key,
    key_of,
)
from services.notifier.mailing.bounces import MAX_SOFT, SOFT_SPAN, SuppressedAddresses
from services.notifier.mailing.return_path import ReturnPath
from services.notifier.secrets.link_key import link_key
from services.notifier.subscribing.returned_mail import ReturnedMail, Taken
from services.notifier.subscription.model import State, Status
from services.notifier.subscription.store import InterestVector, Row, Store
from shared.board import MAIL
from shared.bus import open_redis
from shared.errors import ConfigurationError
from tests.integration.notifier.mailing.mail_server import serve_mail
from tests.integration.notifier.mailing.test_email import PAPER, READER, mailing, subscribe
from tests.integration.notifier.support import Clock, Receiver, indexed
from tests.support import until
from tests.unit.notifier.examples import subscription
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


def context(folder: Path, redis_url: str) -> Context:
    return Context.load(folder, redis_url=redis_url)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Any]:
    client = open_redis(redis_url)
    yield client
    await client.aclose()


@pytest.fixture
async def returned(tmp_path: Path, redis_url: str) -> AsyncIterator[ReturnedMail]:
    async with opened(context(tmp_path, redis_url)) as taking:
        yield taking


@dataclass(frozen=True)
class Sent:
    """A mail as the notifier leaves it: its subscription, its delivery, and its return path."""

    redis: Any
    row: Row
    id: str
    to: str

    async def state(self) -> State:
        row = (await Store(self.redis).several([self.row.subscription.id]))[0]
        assert row
        return row.subscription.state

    async def delivery(self) -> DeliveryState:
        record = (await Deliveries(self.redis, Clock(), 86_400).records([self.id]))[0]
        assert record
        return record.state

    async def log(self) -> list[Attempt]:
        return [Attempt.model_validate_json(raw) for raw in await self.redis.lrange(attempts_key(self.id), 0, -1)]

    async def attempt(self, at: datetime) -> None:
        """Deliver it, perhaps once more."""
        record = Record(
            id=self.id, subscription=self.row.subscription.id, owner=self.row.owner, created_at=at, attempts=1,
            state=DeliveryState.DELIVERED,
        )  # fmt: skip
        await self.redis.set(key_of(self.id), record.model_dump_json(), ex=86_400)
        await self.redis.rpush(attempts_key(self.id), Attempt(at=at, status=250, latency_ms=1.0).model_dump_json())


async def sent(redis: Any, address: str = READER, row: Row | None = None) -> Sent:
    """Note a mail that a server has accepted, for a new subscription unless one is given."""
    now, delivery = datetime.now(UTC), str(uuid.uuid4())
    if row is None:
        channel = {"type": "email", "address": address}
        one = subscription(id=str(uuid.uuid4()), channel=channel, state=State(since=now))
        row = Row(owner="one-key", subscription=one)
        await Store(redis).add(row, InterestVector(model="test", vector=""))
    to = ReturnPath.parse(RETURN).of(await link_key(redis), delivery, address)
    made = Sent(redis, row, delivery, to)
    await made.attempt(now)
    return made


async def test_a_hard_bounce_suppresses_its_address_once(
    redis_url: str, qdrant_url: str, tmp_path: Path, returned: ReturnedMail, receiver: Receiver
) -> None:
    """The whole way: real mail, its envelope sender, the report, and what the API shows."""
    async with (
        serve_mail() as mail_server,
        mailing(redis_url, qdrant_url, tmp_path, mail_server, mail_return_path=RETURN) as wire,
    ):

        async def state(one: Any) -> Any:
            return (await wire.call("GET", f"/v1/subscriptions/{one['id']}", status=200))["state"]

        await wire.call("PUT", "/v1/operational-webhook", {"url": receiver.url("/ops")}, status=200)
        made, other = await subscribe(wire), await subscribe(wire, "Second@example.org")
        weekly = await subscribe(wire, READER.upper(), schedule={"daily": "08:00", "timezone": "UTC"})
        await wire.publish(indexed(PAPER))
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
            shown = await state(one)
            assert shown["status"] == "disabled"
            assert "the mail came back: 550 5.1.10 RESOLVER.ADR.RecipientNotFound" in shown["reason"]
        assert (await state(other))["status"] == "active"
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
        assert (await state(made))["status"] == "unconfirmed"
        assert len(receiver.arrived) == 2
        await SuppressedAddresses(wire.runtime.redis, Clock()).lift(READER)
        assert (await MAIL.rows(wire.runtime.redis))["addresses"]["suppressed"] == 0


async def test_soft_bounces_suppress_after_five_deliveries(redis: Any, returned: ReturnedMail) -> None:
    first, took = await sent(redis), []
    for _ in range(MAX_SOFT):
        assert (await first.state()).status is Status.ACTIVE
        one = await sent(redis, row=first.row)
        took += [await returned.take(status_report(one.to, GMAIL_FULL)) for _ in range(2)]
        assert await one.delivery() is DeliveryState.FAILED
    assert took == [Taken.COUNTED, Taken.IGNORED] * (MAX_SOFT - 1) + [Taken.SUPPRESSED, Taken.IGNORED]
    assert "out of storage space" in str((await first.state()).reason)


async def test_soft_bounces_count_within_a_span(redis: Any) -> None:
    clock = Clock()
    suppressed = SuppressedAddresses(redis, clock)
    counts = []
    for number in range(4):
        counts += [await suppressed.count_soft(READER, f"{number}"), await suppressed.count_soft(READER, f"{number}")]
        clock.now += SOFT_SPAN / 2
    assert counts == [1, 1, 2, 2, 2, 2, 2, 2]
    await suppressed.lift(READER.upper())
    assert await suppressed.count_soft(READER, "later") == 1
    assert 0 < await redis.ttl(f"mail:soft:{READER}") <= SOFT_SPAN


async def test_what_proves_nothing_changes_nothing(
    redis: Any, returned: ReturnedMail, capsys: pytest.CaptureFixture[str]
) -> None:
    one = await sent(redis)
    forged = ReturnPath.parse(RETURN).of(b"guessed key of a stranger 32 byte", one.id, READER)
    local, _, domain = one.to.partition("@")
    noise = f"bounce+{base64.b32encode(b'x' * 28).decode()[:45]}@{domain}"
    for raw in (
        status_report(forged, GONE),
        status_report(f"{local[:-5]}{'b' if local[-5] == 'a' else 'a'}{local[-4:]}@{domain}", GONE),
        status_report(f"{local[:-1]}@{domain}", GONE),
        status_report(noise, GONE),
        status_report(RETURN, GONE),
        status_report(one.to, recipient(action="delayed")),
        notice(one.to, "I am away. 550 5.1.1", READER, "Out of office"),
        complaint(one.to, one.to, "not-spam"),
        b"",
        b"\x00" * 1000,
    ):
        assert await returned.take(raw) is Taken.IGNORED
    assert (await one.state()).status is Status.ACTIVE
    assert (await one.delivery(), len(await one.log())) == (DeliveryState.DELIVERED, 1)
    channel = subscription(channel={"type": "email", "address": "second@example.org"}).channel
    other = one.row.subscription.model_copy(update={"channel": channel})
    await Store(redis).put_hidden(Row(owner="one-key", subscription=other))
    assert await returned.take(status_report(one.to, GONE)) is Taken.IGNORED  # the address changed since
    await Store(redis).remove(one.row)
    assert await returned.take(status_report(one.to, GONE)) is Taken.IGNORED
    assert not await redis.exists("mail:suppressed")
    assert READER not in capsys.readouterr().err


async def test_complaints_and_notices_without_a_status_part_suppress(redis: Any, returned: ReturnedMail) -> None:
    one, other = await sent(redis), await sent(redis, "other@example.org")
    report = complaint("fbl@papers.example.org", one.to)
    assert [await returned.take(report) for _ in range(2)] == [Taken.SUPPRESSED, Taken.IGNORED]
    assert "reported the mail as spam: abuse" in str((await one.state()).reason)
    assert (await one.delivery(), (await one.log())[-1].returned) == (DeliveryState.DELIVERED, True)
    assert (await other.state()).status is Status.ACTIVE
    assert await returned.take(notice(other.to, QMAIL)) is Taken.SUPPRESSED
    assert (await other.state()).status is Status.DISABLED


async def test_a_bounce_from_before_a_confirmation_is_late(redis: Any, returned: ReturnedMail) -> None:
    one, now = await sent(redis), datetime.now(UTC)
    confirmed = one.row.subscription.model_copy(update={"state": State(since=now)})
    await Store(redis).put_hidden(Row(owner=one.row.owner, subscription=confirmed))
    assert await returned.take(status_report(one.to, GONE)) is Taken.IGNORED
    await one.attempt(now + timedelta(seconds=1))
    assert await returned.take(status_report(one.to, GONE)) is Taken.SUPPRESSED


async def test_a_maildir_is_emptied_by_two_processes_and_a_folder_that_is_none_is_refused(
    redis: Any, redis_url: str, tmp_path: Path
) -> None:
    one, box = await sent(redis), tmp_path / "box"
    with pytest.raises(ConfigurationError, match="no folder new"):
        new_messages(box)
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    for name in ("1.host", "2.host:2,F"):
        (box / "new" / name).write_bytes(status_report(one.to, GONE))
    (box / "new" / "3.host").write_bytes(b"\xff" * 600_000)
    long = "0" * 254  # too long with what is added in cur
    (box / "new" / long).write_bytes(b"")
    (box / "new" / "4.link").symlink_to("/dev/zero")
    both = (take_mail(context(tmp_path, redis_url), new_messages(box)) for _ in range(2))
    first, second = await asyncio.gather(*both)
    assert (first + second)[Taken.SUPPRESSED] >= 1
    assert sorted(path.name for path in (box / "cur").iterdir()) == ["1.host:2,S", "2.host:2,S", "3.host:2,S"]
    assert sorted(path.name for path in (box / "new").iterdir()) == [long, "4.link"]
    assert (await one.state()).status is Status.DISABLED
    assert [row.returned for row in await one.log()] == [False, True]
