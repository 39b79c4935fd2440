"""Build what sends mail, and the pages that readers without an API key use."""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from services.notifier.access.api_keys import ApiKeys
from services.notifier.delivery.deliveries import Deliveries
from services.notifier.delivery.history import History
from services.notifier.insight.preview import Previews
from services.notifier.mailing.bounces import SuppressedAddresses
from services.notifier.mailing.outbox import Outbox
from services.notifier.mailing.smtp import Smtp
from services.notifier.mailing.transport import address_of, open_transport, sender
from services.notifier.pages.client_quotas import ClientQuotas
from services.notifier.pages.feedback_actions import LinkContext, feedback_actions
from services.notifier.pages.link_pages import LinkPages
from services.notifier.pages.mail_actions import Confirm, Stop, Unsubscribe
from services.notifier.pages.my_pages import MyPages
from services.notifier.pages.my_subscriptions import MySubscriptions
from services.notifier.pages.outbox_pages import OutboxPages
from services.notifier.pages.subscribe_pages import SubscribePages
from services.notifier.pages.visits import Visits
from services.notifier.secrets.feed_tokens import FeedTokens
from services.notifier.secrets.link_key import link_key
from services.notifier.secrets.signed_links import Action, Links
from services.notifier.secrets.vault import Vault
from services.notifier.sending.email_sender import EmailSender
from services.notifier.settings import NotifierSettings
from services.notifier.subscribing.optin import OptIn
from shared.runtime import Runtime


@dataclass(frozen=True, slots=True)
class MailParts:
    """The mail transport and sender, the links and feeds in mails, and the suppressed addresses."""

    transport: Smtp | Outbox
    email: EmailSender
    links: Links
    feeds: FeedTokens
    suppressed: SuppressedAddresses


async def join_mail(runtime: Runtime, settings: NotifierSettings, clock: Callable[[], float]) -> MailParts:
    """Join what sends mail; raise ConfigurationError for unusable settings. `clock` returns Unix seconds."""
    transport, links = open_transport(settings), Links(address_of(settings), await link_key(runtime.redis))
    feeds, suppressed = FeedTokens(runtime.redis, links), SuppressedAddresses(runtime.redis, clock)
    email = EmailSender(transport, sender(settings), links, feeds, suppressed)
    return MailParts(transport, email, links, feeds, suppressed)


def reader_pages(  # noqa: PLR0913  # the parts to join
    runtime: Runtime,
    settings: NotifierSettings,
    mail: MailParts,
    context: LinkContext,
    *,
    vault: Vault,
    deliveries: Deliveries,
    history: History,
    previews: Previews,
    wake: Callable[[], None],
    stop: Stop,
    clock: Callable[[], float],
) -> list[web.AbstractRouteDef]:
    """Return the routes of the pages: signed links, the subscribe form, a reader's subscriptions, the outbox."""
    optin = OptIn(
        runtime.redis, store=context.store, vault=vault, deliveries=deliveries, subscriptions=context.subscriptions,
        suppressed=mail.suppressed, wake=wake, clock=clock,
    )  # fmt: skip
    visits = Visits(context.key, ApiKeys(runtime.redis), clock)
    actions = feedback_actions(context, visits) | {
        Action.CONFIRM: Confirm(optin, context.key, clock),
        Action.UNSUBSCRIBE: Unsubscribe(context, stop),
    }
    quotas = ClientQuotas(runtime.redis, settings.trusted_proxies)
    mine = MySubscriptions(context.subscriptions, history, previews)
    routes = LinkPages(context.key, actions, clock).routes()
    routes += SubscribePages(quotas, optin, previews).routes() + MyPages(quotas, visits, mine).routes()
    return routes + (OutboxPages(mail.transport).routes() if isinstance(mail.transport, Outbox) else [])
