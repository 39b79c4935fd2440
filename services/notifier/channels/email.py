"""E-mail: an alert or a digest, written as a message and handed over."""

import asyncio
import re
import time
from dataclasses import replace
from email.headerregistry import Address
from typing import Final, Protocol

import orjson

from services.notifier import retry
from services.notifier.channel import Email
from services.notifier.channels.port import Answer, Outgoing
from services.notifier.links import Action, Claim, Links
from services.notifier.mailing.bounces import Suppressed, is_bounce
from services.notifier.mailing.message import Letter, encode
from services.notifier.mailing.render import Rendered, Surroundings, filled, render
from services.notifier.mailing.smtp import Reply, Step
from services.notifier.private_feeds import FeedTokens
from services.notifier.schedule import Daily, Weekly, told
from services.notifier.subscription import Subscription
from services.notifier.waiting import LIFETIME, WAITING

FOR_GOOD: Final = 10 * 365 * 86_400
"""Seconds that the links to leave and to manage are good for: a mail of years ago has to let its reader go."""

_LINKISH: Final = re.compile(r"[/@]|\w\.\w")


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

    async def send(self, outgoing: Outgoing[Email]) -> Answer:
        """Write the message in a thread and hand it over, unless its address is known to refuse mail."""
        address, started = outgoing.channel.address, time.perf_counter()
        asks = outgoing.record.owner.startswith(WAITING)  # so that its owner can lift the suppression
        if not asks and (reason := await self._suppressed.reason(address)):
            return Answer(0.0, error=f"The address refuses mail ({reason}); confirm it again to lift that.", gone=True)
        feed = await self._feeds.addresses(outgoing.subscription.id)
        message = await asyncio.to_thread(self.message, outgoing, feed.atom)
        reply = await self._transport.send(outgoing.record.id, self._sender.addr_spec, address, message)
        answer = Answer(round((time.perf_counter() - started) * 1000, 1), reply.code, _objection(reply), reply.text)
        if is_bounce(reply):
            said = f"{reply.code} {reply.text}"[:300]
            await self._suppressed.add(address, said)
            return replace(answer, error=f"The mail server refused the address: {said}", gone=True)
        return answer

    def message(self, outgoing: Outgoing[Email], feed: str) -> bytes:
        """Write the message of a delivery: the same at every attempt but for its date; `feed` is an address."""
        body, record, address = orjson.loads(outgoing.body), outgoing.record, outgoing.channel.address
        at = record.created_at.timestamp()
        if record.owner.startswith(WAITING):
            rendered, leave = self._asking(outgoing.subscription, address, at), None
        else:
            rendered = render(body, self._around(outgoing.subscription, address, at, feed))
            leave = self._link(Action.UNSUBSCRIBE, outgoing.subscription, "", at)
        letter = Letter(
            id=record.id,
            to=address,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            at=retry.iso(outgoing.at),
            unsubscribe=leave,
            list_id=outgoing.subscription.id if leave else None,
        )
        return encode(letter, self._sender)

    def _asking(self, subscription: Subscription, address: str, at: float) -> Rendered:
        """Write the mail that asks. What a stranger typed is not carried to others where it could be a link."""
        link = self._link(Action.CONFIRM, subscription, address, at, LIFETIME)
        name = "" if _LINKISH.search(subscription.name) else subscription.name
        site, when = self._links.public_url, told(subscription.schedule)
        return filled("confirm", "Confirm your subscription", name=name, link=link, site=site, when=when)

    def _around(self, subscription: Subscription, address: str, at: float, feed: str) -> Surroundings:
        schedule = subscription.schedule
        return Surroundings(
            public_url=self._links.public_url or "",
            timezone=schedule.timezone if isinstance(schedule, Daily | Weekly) else "UTC",
            unsubscribe=self._link(Action.UNSUBSCRIBE, subscription, "", at),
            manage=self._link(Action.MANAGE, subscription, address, at),
            feed=feed,
            feedback=lambda paper: self._links.feedback(subscription.id, paper, at, meaning=subscription.has_vector),
        )

    def _link(
        self, action: Action, subscription: Subscription, about: str, at: float, lifetime: int = FOR_GOOD
    ) -> str | None:
        return self._links.to(Claim(action, subscription.id, about, int(at) + lifetime))


def _objection(reply: Reply) -> str | None:
    if reply.accepted:
        return None
    if reply.code is None and reply.step is Step.DATA:
        return f"nobody knows whether the message arrived; it is sent again under the same id ({reply.text})"
    return f"the mail server did not take it at the step {reply.step.value}"
