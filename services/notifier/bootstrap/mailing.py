"""Build what sends mail, and the pages that readers without an API key use."""

from dataclasses import dataclass

from aiohttp import web

from services.notifier.access.api_keys import ApiKeys
from services.notifier.access.client_quotas import ClientQuotas
from services.notifier.access.send_limits import SendLimits
from services.notifier.bootstrap.foundation import Foundation
from services.notifier.bootstrap.sending import SendingParts
from services.notifier.insight.preview import Previews
from services.notifier.mailing.bounces import SuppressedAddresses
from services.notifier.mailing.outbox import Outbox
from services.notifier.mailing.smtp import Smtp
from services.notifier.mailing.transport import address_of, open_transport, return_path, sender
from services.notifier.pages.edit_pages import EditPages
from services.notifier.pages.feedback_actions import LinkContext, RevokeLinks, feedback_actions
from services.notifier.pages.link_pages import LinkPages
from services.notifier.pages.mail_actions import Confirm, SubscribeAgain, Unsubscribe
from services.notifier.pages.my_pages import MyPages
from services.notifier.pages.my_papers import MyPapers
from services.notifier.pages.my_reading import MyReading
from services.notifier.pages.my_subscriptions import MySubscriptions
from services.notifier.pages.outbox_pages import OutboxPages
from services.notifier.pages.subscribe_pages import SubscribePages
from services.notifier.pages.subscription_maker import SubscriptionMaker
from services.notifier.pages.visits import Visits
from services.notifier.reading.list_feed import ListFeeds
from services.notifier.reading.marked_papers import MarkedPapers
from services.notifier.secrets.feed_tokens import FeedTokens
from services.notifier.secrets.link_key import link_key
from services.notifier.secrets.revoked_links import RevokedLinks
from services.notifier.secrets.signed_links import Action, Links
from services.notifier.sending.email_sender import EmailSender
from services.notifier.subscribing.optin import OptIn
from services.notifier.subscribing.subscriptions import Subscriptions


@dataclass(frozen=True, slots=True)
class MailParts:
    """The mail transport and sender, the links and feeds in mails, and the suppressed addresses."""

    transport: Smtp | Outbox
    email: EmailSender
    links: Links
    feeds: FeedTokens
    suppressed: SuppressedAddresses


async def join_mail(base: Foundation) -> MailParts:
    """Join what sends mail; raise ConfigurationError for unusable settings."""
    transport = open_transport(base.settings)
    base.runtime.at_end(transport.close)
    links = Links(address_of(base.settings), await link_key(base.redis))
    feeds, suppressed = FeedTokens(base.redis, links), SuppressedAddresses(base.redis, base.clock)
    email = EmailSender(
        transport, sender(base.settings), return_path(base.settings), links=links, feeds=feeds, suppressed=suppressed
    )
    base.runtime.at_end(email.close)
    return MailParts(transport, email, links, feeds, suppressed)


def join_optin(base: Foundation, mail: MailParts, sending: SendingParts, subscriptions: Subscriptions) -> OptIn:
    """Join what asks addresses to confirm."""
    return OptIn(
        base.redis, store=base.store, vault=base.vault, deliveries=sending.deliveries,
        subscriptions=subscriptions, suppressed=mail.suppressed, wake=sending.dispatcher.wake, clock=base.clock,
    )  # fmt: skip


def reader_pages(  # noqa: PLR0913, PLR0917  # its collaborators
    base: Foundation,
    mail: MailParts,
    context: LinkContext,
    sending: SendingParts,
    previews: Previews,
    optin: OptIn,
    marked: MarkedPapers,
    feeds: ListFeeds,
) -> list[web.AbstractRouteDef]:
    """Return the routes of the pages: signed links, the subscribe form, a reader's subscriptions, the outbox."""
    keys, revoked = ApiKeys(base.redis, base.clock), RevokedLinks(base.redis, base.clock)
    visits = Visits(context.key, keys, base.clock, revoked)
    actions = feedback_actions(context, visits) | {
        Action.REVOKE: RevokeLinks(context, revoked, visits),
        Action.CONFIRM: Confirm(optin, context.key, base.clock),
        Action.UNSUBSCRIBE: Unsubscribe(context, sending.disabling.disable, base.clock),
        Action.RESUBSCRIBE: SubscribeAgain(context),
    }
    quotas = ClientQuotas(base.redis, base.settings.trusted_proxies)
    limits = SendLimits(quotas)
    mine = MySubscriptions(context.subscriptions, sending.history, previews)
    routes = LinkPages(context.key, actions, base.clock, revoked).routes()
    maker = SubscriptionMaker(context.subscriptions, context.papers, optin=optin, previews=previews, limits=limits)
    routes += MyPapers(visits, marked).routes()
    routes += EditPages(visits, context.subscriptions, maker, mail.feeds).routes()
    routes += MyPages(quotas, visits, mine, MyReading(visits, marked, feeds), limits, mail.feeds).routes()
    outbox = mail.transport if isinstance(mail.transport, Outbox) else None
    routes += SubscribePages(quotas, optin, maker, visits, delivers=outbox is None).routes()
    return routes + (OutboxPages(outbox, keys).routes() if outbox else [])
