"""Build the notifier: join its parts and register its handler, routes and loops."""

from dataclasses import dataclass
from typing import Final

from services.notifier.access.api_keys import ApiKeys
from services.notifier.access.client_quotas import ClientQuotas
from services.notifier.access.durable_answers import make_durable
from services.notifier.access.idempotency import Idempotency
from services.notifier.access.key_limits import limit_keys
from services.notifier.access.send_limits import SendLimits
from services.notifier.alerts.condition_checks import ConditionChecks
from services.notifier.alerts.digest_writer import DigestWriter
from services.notifier.alerts.planner import AlertPlanner, KeptMatches
from services.notifier.alerts.private_feeds import PrivateFeeds
from services.notifier.api.delivery_routes import delivery_routes
from services.notifier.api.feed_routes import feed_routes
from services.notifier.api.feedback_routes import FeedbackApi, feedback_routes
from services.notifier.api.interest_routes import InterestApi, interest_routes
from services.notifier.api.reading_feed_routes import reading_feed_routes
from services.notifier.api.reading_routes import ReadingApi, reading_routes
from services.notifier.api.subscription_routes import SubscriptionApi, routes
from services.notifier.bootstrap.following import CitationParts, following_loops
from services.notifier.bootstrap.foundation import ClockAndRandom, Foundation, lay_foundation
from services.notifier.bootstrap.mailing import MailParts, join_mail, join_optin, reader_pages
from services.notifier.bootstrap.sending import SendingParts, join_sending
from services.notifier.channels.registry import AnyChannel
from services.notifier.fields.addresses import refuse_private
from services.notifier.following.citation_visits import AlertSink
from services.notifier.handlers import AlertWriter, IndexedHandler
from services.notifier.insight.explain import Explanations
from services.notifier.insight.preview import Previews
from services.notifier.insight.recent import Recent
from services.notifier.insight.tuner import Finder, Tuner
from services.notifier.matching.indexed_papers import IndexedPapers
from services.notifier.matching.interest_vectors import InterestVectors
from services.notifier.matching.judge import Judge
from services.notifier.matching.subscription_points import SubscriptionPoints
from services.notifier.pages.feedback_actions import LinkContext
from services.notifier.reading.list_feed import ListFeeds
from services.notifier.reading.marked_papers import MarkedPapers
from services.notifier.secrets.signed_links import Links
from services.notifier.sending.messages import Messages
from services.notifier.sending.template_worker import TemplateWorker
from services.notifier.subscribing.consents import Consents
from services.notifier.subscribing.feedback import Feedback
from services.notifier.subscribing.subscriptions import Check, Subscriptions
from shared.coordination.request_limits import RequestLimits
from shared.embedding.embedder import Embedder
from shared.http import Api
from shared.llm.language_model import open_language_model
from shared.papers.streams import INDEXED
from shared.readers.reading_store import ReadingLists
from shared.runtime import Runtime, Service

_REAL: Final = ClockAndRandom()


@dataclass(frozen=True, slots=True)
class SubscriptionParts:
    """The subscriptions, their points, and the readers of the index."""

    papers: IndexedPapers
    interests: InterestVectors
    points: SubscriptionPoints
    subscriptions: Subscriptions
    previews: Previews
    tuner: Tuner
    judge: Judge


def join_subscriptions(base: Foundation, embedder: Embedder, check: Check) -> SubscriptionParts:
    """Build the parts that work on subscriptions; `check` rejects channels that cannot work."""
    qdrant, store, clock = base.runtime.qdrant(), base.store, base.clock
    papers = IndexedPapers(qdrant)
    interests, recent = InterestVectors(papers, embedder, store), Recent(papers, clock, base.runtime.queries)
    model = open_language_model(base.settings, base.redis, base.runtime.at_end, clock)
    judge = Judge(model, base.redis, clock, base.random)
    finder, points = Finder(recent, clock), SubscriptionPoints(qdrant, interests, store)
    return SubscriptionParts(
        papers,
        interests,
        points,
        Subscriptions(
            store,
            interests,
            finder,
            points,
            base.vault,
            clock,
            check,
            base.settings.subscriptions_per_key,
            base.redis,
            Consents(base.redis, base.settings.mail_domains),
        ),
        Previews(interests, finder, recent, judge),
        Tuner(base.redis, store, interests, points, recent, clock),
        judge,
    )


