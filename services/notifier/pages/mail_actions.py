"""The actions of links in mail: confirm a subscription, and unsubscribe."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from services.notifier.channels.email import Email
from services.notifier.fields.mailbox import identity
from services.notifier.mailing.compose import PERMANENT_S
from services.notifier.pages.feedback_actions import LinkContext
from services.notifier.pages.page import Form, Notice
from services.notifier.secrets.signed_links import LIFETIME, Action, Claim, LinkError, make
from services.notifier.subscribing.optin import OptIn
from services.notifier.subscription.digest_schedule import schedule_phrase
from services.notifier.subscription.model import Status, Subscription
from services.notifier.subscription.owners import BY_KEY
from services.notifier.subscription.store import Row
from shared.http.site import path_to

UNSUBSCRIBED = "Its reader unsubscribed."
_BY_KEY = "An API key of this instance asks for this. It may send papers to this address until you unsubscribe."
Stop = Callable[[Row, str], Awaitable[None]]


class Confirm:
    """Confirms a subscription; the link is about the address that it was mailed to."""

    def __init__(self, optin: OptIn, key: bytes, clock: Callable[[], float]) -> None:
        """`clock` returns Unix seconds."""
        self._optin = optin
        self._key = key
        self._clock = clock

    async def ask(self, claim: Claim) -> Notice:
        """Show the subscription."""
        row = await self._optin.waiting(claim)
        form, wanted = Form("Confirm", make(self._key, claim)), row.subscription
        lines = (_arrival(wanted, claim.about), *((_BY_KEY,) if row.owner.startswith(BY_KEY) else ()))
        return Notice(f"Subscribe to “{wanted.name}”?", lines, (form,))

    async def act(self, claim: Claim, _: Mapping[str, str]) -> Notice:
        """Activate the subscription."""
        made = await self._optin.confirm(claim)
        now = int(self._clock())
        links = tuple(
            (label, make(self._key, Claim(action, made.id, about, now + lifetime)))
            for label, action, about, lifetime in (
                ("Manage this subscription", Action.MANAGE, claim.about, LIFETIME),
                ("Unsubscribe", Action.UNSUBSCRIBE, claim.about, PERMANENT_S),
            )
        )
        return Notice("You are subscribed", (f"“{made.name}”", _arrival(made, claim.about)), links=links)


class Unsubscribe:
    """Ends a subscription, by the button of a mail program (RFC 8058) or by the one on the page.

    The link is about the address that it was mailed to: what is sent to another one by now goes on.
    """

    def __init__(self, context: LinkContext, stop: Stop, clock: Callable[[], float]) -> None:
        """`stop` disables a subscription for a reason, and notifies its owner; `clock` returns Unix seconds."""
        self._clock = clock
        self._context = context
        self._stop = stop

    async def ask(self, claim: Claim) -> Notice:
        """Show the subscription."""
        one = await self._context.subscription(claim)
        form = Form("Unsubscribe", make(self._context.key, claim))
        return Notice(f"Unsubscribe from “{one.name}”?", ("You will get no more mail of this subscription.",), (form,))

    async def act(self, claim: Claim, _: Mapping[str, str]) -> Notice:
        """Disable the subscription; doing so twice is the same as once."""
        row = await self._context.row(claim)
        one = row.subscription
        about = claim.about or _address(one)  # links of older releases name no address
        if about:
            await self._context.subscriptions.consents.withdraw(row.owner, about)
        if identity(about) == identity(_address(one)) and one.state.reason != UNSUBSCRIBED:
            await self._stop(row, UNSUBSCRIBED)
        until = int(self._clock()) + LIFETIME
        claim = replace(claim, action=Action.RESUBSCRIBE, about=about, expires=until)
        again = Form("Subscribe again", make(self._context.key, claim))
        return Notice("You are unsubscribed", (f"You will get no more mail of “{one.name}”.",), (again,))


class SubscribeAgain:
    """Undoes an unsubscription: only its page makes this link, so the owner of the subscription does not have it.

    It is the consent of the address that unsubscribed, and of no other that is entered since.
    """

    def __init__(self, context: LinkContext) -> None:
        self._context = context

    async def ask(self, claim: Claim) -> Notice:
        """Show the subscription."""
        one = (await self._row(claim)).subscription
        return Notice(
            f"Subscribe again to “{one.name}”?", (), (Form("Subscribe again", make(self._context.key, claim)),)
        )

    async def act(self, claim: Claim, _: Mapping[str, str]) -> Notice:
        """Note the consent of the reader, and activate the subscription."""
        row = await self._row(claim)
        await self._context.subscriptions.consents.give(row.owner, claim.about)
        changed = await self._context.subscriptions.set_status(row.subscription.id, Status.ACTIVE)
        await self._context.send_held(changed or row.subscription)
        return Notice(f"“{row.subscription.name}” is active again", links=self._context.manage(claim))

    async def _row(self, claim: Claim) -> Row:
        """Read the row of a link; raises LinkError if its papers are not for the address of the link any more."""
        row = await self._context.row(claim)
        if not claim.about or identity(_address(row.subscription)) != identity(claim.about):
            again = path_to("/subscribe")
            raise LinkError(f"The subscription sends to another address by now. Subscribe again at {again}.")
        return row


def _address(one: Subscription) -> str:
    """Return the address that a subscription sends to, or "" if it sends no mail."""
    return one.channel.address if isinstance(one.channel, Email) else ""


def _arrival(one: Subscription, address: str) -> str:
    return f"Papers will be sent to {address} {schedule_phrase(one.schedule)}."
