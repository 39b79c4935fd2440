"""Build the notifier: join its parts and register its handler, routes and loops."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from services.notifier.access.api_keys import ApiKeys
from services.notifier.access.idempotency import Idempotency
from services.notifier.alerts.digest_writer import DigestWriter
from services.notifier.alerts.kept_matches import KeptMatches
from services.notifier.alerts.planner import AlertPlanner
from services.notifier.alerts.private_feeds import PrivateFeeds
from services.notifier.api.delivery_routes import delivery_routes
from services.notifier.api.feed_routes import feed_routes
from services.notifier.api.feedback_routes import FeedbackApi, feedback_routes
from services.notifier.api.interest_routes import InterestApi, interest_routes
from services.notifier.api.subscription_routes import routes
from services.notifier.bootstrap.mailing import MailParts, join_mail, reader_pages
from services.notifier.bootstrap.sending import ClockAndRandom, SendingParts, join_sending
from services.notifier.handlers import IndexedHandler
from services.notifier.insight.explain import Explanations
from services.notifier.insight.preview import Previews
from services.notifier.insight.recent import Recent
from services.notifier.insight.tuner import Finder, Tuner
from services.notifier.matching.indexed_papers import IndexedPapers
from services.notifier.matching.interest_vectors import InterestVectors
from services.notifier.matching.subscription_points import SubscriptionPoints
from services.notifier.pages.feedback_actions import LinkContext
from services.notifier.secrets.cipher import Cipher, load_cipher
from services.notifier.secrets.rekey import rekey
from services.notifier.secrets.signed_links import Links
from services.notifier.secrets.vault import Vault
from services.notifier.sending.messages import Messages
from services.notifier.sending.template_worker import TemplateWorker
from services.notifier.settings import NotifierSettings
from services.notifier.subscribing.feedback import Feedback
from services.notifier.subscribing.subscriptions import Check, Subscriptions
from services.notifier.subscription.store import Store
from shared.embedding.embedder import Embedder
from shared.http import Api
from shared.papers.streams import INDEXED
from shared.runtime import Runtime, Service

_REAL: Final = ClockAndRandom()


async def _open_vault(
    runtime: Runtime, settings: NotifierSettings, store: Store, clock: Callable[[], float]
) -> tuple[Cipher, Vault]:
    """Open the vault; if the secret key changed, encrypt its secrets again."""
    key = settings.secret_key
    cipher = load_cipher(key.get_secret_value() if key else None, settings.data_dir)
    vault = Vault(runtime.redis, clock, cipher)
    await vault.check_key()
    if cipher.changing:
        await rekey(runtime.redis, store, vault)
    return cipher, vault


@dataclass(frozen=True, slots=True)
class SubscriptionParts:
    """Subscriptions, their points, and what reads the index for them."""

    papers: IndexedPapers
    interests: InterestVectors
    points: SubscriptionPoints
    subscriptions: Subscriptions
    previews: Previews
    tuner: Tuner


def join_subscriptions(
    runtime: Runtime, embedder: Embedder, store: Store, vault: Vault, check: Check, clock: Callable[[], float]
) -> SubscriptionParts:
    """Join what works on subscriptions; `check` rejects channels that cannot work, `clock` returns Unix seconds."""
    papers = IndexedPapers(runtime.qdrant())
    interests, recent = InterestVectors(papers, embedder, store), Recent(papers, clock)
    finder, points = Finder(recent, clock), SubscriptionPoints(runtime.qdrant(), interests, store)
    return SubscriptionParts(
        papers,
        interests,
        points,
        Subscriptions(store, interests, finder, points, vault, clock, check),
        Previews(interests, finder, recent),
        Tuner(runtime.redis, store, interests, points, recent, clock),
    )


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts that the routes need."""

    runtime: Runtime
    settings: NotifierSettings
    store: Store
    vault: Vault
    cipher: Cipher
    watch: SubscriptionParts
    sending: SendingParts
    mail: MailParts
    kept_matches: KeptMatches
    clock: Callable[[], float]


def build_api(parts: Parts) -> Api:
    """Return the routes of the API and of the pages."""
    redis, watch, sending, mail = parts.runtime.redis, parts.watch, parts.sending, parts.mail
    keys = ApiKeys(redis)
    api = routes(keys, watch.subscriptions, sending.history)
    explanations = Explanations(redis, watch.papers, watch.interests, sending.deliveries, parts.kept_matches)
    interest_routes(api, InterestApi(watch.previews, watch.subscriptions, explanations))
    feedback = Feedback(redis, watch.subscriptions, watch.papers, parts.clock)
    feedback_routes(api, FeedbackApi(watch.subscriptions, feedback))
    links = LinkContext(
        mail.links.key, parts.store, watch.subscriptions, watch.papers, feedback, sending.history.resume
    )
    api.plain += reader_pages(
        parts.runtime, parts.settings, mail, links, vault=parts.vault, deliveries=sending.deliveries,
        history=sending.history, previews=watch.previews, wake=sending.dispatcher.wake,
        stop=sending.operational.disable, clock=parts.clock,
    )  # fmt: skip
    delivery_routes(api, watch.subscriptions, sending.history, sending.operational)
    feed_routes(api, watch.subscriptions, PrivateFeeds(mail.feeds, parts.store, parts.kept_matches))
    Idempotency(redis, parts.cipher).cover(api)
    return api


async def build(runtime: Runtime, clock_and_random: ClockAndRandom = _REAL) -> Service:
    """Repair the points of the subscriptions, then register the handler, the API and the sender.

    Raises:
        ConfigurationError: the collection was created with another embedding model, or the model cannot be loaded.
        TransientError: Qdrant does not answer.

    """
    settings = NotifierSettings.load(**runtime.settings.model_dump())
    mail = await join_mail(runtime, settings, clock_and_random.clock)
    embedder = await runtime.embedder()
    store = Store(runtime.redis)
    cipher, vault = await _open_vault(runtime, settings, store, clock_and_random.clock)
    templates = TemplateWorker()
    messages = Messages(templates)
    watch = join_subscriptions(runtime, embedder, store, vault, messages.check, clock_and_random.clock)
    await watch.points.reconcile()
    sending = join_sending(
        runtime,
        settings,
        store,
        vault,
        watch.subscriptions,
        email=mail.email,
        messages=messages,
        clock_and_random=clock_and_random,
    )
    links = Links(settings.public_url, mail.links.key)
    planner = AlertPlanner(watch.points, store, watch.papers, links, embedder)
    wake = sending.dispatcher.wake
    kept_matches = KeptMatches(runtime.redis, clock_and_random.clock, settings.delivery_retention)
    digests = DigestWriter(runtime.redis, store, sending.deliveries, wake, clock_and_random.clock, settings.digest_poll)
    runtime.bus.consume(INDEXED, "notifier", IndexedHandler(planner, sending.deliveries, kept_matches, wake).notify)
    parts = Parts(runtime, settings, store, vault, cipher, watch, sending, mail, kept_matches, clock_and_random.clock)

    async def close() -> None:
        await mail.email.close()
        await mail.transport.close()
        await sending.session.close()
        await templates.close()

    loops = (sending.dispatcher.run, digests.run, watch.tuner.run)
    return Service("notifier", api=build_api(parts), loops=loops, close=close)