def build_api(
    base: Foundation, watch: SubscriptionParts, sending: SendingParts, mail: MailParts, kept_matches: KeptMatches
) -> Api:
    """Return the routes of the API and of the pages."""
    optin = join_optin(base, mail, sending, watch.subscriptions)
    send_limits = SendLimits(ClientQuotas(base.redis, base.settings.trusted_proxies))
    do = SubscriptionApi(watch.subscriptions, sending.history, optin, send_limits, watch.judge)
    api = routes(ApiKeys(base.redis, base.clock), do)
    explanations = Explanations(
        base.redis, watch.papers, watch.interests, sending.deliveries, kept_matches, watch.judge
    )
    interest_routes(api, InterestApi(watch.previews, watch.subscriptions, explanations))
    feedback = Feedback(base.redis, watch.subscriptions, watch.papers, base.clock)
    feedback_routes(api, FeedbackApi(watch.subscriptions, feedback))
    links = LinkContext(mail.links.key, base.store, watch.subscriptions, watch.papers, feedback, sending.history.resume)
    marked = MarkedPapers(ReadingLists(base.redis), watch.papers, base.clock)
    list_feeds = ListFeeds(base.redis, mail.links, base.store, marked)
    reading_routes(api, ReadingApi(marked))
    reading_feed_routes(api, list_feeds)
    api.plain += reader_pages(base, mail, links, sending, watch.previews, optin, marked, list_feeds)
    delivery_routes(
        api, watch.subscriptions, sending.history, sending.operational, base.settings.allow_private_endpoints
    )
    feed_routes(api, watch.subscriptions, PrivateFeeds(mail.feeds, base.store, kept_matches, watch.papers, base.redis))
    Idempotency(base.redis, base.cipher).cover(api)
    make_durable(api, base.redis)
    settings = base.settings
    limits = RequestLimits(base.redis, settings.trusted_proxies)
    limit_keys(api, limits, settings.rate_limit, settings.key_rate_limit)
    return api


async def build(runtime: Runtime, clock_and_random: ClockAndRandom = _REAL) -> Service:
    """Repair the points of the subscriptions, then register the handler, the API and the sender.

    Raises:
        ConfigurationError: the collection was created with another embedding model, or the model cannot be loaded.
        TransientError: Qdrant does not answer.

    """
    base = await lay_foundation(runtime, clock_and_random)
    mail = await join_mail(base)
    embedder = await runtime.embedder()
    templates = TemplateWorker()
    runtime.at_end(templates.close)
    messages = Messages(templates)

    async def check(owner: str, channel: AnyChannel) -> None:
        refuse_private(channel, base.settings.allow_private_endpoints)
        await messages.check(owner, channel)

    watch = join_subscriptions(base, embedder, check)
    await watch.points.reconcile()
    sending = join_sending(base, watch.subscriptions, mail.email, messages)
    wake = sending.dispatcher.wake
    links = Links(base.settings.public_url, mail.links.key)
    planner = AlertPlanner(watch.points, base.store, watch.papers, links, embedder)
    kept_matches = KeptMatches(base.redis, base.clock, base.settings.delivery_retention)
    digests = DigestWriter(base.redis, base.store, sending.deliveries, wake, base.clock, base.settings.digest_poll)
    writer = AlertWriter(sending.deliveries, kept_matches)
    checks = ConditionChecks(
        base.redis, base.store, writer.write, sending.deliveries, watch.judge, wake, base.clock,
        base.settings.delivery_poll,
    )  # fmt: skip
    handler = IndexedHandler(planner, writer, checks, wake)
    runtime.bus.consume(INDEXED, "notifier", handler.notify)

    sink = AlertSink(handler.write, wake)
    citations = CitationParts(base, watch.papers, watch.interests, watch.points, planner, sink)
    following = following_loops(base, watch.subscriptions, watch.papers, citations)
    loops = (sending.dispatcher.run, digests.run, checks.run, watch.tuner.run, *following)
    return Service("notifier", api=build_api(base, watch, sending, mail, kept_matches), loops=loops)
