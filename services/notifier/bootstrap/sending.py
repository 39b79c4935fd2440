"""Build what sends deliveries."""

from dataclasses import dataclass
from typing import Final

from aiohttp import ClientSession

from services.notifier.bootstrap.foundation import Foundation
from services.notifier.channels.definition import Transport
from services.notifier.channels.registry import CHANNELS
from services.notifier.delivery.deliveries import ClaimLimits, Deliveries, DeliveryClaims
from services.notifier.delivery.disabling import Disabling
from services.notifier.delivery.dispatcher import Attempts, Dispatcher, Pace
from services.notifier.delivery.history import History
from services.notifier.delivery.operational import OperationalWebhooks
from services.notifier.delivery.sender import Senders
from services.notifier.sending.email_sender import EmailSender
from services.notifier.sending.http_senders import JsonSender, Post, WebhookSender
from services.notifier.sending.messages import Messages
from services.notifier.subscribing.subscriptions import Subscriptions
from shared.outbound import outbound_session
from shared.versions import user_agent

OWNER_SHARE: Final = 0.75
"""The share of concurrent attempts that one owner can have, however many of its endpoints hang."""


def senders(session: ClientSession, messages: Messages, email: EmailSender) -> Senders:
    """Return the sender of every channel that is sent to: the one of its transport."""
    post = Post(session)
    carriers: Senders = {
        Transport.JSON: JsonSender(post, messages),
        Transport.SIGNED: WebhookSender(post, messages),
        Transport.MAIL: email,
    }
    return {one.id: carriers[one.settings.transport] for one in CHANNELS if one.settings.transport}


@dataclass(frozen=True, slots=True)
class SendingParts:
    """The parts of delivery: deliveries, the loop that sends them, and their log for owners."""

    deliveries: Deliveries
    dispatcher: Dispatcher
    history: History
    operational: OperationalWebhooks
    disabling: Disabling


def join_sending(
    base: Foundation, subscriptions: Subscriptions, email: EmailSender, messages: Messages
) -> SendingParts:
    """Join what sends deliveries."""
    redis, clock, settings = base.redis, base.clock, base.settings
    deliveries = Deliveries(redis, clock, settings.delivery_retention)
    disabling = Disabling(base.store, deliveries, subscriptions.disable, clock)
    agent = user_agent(settings.contact)
    session = outbound_session(
        settings.allow_private_endpoints, agent, total=settings.attempt_timeout, limit=settings.concurrency
    )
    base.runtime.at_end(session.close)
    attempts = Attempts(
        deliveries, base.store, base.vault, senders(session, messages, email),
        disable=disabling.disable, move=subscriptions.move, clock=clock, random=base.random,
    )  # fmt: skip
    share = max(1, int(settings.concurrency * OWNER_SHARE))
    limits = ClaimLimits(settings.endpoint_concurrency, share, settings.lease, settings.delivery_retention)
    claims = DeliveryClaims(redis, base.runtime.bus.consumer, clock, limits)
    dispatcher = Dispatcher(claims, attempts, Pace(settings.concurrency, settings.delivery_poll, settings.lease))
    history = History(redis, deliveries, dispatcher.wake, clock)
    operational = OperationalWebhooks(base.store, base.vault, clock)
    return SendingParts(deliveries, dispatcher, history, operational, disabling)
