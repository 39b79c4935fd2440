"""The actions of links in mail: confirm a subscription, and unsubscribe."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from services.notifier.mailing.compose import PERMANENT_S
from services.notifier.pages.feedback_actions import LinkContext
from services.notifier.pages.page import Form, Notice
from services.notifier.secrets.signed_links import Action, Claim, make
from services.notifier.subscribing.optin import OptIn
from services.notifier.subscription.digest_schedule import schedule_phrase
from services.notifier.subscription.model import Subscription
from services.notifier.subscription.store import Row

UNSUBSCRIBED = "Its reader unsubscribed."
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
        wanted = await self._optin.waiting(claim)
        form = Form("Confirm", make(self._key, claim))
        return Notice(f"Subscribe to “{wanted.name}”?", (_arrival(wanted, claim.about),), (form,))

    async def act(self, claim: Claim, _: Mapping[str, str]) -> Notice:
        """Activate the subscription."""
        made = await self._optin.confirm(claim)
        until = int(self._clock()) + PERMANENT_S
        links = tuple(
            (label, make(self._key, Claim(action, made.id, about, until)))
            for label, action, about in (
                ("Manage this subscription", Action.MANAGE, claim.about),
                ("Unsubscribe", Action.UNSUBSCRIBE, ""),
            )
        )
        return Notice("You are subscribed", (f"“{made.name}”", _arrival(made, claim.about)), links=links)


class Unsubscribe:
    """Ends a subscription, by the button of a mail program (RFC 8058) or by the one on the page."""

    def __init__(self, context: LinkContext, stop: Stop) -> None:
        """`stop` disables a subscription for a reason, and notifies its owner."""
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
        if one.state.reason != UNSUBSCRIBED:
            await self._stop(row, UNSUBSCRIBED)
        again = Form("Subscribe again", make(self._context.key, replace(claim, action=Action.RESUME)))
        return Notice("You are unsubscribed", (f"You will get no more mail of “{one.name}”.",), (again,))


def _arrival(one: Subscription, address: str) -> str:
    return f"Papers will be sent to {address} {schedule_phrase(one.schedule)}."
