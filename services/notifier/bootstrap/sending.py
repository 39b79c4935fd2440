"""Build what sends deliveries."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

from aiohttp import ClientSession

from services.notifier.channels.definition import Transport
from services.notifier.channels.registry import CHANNELS
from services.notifier.delivery.attempt import Attempts
from services.notifier.delivery.claims import ClaimLimits, DeliveryClaims
from services.notifier.delivery.deliveries import Deliveries
from services.notifier.delivery.dispatcher import Dispatcher, Pace
from services.notifier.delivery.history import History
from services.notifier.delivery.operational import OperationalWebhooks
from services.notifier.delivery.sender import Senders
from services.notifier.secrets.vault import Vault
from services.notifier.sending.email_sender import EmailSender
from services.notifier.sending.json_sender import JsonSender
from services.notifier.sending.messages import Messages
from services.notifier.sending.post import Post
from services.notifier.sending.webhook_sender import WebhookSender
from services.notifier.settings import NotifierSettings
from services.notifier.subscribing.subscriptions import Subscriptions
from services.notifier.subscription.store import Store
from shared.net import outbound_session
from shared.runtime import Runtime

OWNER_SHARE: Final = 0.75
"""The share of concurrent attempts that one owner can have, however many of its endpoints hang."""


@dataclass(frozen=True, slots=True)
class ClockAndRandom:
    """What tests replace: `clock` returns Unix seconds, `random` a number from 0 to 1."""

    clock: Callable[[], float] = time.time
    random: Callable[[], float] = random.random


def senders(session: ClientSession, messages: Messages, email: EmailSender) -> Senders:
    """Return the sender of every channel that is sent to: the one of its transport."""
    post = Post(session)
    carriers: Senders = {
        Transport.JSON: JsonSender(post, messages),
        Transport.SIGNED: WebhookSender(post, messages),
        Transport.MAIL: email,
    }
    return {one.id: carriers[one.transport] for one in CHANNELS if one.transport}


@dataclass(frozen=True, slots=True)
class SendingParts:
    """Deliveries, the loop that sends them, and what their owners see of them."""

    deliveries: Deliveries
    dispatcher: Dispatcher
    history: History
    operational: OperationalWebhooks
    session: ClientSession


def join_sending(  # noqa: PLR0913  # the parts to join
    runtime: Runtime,
    settings: NotifierSettings,
    store: Store,
    vault: Vault,
    subscriptions: Subscriptions,
    *,
    email: EmailSender,
    messages: Messages,
    clock_and_random: ClockAndRandom,
) -> SendingParts:
    """Join what sends deliveries."""
    redis, clock = runtime.redis, clock_and_random.clock
    deliveries = Deliveries(redis, clock, settings.delivery_retention)
    share = max(1, int(settings.concurrency * OWNER_SHARE))
    terms = ClaimLimits(settings.endpoint_concurrency, share, settings.lease, settings.delivery_retention)
    claims = DeliveryClaims(redis, runtime.bus.consumer, clock, terms)
    agent = f"Paperwire/{version('paperwire')} (+{settings.contact})"
    session = outbound_session(
        settings.allow_private_endpoints, agent, total=settings.attempt_timeout, limit=settings.concurrency
    )
    operational = OperationalWebhooks(store, vault, deliveries, subscriptions.disable, clock)
    attempts = Attempts(
        deliveries,
        store,
        vault,
        senders(session, messages, email),
        disable=operational.disable,
        clock=clock,
        random=clock_and_random.random,
    )
    dispatcher = Dispatcher(claims, attempts, Pace(settings.concurrency, settings.delivery_poll, settings.lease))
    history = History(redis, deliveries, dispatcher.wake, clock)
    return SendingParts(deliveries, dispatcher, history, operational, session)
