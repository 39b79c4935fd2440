"""The composition root of the notifier."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from services.notifier.access import guard
from services.notifier.bootstrap_sending import Chance, delivering
from services.notifier.box import Box, open_box
from services.notifier.channels.email import EmailSender
from services.notifier.channels.messages import Messages
from services.notifier.channels.templates import Templates
from services.notifier.digests import Digests
from services.notifier.explain import Explanations
from services.notifier.feedback import Feedback
from services.notifier.feedback_pages import Desk, showers
from services.notifier.gathering import Gathering
from services.notifier.handlers import Notifying
from services.notifier.http import routes
from services.notifier.http_deliveries import delivery_routes
from services.notifier.http_feedback import FeedbackApi, feedback_routes
from services.notifier.http_interests import InterestApi, interest_routes
from services.notifier.idempotency import Idempotency
from services.notifier.interests import Interests
from services.notifier.keys import ApiKeys
from services.notifier.link_key import link_key
from services.notifier.links import Links
from services.notifier.mailing.bounces import Suppressed
from services.notifier.mailing.office import address_of, open_transport, sender
from services.notifier.mailing.outbox import Outbox
from services.notifier.mailing.smtp import Smtp
from services.notifier.matcher import Matcher
from services.notifier.pages import LinkPages
from services.notifier.papers import Papers
from services.notifier.points import Points
from services.notifier.preview import Previews
from services.notifier.recent import Recent
from services.notifier.rekey import rekey
from services.notifier.settings import NotifierSettings
from services.notifier.store import Store
from services.notifier.subscriptions import Check, Subscriptions
from services.notifier.tuner import Finder, Tuner
from services.notifier.vault import Vault
from shared.embedding import Embedder
from shared.runtime import Runtime, Service
from shared.streams import INDEXED

__all__ = ["Chance", "build"]
_CHANCE: Final = Chance()


async def _opened(
    runtime: Runtime, settings: NotifierSettings, store: Store, clock: Callable[[], float]
) -> tuple[Box, Vault]:
    """Open the vault; with a new key, all that is in it is sealed again."""
    key = settings.secret_key
    box = open_box(key.get_secret_value() if key else None, settings.data_dir)
    vault = Vault(runtime.redis, clock, box)
    await vault.prove()
    if box.changing:
        await rekey(runtime.redis, store, vault)
    return box, vault


@dataclass(frozen=True, slots=True)
class Watching:
    """What is wanted: subscriptions, their points, and what looks back at the index for them."""

    papers: Papers
    interests: Interests
    points: Points
    subscriptions: Subscriptions
    previews: Previews
    tuner: Tuner


def watching(
    runtime: Runtime, embedder: Embedder, store: Store, vault: Vault, check: Check, clock: Callable[[], float]
) -> Watching:
    """Join what works on interests; `check` refuses channels that cannot work, `clock` gives Unix seconds."""
    papers = Papers(runtime.qdrant())
    interests, recent = Interests(papers, embedder, store), Recent(papers, clock)
    finder, points = Finder(recent, clock), Points(runtime.qdrant(), interests, store)
    return Watching(
        papers,
        interests,
        points,
        Subscriptions(store, interests, finder, points, vault, clock, check),
        Previews(interests, finder, recent),
        Tuner(runtime.redis, store, interests, points, recent, clock),
    )


@dataclass(frozen=True, slots=True)
class Mailing:
    """What mail needs: who takes it, who writes it, the links in it, and who gets none."""

    transport: Smtp | Outbox
    email: EmailSender
    links: Links
    suppressed: Suppressed


async def mailing(runtime: Runtime, settings: NotifierSettings, clock: Callable[[], float]) -> Mailing:
    """Join what works on mail; raises ConfigurationError where it cannot."""
    transport, links = open_transport(settings), Links(address_of(settings), await link_key(runtime.redis))
    suppressed = Suppressed(runtime.redis, clock)
    return Mailing(transport, EmailSender(transport, sender(settings), links, suppressed), links, suppressed)


async def build(runtime: Runtime, chance: Chance = _CHANCE) -> Service:
    """Repair the points of the subscriptions, then register the handler, the API and the sender.

    Raises:
        ConfigurationError: the collection was made with another embedding model, or the model cannot be had.
        TransientError: Qdrant does not answer.

    """
    settings = NotifierSettings.load(**runtime.settings.model_dump())
    mail = await mailing(runtime, settings, chance.clock)
    embedder = await runtime.embedder()
    store = Store(runtime.redis)
    box, vault = await _opened(runtime, settings, store, chance.clock)
    templates = Templates()
    messages = Messages(templates)
    watch = watching(runtime, embedder, store, vault, messages.check, chance.clock)
    await watch.points.reconcile()
    sending = delivering(
        runtime, settings, store, vault, watch.subscriptions, email=mail.email, messages=messages, chance=chance
    )
    links = Links(settings.public_url, mail.links.key)
    matcher = Matcher(watch.points, store, watch.papers, links, embedder)
    wake = sending.dispatcher.wake
    gathering = Gathering(runtime.redis, chance.clock, settings.delivery_retention)
    digests = Digests(runtime.redis, store, sending.deliveries, wake, chance.clock, settings.digest_poll)
    runtime.bus.consume(INDEXED, "notifier", Notifying(matcher, sending.deliveries, gathering, wake).notify)
    keys = ApiKeys(runtime.redis)
    api = routes(keys, watch.subscriptions, sending.history)
    explanations = Explanations(runtime.redis, watch.papers, watch.interests, sending.deliveries)
    interest_routes(api, InterestApi(watch.previews, watch.subscriptions, explanations, embedder, guard(keys)))
    feedback = Feedback(runtime.redis, watch.subscriptions, watch.papers, chance.clock)
    feedback_routes(api, FeedbackApi(watch.subscriptions, feedback))
    desk = Desk(links.key, store, watch.subscriptions, watch.papers, feedback, sending.history.resume)
    api.plain += LinkPages(links.key, showers(desk), chance.clock).routes()
    delivery_routes(api, watch.subscriptions, sending.history, sending.operational)
    Idempotency(runtime.redis, box).cover(api)

    async def close() -> None:
        await mail.transport.close()
        await sending.session.close()
        await templates.close()

    return Service("notifier", api=api, loops=(sending.dispatcher.run, digests.run, watch.tuner.run), close=close)
