"""The part of the composition root that is about mail."""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from services.notifier.access.api_keys import ApiKeys
from services.notifier.delivery.deliveries import Deliveries
from services.notifier.delivery.history import History
from services.notifier.insight.preview import Previews
from services.notifier.mailing.bounces import Suppressed
from services.notifier.mailing.outbox import Outbox
from services.notifier.mailing.smtp import Smtp
from services.notifier.mailing.transport import address_of, open_transport, sender
from services.notifier.pages.feedback_actions import Desk, showers
from services.notifier.pages.mail_actions import Confirm, Stop, Unsubscribe
from services.notifier.pages.my_pages import MyPages
from services.notifier.pages.my_subscriptions import Door, Mine
from services.notifier.pages.page import LinkPages
from services.notifier.pages.subscribe_pages import MailPages
from services.notifier.secrets.feed_tokens import FeedTokens
from services.notifier.secrets.link_key import link_key
from services.notifier.secrets.signed_links import Action, Links
from services.notifier.secrets.vault import Vault
from services.notifier.sending.email_sender import EmailSender
from services.notifier.settings import NotifierSettings
from services.notifier.subscribing.optin import OptIn
from shared.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Mailing:
    """What mail needs: who takes it, who writes it, the links and feeds in it, and who gets none."""

    transport: Smtp | Outbox
    email: EmailSender
    links: Links
    feeds: FeedTokens
    suppressed: Suppressed


async def mailing(runtime: Runtime, settings: NotifierSettings, clock: Callable[[], float]) -> Mailing:
    """Join what works on mail; raises ConfigurationError where it cannot. `clock` gives Unix seconds."""
    transport, links = open_transport(settings), Links(address_of(settings), await link_key(runtime.redis))
    feeds, suppressed = FeedTokens(runtime.redis, links), Suppressed(runtime.redis, clock)
    email = EmailSender(transport, sender(settings), links, feeds, suppressed)
    return Mailing(transport, email, links, feeds, suppressed)


def reader_pages(  # noqa: PLR0913  # what is joined
    runtime: Runtime,
    settings: NotifierSettings,
    mail: Mailing,
    desk: Desk,
    *,
    vault: Vault,
    deliveries: Deliveries,
    history: History,
    previews: Previews,
    wake: Callable[[], None],
    stop: Stop,
    clock: Callable[[], float],
) -> list[web.AbstractRouteDef]:
    """Give the pages that readers without a key come to: those behind links, the form, the outbox."""
    optin = OptIn(
        runtime.redis, store=desk.store, vault=vault, deliveries=deliveries, subscriptions=desk.subscriptions,
        suppressed=mail.suppressed, wake=wake, clock=clock,
    )  # fmt: skip
    door = Door(desk.key, ApiKeys(runtime.redis), clock)
    actions = showers(desk, door) | {
        Action.CONFIRM: Confirm(optin, desk.key, clock),
        Action.UNSUBSCRIBE: Unsubscribe(desk, stop),
    }
    outbox = mail.transport if isinstance(mail.transport, Outbox) else None
    pages = MailPages(runtime.redis, optin, previews, outbox, settings.trusted_proxies)
    mine = MyPages(runtime.redis, door, Mine(desk.subscriptions, history, previews), settings.trusted_proxies)
    return LinkPages(desk.key, actions, clock).routes() + pages.routes() + mine.routes()
