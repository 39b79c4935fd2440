"""Alerts by mail, to a real SMTP server that takes, refuses, and drops them."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from redis.exceptions import RedisError

from embedded.redis import EmbeddedRedis
from services.notifier.access.api_keys import ApiKeys
from services.notifier.bootstrap import ClockAndRandom
from services.notifier.delivery.sender import Outgoing
from services.notifier.mailing.compose import Task
from services.notifier.mailing.compose_worker import ComposeWorker, NotComposedError
from services.notifier.mailing.smtp import MAX_IDLE, Smtp, SmtpServer, Step, read_url
from services.notifier.subscribing.consents import Consents
from shared.errors import ConfigurationError
from shared.papers.paper import Author, Links, Paper
from tests.integration.notifier.mailing.mail_server import MailServer, serve_mail
from tests.integration.notifier.support import Clock, Wire, indexed, notifier
from tests.support import until

PUBLIC = "https://papers.example.org"
READER = "reader@example.org"
PAPER = Paper(
    id="arXiv:2603.00001",
    title="Folding <paper> cranes",
    abstract="A robot folds cranes & stars.",
    authors=(Author(name="Ada Origami"),),
    categories=("cs.RO",),
    links=Links(abs="https://example.org/abs", pdf="javascript:alert(1)"),
)


@pytest.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    async with serve_mail() as server:
        yield server


@asynccontextmanager
async def mailing(
    redis_url: str, qdrant_url: str, tmp: Path, server: MailServer, clock: Clock | None = None, **more: Any
) -> AsyncIterator[Wire]:
    clock_and_random = ClockAndRandom(clock=clock, random=lambda: 0.5) if clock else None
    base = {"smtp_url": server.url, "mail_from": "Paperwire <news@papers.example.org>", "public_url": PUBLIC}
    async with notifier(redis_url, qdrant_url, tmp, clock_and_random, **base | more) as wire:
        yield wire


async def subscribe(wire: Wire, address: str = READER, **fields: Any) -> Any:
    """Subscribe an address that has confirmed."""
    for key in await ApiKeys(wire.runtime.redis).list():
        await Consents(wire.runtime.redis, ()).give(key.id, address)
    body = {"channel": {"type": "email", "address": address}, "categories": ["cs.RO"], **fields}
    return await wire.call("POST", "/v1/subscriptions", body, status=201)


async def attempted(wire: Wire, subscription: str, times: int) -> Any:
    """Wait for an attempt to be written down, and give the delivery."""

    async def tried() -> Any:
        rows = await wire.deliveries(subscription)
        return rows[0] if rows and len(rows[0]["log"]) >= times else None

    return await until(tried)


async def test_an_alert_is_sent_as_a_complete_mail(
    redis_url: str, qdrant_url: str, tmp_path: Path, mail_server: MailServer
) -> None:
    async with mailing(redis_url, qdrant_url, tmp_path, mail_server) as wire:
        made = await subscribe(wire, name="cranes\tand more")
        await wire.publish(indexed(PAPER))
        delivery = await attempted(wire, made["id"], 1)
    assert delivery["state"] == "delivered"
    assert (delivery["log"][0]["status"], delivery["log"][0]["answer"]) == (250, "taken")
    (message,) = mail_server.taken
    assert message["From"] == "Paperwire <news@papers.example.org>"
    assert mail_server.senders == ["news@papers.example.org"]  # without a return path of its own
    assert message["To"] == READER
    assert message["Subject"] == "Folding <paper> cranes"
    assert message["Message-ID"] == f"<{delivery['id']}@papers.example.org>"
    assert message["List-Id"] == f"<{made['id']}.papers.example.org>"
    assert message["List-Unsubscribe"].startswith(f"<{PUBLIC}/f/")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain, rich = (part.get_content() for part in message.iter_parts())
    assert "A robot folds cranes & stars." in plain
    assert "Folding &lt;paper&gt; cranes" in rich
    assert f"{PUBLIC}/papers/arXiv:2603.00001" in rich
    assert f"{PUBLIC}/papers/arXiv:2603.00001" in plain
    assert "javascript:" not in plain + rich


async def test_a_missing_address_disables_its_subscription(
    redis_url: str, qdrant_url: str, tmp_path: Path, mail_server: MailServer
) -> None:
    mail_server.refusals[READER] = ["550 5.1.1 No such user here"] * 5
    async with mailing(redis_url, qdrant_url, tmp_path, mail_server) as wire:
        made, other = await subscribe(wire), await subscribe(wire)
        await wire.publish(indexed(PAPER))
        for one in (made, other):
            assert (await attempted(wire, one["id"], 1))["state"] == "failed"
            state = (await wire.call("GET", f"/v1/subscriptions/{one['id']}", status=200))["state"]
            assert state["status"] == "disabled"
            assert "550 5.1.1 No such user here" in state["reason"]
        asked = len(mail_server.asked)
        late = await subscribe(wire, "READER@example.org")
        await wire.publish(indexed(PAPER.model_copy(update={"id": "arXiv:2603.00002"})))
        assert (await attempted(wire, late["id"], 1))["state"] == "failed"
        assert len(mail_server.asked) == asked
    assert not mail_server.taken


@pytest.mark.parametrize(
    "answer", ("451 4.7.1 Greylisted", "421 4.3.2 Closing", "552 5.2.2 Mailbox full", "550 5.7.1 Relaying denied")
)
async def test_a_temporary_failure_is_retried_on_the_common_schedule(
    redis_url: str, qdrant_url: str, tmp_path: Path, mail_server: MailServer, answer: str
) -> None:
    mail_server.refusals[READER] = [answer, answer]
    clock = Clock()
    async with mailing(redis_url, qdrant_url, tmp_path, mail_server, clock) as wire:
        made = await subscribe(wire)
        await wire.publish(indexed(PAPER))
        for times, wait in ((1, 5), (2, 300)):
            delivery = await attempted(wire, made["id"], times)
            assert delivery["state"] == "pending"
            assert delivery["log"][-1]["status"] == int(answer[:3])
            clock.now += wait
        delivery = await attempted(wire, made["id"], 3)
        assert delivery["state"] == "delivered"
    (message,) = mail_server.taken
    assert message["Message-ID"] == f"<{delivery['id']}@papers.example.org>"


async def test_a_connection_lost_after_the_message_repeats_it_under_the_same_id(
    redis_url: str, qdrant_url: str, tmp_path: Path, mail_server: MailServer
) -> None:
    mail_server.drops = 1
    clock = Clock()
    async with mailing(redis_url, qdrant_url, tmp_path, mail_server, clock) as wire:
        made = await subscribe(wire)
        await wire.publish(indexed(PAPER))
        delivery = await attempted(wire, made["id"], 1)
        assert delivery["state"] == "pending"
        assert delivery["log"][0]["status"] is None
        assert "it is unknown whether the message arrived" in delivery["log"][0]["error"]
        clock.now += 5
        assert (await attempted(wire, made["id"], 2))["state"] == "delivered"
    first, second = mail_server.taken
    assert first["Message-ID"] == second["Message-ID"]


async def test_an_unreachable_server_is_retried_later(
    redis_url: str, qdrant_url: str, tmp_path: Path, mail_server: MailServer
) -> None:
    clock = Clock()
    mail_server.greeting = ["421 4.3.2 Too busy"]
    async with mailing(redis_url, qdrant_url, tmp_path, mail_server, clock) as wire:
        made = await subscribe(wire)
        await wire.publish(indexed(PAPER))
        assert "sender" in (await attempted(wire, made["id"], 1))["log"][0]["error"]
        clock.now += 5
        assert (await attempted(wire, made["id"], 2))["state"] == "delivered"


async def test_mail_without_a_server_goes_to_the_outbox(redis_url: str, qdrant_url: str, tmp_path: Path) -> None:
    async with notifier(redis_url, qdrant_url, tmp_path) as wire:
        made = await subscribe(wire)
        await wire.publish(indexed(PAPER))
        delivery = await attempted(wire, made["id"], 1)
    assert delivery["state"] == "delivered"
    raw = (tmp_path / "outbox" / f"{delivery['id']}.eml").read_bytes()
    assert b"To: reader@example.org\r\n" in raw
    assert (tmp_path / "outbox" / f"{delivery['id']}.eml").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "address", ("reader@example.org\r\nBcc: x@example.org", "Reader <r@example.org>", "r@", "a@b@c")
)
async def test_a_hostile_address_is_refused_by_the_api(wire: Wire, address: str) -> None:
    body = {"channel": {"type": "email", "address": address}, "categories": ["cs.RO"]}
    refused = await wire.call("POST", "/v1/subscriptions", body, status=422)
    assert "address" in refused["detail"]


async def handed(smtp: Smtp, name: str = "one", to: str = READER) -> Any:
    return await smtp.send(name, "news@example.org", to, b"Subject: x\r\n\r\n.dot\r\n")


async def test_connections_are_used_again_and_replaced_when_the_server_closed_them(mail_server: MailServer) -> None:
    smtp = Smtp(SmtpServer("127.0.0.1", mail_server.port), name="here.test", connections=2, timeout=5)
    for _ in range(5):
        assert (await handed(smtp)).accepted
    assert len(mail_server.sessions) == 1
    assert mail_server.taken[0].get_payload() == ".dot\r\n"
    mail_server.refusals[READER] = ["550 no"]
    assert (await handed(smtp)).step is Step.RECIPIENT
    assert (await handed(smtp)).accepted
    assert len(mail_server.sessions) == 1
    assert all(await asyncio.gather(*(handed(smtp) for _ in range(8))))
    assert len(mail_server.sessions) == 2
    for client, _ in smtp._idle:
        client.transport.abort()  # type: ignore[union-attr]
    assert (await handed(smtp)).accepted
    await smtp.close()


async def test_a_long_idle_connection_is_not_reused(mail_server: MailServer) -> None:
    smtp = Smtp(SmtpServer("127.0.0.1", mail_server.port), name="here.test", connections=1, timeout=5)
    await handed(smtp)
    smtp._idle = [(client, since - MAX_IDLE) for client, since in smtp._idle]
    await handed(smtp)
    assert len(mail_server.sessions) == 2
    await smtp.close()


async def test_a_password_is_used_and_never_shown(redis_url: str, qdrant_url: str, tmp_path: Path) -> None:
    async with serve_mail(auth=True) as server:
        login = f"smtp://news:p%40ss%2Fword@127.0.0.1:{server.port}?starttls=never"
        async with mailing(redis_url, qdrant_url, tmp_path, server, smtp_url=login) as wire:
            made = await subscribe(wire)
            await wire.publish(indexed(PAPER))
            delivery = await attempted(wire, made["id"], 1)
            assert delivery["state"] == "delivered", delivery["log"]
            assert "p@ss" not in repr(wire.runtime.settings)
        assert server.logins == ["news:p@ss/word"]


@pytest.mark.parametrize(
    ("url", "server"),
    (
        ("smtp://mail.example.org", SmtpServer("mail.example.org", 25)),
        ("smtp://u:p@mail.example.org:587", SmtpServer("mail.example.org", 587, starttls=True, user="u", password="p")),
        ("smtp://u:p@mail.example.org?starttls=never", SmtpServer("mail.example.org", 25, False, False, "u", "p")),
        ("smtp://u:p@127.0.0.1:2525", SmtpServer("127.0.0.1", 2525, user="u", password="p")),
        ("smtps://u:p%40q@mail.example.org", SmtpServer("mail.example.org", 465, True, False, "u", "p@q")),
    ),
)
def test_an_smtp_address_sets_every_option(url: str, server: SmtpServer) -> None:
    assert read_url(url) == server


@pytest.mark.parametrize(
    "url",
    ("", "mail.example.org", "http://u:hidden@mail.example.org", "smtp://u:hidden@m:x", "smtp://u:hidden@m?starttls=maybe",
     "smtps://u:hidden@m?starttls=always", "smtp://u:hidden@m/path", "smtp://u:hidden@m?other=1", "smtp://"),
)  # fmt: skip
async def test_a_wrong_smtp_address_is_refused_without_being_shown(
    redis_url: str, qdrant_url: str, tmp_path: Path, url: str
) -> None:
    with pytest.raises(ConfigurationError, match="PAPERWIRE_SMTP_URL must look like") as received:
        async with notifier(redis_url, qdrant_url, tmp_path, smtp_url=url, mail_from="a@example.org"):
            pass
    assert "hidden" not in str(received.value)


@pytest.mark.parametrize("sender", (None, "Paperwire"))
async def test_a_missing_sender_is_an_error(
    redis_url: str, qdrant_url: str, tmp_path: Path, sender: str | None
) -> None:
    with pytest.raises(ConfigurationError, match="PAPERWIRE_MAIL_FROM"):
        async with notifier(redis_url, qdrant_url, tmp_path, smtp_url="smtp://127.0.0.1:1", mail_from=sender):
            pass


BODY = orjson.dumps({"type": "paper.new", "timestamp": "2026-03-01T08:00:00Z", "data": {
    "subscription": {"id": "x", "name": "cranes"}, "paper": PAPER.model_dump(mode="json"),
    "match": {"score": 0.5, "threshold": 0.4, "reasons": []},
}})  # fmt: skip


def task(name: str = "one") -> Task:
    return Task(
        id=name, to=READER, sender="news@example.org", made=0.0, at=0.0, confirms=False, subscription="x",
        name="cranes",        timezone="UTC", when="", meaning=True, site=PUBLIC, key="00", feed=PUBLIC,
    )  # fmt: skip


async def test_one_process_renders_many_messages_and_returns_each_to_its_caller() -> None:
    writer = ComposeWorker()
    written = await asyncio.gather(*(writer.write(task(f"n{number}"), BODY) for number in range(40)))
    assert all(f"Message-ID: <n{number}@example.org>".encode() in raw for number, raw in enumerate(written))
    await writer.close()


async def test_an_outage_of_redis_is_no_failed_attempt(
    qdrant_url: str, tmp_path: Path, mail_server: MailServer
) -> None:
    async with (
        EmbeddedRedis(tmp_path / "redis") as server,
        mailing(server.url, qdrant_url, tmp_path, mail_server) as wire,
    ):
        made = await subscribe(wire)
        await wire.publish(indexed(PAPER))
        delivery = await attempted(wire, made["id"], 1)
        attempts = wire.runtime.services[0].loops[0].__self__._attempts  # type: ignore[attr-defined]
        (prepared,) = await attempts.prepare([delivery["id"]])
        subscription = prepared.row.subscription
        mail = Outgoing(prepared.record, subscription, subscription.channel, prepared.body, prepared.secrets, 0.0)
        assert server.pid
        os.kill(server.pid, signal.SIGKILL)
        with pytest.raises(RedisError):
            await attempts._sent(mail)


async def test_a_message_that_cannot_be_rendered_does_not_affect_others() -> None:
    writer = ComposeWorker()
    bad, good = await asyncio.gather(writer.write(task(), b"{}"), writer.write(task(), BODY), return_exceptions=True)
    assert isinstance(bad, NotComposedError)
    assert isinstance(good, bytes)
    await writer.close()


async def test_a_killed_renderer_is_restarted_and_is_no_failed_attempt() -> None:
    writer = ComposeWorker()
    await writer.write(task(), BODY)
    (process,) = writer._worker.process_ids
    os.kill(process, signal.SIGKILL)
    await until(lambda: not writer._worker.process_ids)
    assert b"Message-ID" in await writer.write(task(), BODY)
    (process,) = writer._worker.process_ids
    os.kill(process, signal.SIGSTOP)
    waiting = asyncio.create_task(writer.write(task(), BODY))
    await until(lambda: writer._worker._children[0].calls)
    os.kill(process, signal.SIGKILL)
    assert b"Message-ID" in await waiting
    await writer.close()
