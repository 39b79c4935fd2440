"""How long until 10,000 digests of one hour are composed, rendered and handed to a mail server.

    python benchmarks/digests.py [--digests 10000] [--papers 10] [--connections 4] [--json FILE]

10,000 subscriptions of as many addresses have the same hour, and each has gathered its papers. The clock starts when
the hour comes, and ends when a mail server in a process of its own has taken the last message. Counted is what arrived;
no message may come twice. `own_cpu_s` is the notifier's processor time without the process that writes messages: on a
machine that does other things too it says more than the clock. Bar: 60 s.
"""

import asyncio
import contextlib
import random
import sys
import time
import uuid
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.asyncio import Redis

from benchmarks.common import arguments, report, small_size
from services.notifier.alerts.digest_writer import DigestWriter
from services.notifier.alerts.planner import DIGESTS_DUE, FIRST_PUBLISHED, count_key, gathered_key, match_key
from services.notifier.delivery.deliveries import ClaimLimits, Deliveries, DeliveryClaims
from services.notifier.delivery.dispatcher import Attempts, Dispatcher, Pace
from services.notifier.mailing.bounces import SuppressedAddresses
from services.notifier.mailing.mime import sender_of
from services.notifier.mailing.smtp import Smtp, SmtpServer
from services.notifier.matching import alert_body
from services.notifier.matching.match import Match
from services.notifier.secrets.cipher import Cipher
from services.notifier.secrets.feed_tokens import FeedTokens
from services.notifier.secrets.signed_links import Links
from services.notifier.secrets.vault import Vault
from services.notifier.sending.email_sender import EmailSender
from services.notifier.subscription.model import State, Subscription
from services.notifier.subscription.store import InterestVector, Row, Store
from shared.bus import open_redis
from shared.bus.upkeep import ensure_groups
from shared.papers.paper import Author, Change, ChangeKind, CodeLink, Paper
from shared.papers.paper import Links as PaperLinks
from shared.telemetry import configure_logging

KINDS, DUE_AT = 200, datetime(2026, 3, 1, 8, tzinfo=UTC)
CONCURRENCY = 384
WORDS = (
    "We",
    "fold",
    "paper",
    "cranes",
    "with",
    "two",
    "arms",
    "and",
    "a",
    "camera,",
    "and",
    "learn",
    "from",
    "video.",
)


class Sink(asyncio.Protocol):
    """As much of a mail server as takes messages: what it costs is to be the sender's, not the receiver's."""

    taken: list[bytes] = []  # noqa: RUF012  # of all connections

    def connection_made(self, transport: Any) -> None:
        self._transport, self._rest, self._data = transport, b"", False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while True:
            end = b"\r\n.\r\n" if self._data else b"\r\n"
            head, found, rest = self._rest.partition(end)
            if not found:
                return
            self._rest = rest
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        if self._data:
            self.taken.append(head.partition(b"Message-ID: ")[2].partition(b"\r\n")[0])
            self._data = False
            self._transport.write(b"250 taken\r\n")
            return
        verb = head[:4].upper()
        self._data = verb == b"DATA"
        known = {b"DATA": b"354 go on", b"QUIT": b"221 bye", b"EHLO": b"250-sink\r\n250 8BITMIME"}
        self._transport.write(known.get(verb, b"250 OK") + b"\r\n")


async def sink(port: int) -> None:
    """Be the mail server; a second port tells what has come."""

    async def told(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"{len(Sink.taken)} {len(set(Sink.taken))}\n".encode())
        await writer.drain()
        writer.close()

    loop = asyncio.get_running_loop()
    await loop.create_server(Sink, "127.0.0.1", port)
    await (await asyncio.start_server(told, "127.0.0.1", port + 1)).serve_forever()


