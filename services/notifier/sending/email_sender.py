"""Sends alerts and digests by mail."""

import time
from dataclasses import replace
from email.headerregistry import Address
from typing import Protocol

from services.notifier.channels.email import Email
from services.notifier.channels.exchange import Answer
from services.notifier.delivery.sender import Outgoing
from services.notifier.mailing.bounces import SuppressedAddresses, is_bounce, refusal
from services.notifier.mailing.compose import Task
from services.notifier.mailing.compose_worker import ComposeWorker, NotComposedError
from services.notifier.mailing.return_path import ReturnPath
from services.notifier.mailing.smtp import Reply, Step
from services.notifier.secrets.feed_tokens import FeedTokens
from services.notifier.secrets.signed_links import Links
from services.notifier.subscription.digest_schedule import Daily, Weekly, schedule_phrase
from services.notifier.subscription.owners import UNCONFIRMED


class Transport(Protocol):
    """Accepts messages: an SMTP server, or the outbox."""

    async def send(self, id_: str, sender: str, recipient: str, message: bytes) -> Reply:
        """Accept a message; failures are in the reply. `id_` is the same at every attempt."""
        ...


class EmailSender:
    """Sends deliveries by mail."""

    def __init__(
        self,
        transport: Transport,
        sender: Address,
        return_path: ReturnPath | None,
        *,
        links: Links,
        feeds: FeedTokens,
        suppressed: SuppressedAddresses,
    ) -> None:
        """`links` has the address of the instance; `sender` is that of all mail, and its return path without one."""
        self._transport = transport
        self._sender = sender
        self._return_path = return_path
        self._links = links
        self._feeds = feeds
        self._suppressed = suppressed
        self._worker = ComposeWorker()

    async def send(self, outgoing: Outgoing[Email]) -> Answer:
        """Compose the message and hand it over, unless its address is suppressed."""
        address, started = outgoing.channel.address, time.perf_counter()
        confirms = outgoing.record.owner.startswith(UNCONFIRMED)  # confirming lifts a suppression
        if not confirms and (reason := await self._suppressed.reason(address)):
            return Answer(0.0, error=refusal(reason), gone=True)
        try:
            message = await self._worker.write(await self._task(outgoing, confirms=confirms), outgoing.body)
        except NotComposedError as error:
            return Answer(_since(started), error=f"the message could not be composed: {error}")
        reply = await self._transport.send(outgoing.record.id, self._envelope_sender(outgoing), address, message)
        answer = Answer(_since(started), reply.code, _error(reply), reply.text)
        if is_bounce(reply):
            said = f"{reply.code} {reply.text}"[:300]
            await self._suppressed.add(address, said)
            return replace(answer, error=f"The mail server refused the address: {said}", gone=True)
        return answer

    def _envelope_sender(self, outgoing: Outgoing[Email]) -> str:
        if self._return_path is None:
            return self._sender.addr_spec
        return self._return_path.of(self._links.key, outgoing.record.id, outgoing.channel.address)

    async def _task(self, outgoing: Outgoing[Email], *, confirms: bool) -> Task:
        subscription, schedule = outgoing.subscription, outgoing.subscription.schedule
        return Task(
            id=outgoing.record.id,
            to=outgoing.channel.address,
            sender=str(self._sender),
            made=outgoing.record.created_at.timestamp(),
            at=outgoing.at,
            confirms=confirms,
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
        """End the process that composes messages."""
        await self._worker.close()


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)


def _error(reply: Reply) -> str | None:
    if reply.accepted:
        return None
    if reply.code is None and reply.step is Step.DATA:
        return f"it is unknown whether the message arrived; it is sent again with the same id ({reply.text})"
    if reply.code is None and reply.step is Step.CONNECT:
        return f"no connection to the mail server: {reply.text}"
    return f"the mail server refused the message at the step {reply.step.value}"
