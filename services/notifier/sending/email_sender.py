"""E-mail: an alert or a digest, written as a message and handed over."""

import time
from dataclasses import replace
from email.headerregistry import Address
from typing import Protocol

from services.notifier.channels.email import Email
from services.notifier.channels.exchange import Answer
from services.notifier.delivery.sender import Outgoing
from services.notifier.mailing.bounces import Suppressed, is_bounce
from services.notifier.mailing.compose import Task
from services.notifier.mailing.smtp import Reply, Step
from services.notifier.mailing.writing import NotWrittenError, Writer
from services.notifier.secrets.feed_tokens import FeedTokens
from services.notifier.secrets.signed_links import Links
from services.notifier.subscription.digest_schedule import Daily, Weekly, schedule_phrase
from services.notifier.subscription.owners import UNCONFIRMED


class Transport(Protocol):
    """What takes messages: SMTP, or the outbox."""

    async def send(self, name: str, sender: str, recipient: str, message: bytes) -> Reply:
        """Take one message; whatever goes wrong is in the reply. `name` is the message's for good."""
        ...


class EmailSender:
    """Sends deliveries by mail."""

    def __init__(
        self, transport: Transport, sender: Address, links: Links, feeds: FeedTokens, suppressed: Suppressed
    ) -> None:
        """`links` has an address that readers reach; `sender` is who mail comes from."""
        self._transport = transport
        self._sender = sender
        self._links = links
        self._feeds = feeds
        self._suppressed = suppressed
        self._writer = Writer()

    async def send(self, outgoing: Outgoing[Email]) -> Answer:
        """Have the message written and hand it over, unless its address is known to refuse mail."""
        address, started = outgoing.channel.address, time.perf_counter()
        asks = outgoing.record.owner.startswith(UNCONFIRMED)  # so that its owner can lift the suppression
        if not asks and (reason := await self._suppressed.reason(address)):
            return Answer(0.0, error=f"The address refuses mail ({reason}); confirm it again to lift that.", gone=True)
        try:
            message = await self._writer.write(await self._task(outgoing, asks=asks), outgoing.body)
        except NotWrittenError as error:
            return Answer(_since(started), error=f"the message could not be written: {error}")
        reply = await self._transport.send(outgoing.record.id, self._sender.addr_spec, address, message)
        answer = Answer(_since(started), reply.code, _objection(reply), reply.text)
        if is_bounce(reply):
            said = f"{reply.code} {reply.text}"[:300]
            await self._suppressed.add(address, said)
            return replace(answer, error=f"The mail server refused the address: {said}", gone=True)
        return answer

    async def _task(self, outgoing: Outgoing[Email], *, asks: bool) -> Task:
        subscription, schedule = outgoing.subscription, outgoing.subscription.schedule
        return Task(
            id=outgoing.record.id,
            to=outgoing.channel.address,
            sender=str(self._sender),
            made=outgoing.record.created_at.timestamp(),
            at=outgoing.at,
            asks=asks,
            subscription=subscription.id,
            name=subscription.name,
            timezone=schedule.timezone if isinstance(schedule, Daily | Weekly) else "UTC",
            when=schedule_phrase(schedule),
            meaning=subscription.has_vector,
            site=self._links.public_url or "",
            key=self._links.key.hex(),
            feed=(await self._feeds.addresses(subscription)).atom,
        )

    async def close(self) -> None:
        """End the process that writes."""
        await self._writer.close()


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)


def _objection(reply: Reply) -> str | None:
    if reply.accepted:
        return None
    if reply.code is None and reply.step is Step.DATA:
        return f"nobody knows whether the message arrived; it is sent again under the same id ({reply.text})"
    if reply.code is None and reply.step is Step.CONNECT:
        return f"no connection to the mail server: {reply.text}"
    return f"the mail server did not take it at the step {reply.step.value}"