async def arrived(port: int) -> tuple[int, int]:
    """Ask the mail server how many messages it took, and how many different ones."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port + 1)
    total, different = (await reader.readline()).split()
    writer.close()
    return int(total), int(different)


@contextlib.asynccontextmanager
async def mail_server() -> AsyncIterator[int]:
    """Run the mail server as a process; give its port."""
    port = random.randrange(20_000, 60_000)
    child = await asyncio.create_subprocess_exec(sys.executable, __file__, "--sink", str(port))
    try:
        while True:
            with contextlib.suppress(OSError):
                await arrived(port)
                break
            await asyncio.sleep(0.05)
        yield port
    finally:
        child.kill()
        await child.wait()


def paper(number: int) -> Paper:
    """Make a paper with an abstract of the usual length."""
    dice = random.Random(number)
    links = PaperLinks(
        abs="https://example.org/a", pdf="https://example.org/p", code=(CodeLink(url="https://example.org/c"),)
    )
    return Paper(
        id=f"arXiv:2603.{number:05d}", title=" ".join(dice.choices(WORDS, k=11)),
        abstract=" ".join(dice.choices(WORDS, k=190)), authors=tuple(Author(name=f"Author {n}") for n in range(5)),
        categories=("cs.RO", "cs.LG"), published="2026-02-28", links=links,
    )  # fmt: skip


def row(number: int) -> Row:
    """Make a subscription of an address of its own."""
    fields: dict[str, Any] = {"id": str(uuid.UUID(int=number)), "name": "Robots that fold paper", "query": "folding"}
    fields |= {"channel": {"type": "email", "address": f"reader{number}@example.org"}, "state": State(since=DUE_AT)}
    fields |= {"schedule": {"daily": "08:00", "timezone": "UTC"}, "created_at": DUE_AT, "updated_at": DUE_AT}
    return Row(owner=f"mail:{number}", subscription=Subscription.model_validate(fields))


async def prepare(redis: Redis, number: int, papers: int) -> None:
    """Write the subscriptions, with what they have gathered, as matching would."""
    store, vault = Store(redis), Vault(redis, time.time, Cipher(["0" * 32]))
    about = [paper(one) for one in range(KINDS)]
    match = Match(Change(kind=ChangeKind.NEW), 0.6, 0.45, ("score 0.60 is at least 0.45",))
    for place in range(number):
        one = row(place)
        name = one.subscription.id
        await store.add(one, InterestVector(model="none", vector=""))
        await vault.create(name)
        async with redis.pipeline(transaction=False) as pipe:
            for offset in range(papers):
                what = about[(place + offset) % KINDS]
                key = alert_body.alert_id(name, what.id, match.change)
                pipe.set(match_key(key), zlib.compress(alert_body.compose(one.subscription, what, match, DUE_AT), 1))
                pipe.zadd(gathered_key(name), {key: offset})
            pipe.set(count_key(name), papers)
            pipe.zadd(FIRST_PUBLISHED, {name: (DUE_AT - timedelta(hours=9)).timestamp()})
            pipe.zadd(DIGESTS_DUE, {name: DUE_AT.timestamp()})
            await pipe.execute()


async def send(redis: Redis, port: int, number: int, connections: int) -> dict[str, float]:
    """Let the hour come; give the seconds until all was composed, and until all had arrived."""
    began = time.monotonic()

    def clock() -> float:
        return DUE_AT.timestamp() + 1 + time.monotonic() - began

    store, vault = Store(redis), Vault(redis, clock, Cipher(["0" * 32]))
    deliveries = Deliveries(redis, clock, 86_400)
    claims = DeliveryClaims(redis, "bench", clock, ClaimLimits(4, CONCURRENCY, 5.0, 86_400))
    links = Links("https://papers.example.org", b"k" * 32)
    smtp = Smtp(SmtpServer("127.0.0.1", port, starttls=False), name="bench.test", connections=connections, timeout=30.0)
    feeds, suppressed = FeedTokens(redis, links), SuppressedAddresses(redis, clock)
    email = EmailSender(smtp, sender_of("news@example.org"), None, links=links, feeds=feeds, suppressed=suppressed)

    async def disable(_: Row, __: str) -> None:
        raise AssertionError("nothing is refused here")

    attempts = Attempts(
        deliveries, store, vault, {"email": email}, disable=disable, move=disable, clock=clock, random=random.random
    )  # fmt: skip
    dispatcher = Dispatcher(claims, attempts, Pace(512, 0.5, 5.0))
    digests = DigestWriter(redis, store, deliveries, dispatcher.wake, clock, 1.0)
    worked = time.process_time()
    loops = [asyncio.create_task(dispatcher.run()), asyncio.create_task(digests.run())]
    composed = 0.0
    while (await arrived(port))[0] < number:
        if not composed and not await redis.zcard(DIGESTS_DUE):
            composed = time.monotonic() - began
        await asyncio.sleep(0.1)
    taken, worked = time.monotonic() - began, time.process_time() - worked
    for task in loops:
        task.cancel()
    await asyncio.gather(*loops, return_exceptions=True)
    await email.close()
    await smtp.close()
    assert await arrived(port) == (number, number), "a digest came twice"
    return {
        "seconds": taken,
        "composed_after_s": composed or taken,
        "digests_per_s": number / taken,
        "own_cpu_s": worked,
    }


async def main() -> None:
    """Measure and report."""
    options = arguments(__doc__ or "", digests=10_000, papers=10, connections=4)
    configure_logging("warning")
    async with small_size() as settings, mail_server() as port:
        redis = open_redis(settings.redis_url)
        await ensure_groups(redis)
        await prepare(redis, options.digests, options.papers)
        figures = await send(redis, port, options.digests, options.connections)
        await redis.aclose()
    report(figures | {"digests": options.digests, "papers_each": options.papers}, options.json)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--sink"]:
        asyncio.run(sink(int(sys.argv[2])))
    else:
        asyncio.run(main())
