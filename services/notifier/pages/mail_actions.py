"""What the links of mail show and do: confirm a subscription, and leave one."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from services.notifier.mailing.compose import FOR_GOOD
from services.notifier.pages.feedback_actions import Desk
from services.notifier.pages.page import Form, Page
from services.notifier.secrets.signed_links import Action, Claim, make
from services.notifier.subscribing.optin import OptIn
from services.notifier.subscription.digest_schedule import schedule_phrase
from services.notifier.subscription.model import Subscription
from services.notifier.subscription.store import Row

LEFT = "Its reader unsubscribed."
Stop = Callable[[Row, str], Awaitable[None]]


class Confirm:
    """The answer of an address: the link is about it."""

    def __init__(self, optin: OptIn, key: bytes, clock: Callable[[], float]) -> None:
        """`clock` gives Unix seconds."""
        self._optin = optin
        self._key = key
        self._clock = clock

    async def show(self, claim: Claim) -> Page:
        """Ask."""
        wanted = await self._optin.waiting(claim)
        form = Form("Confirm", make(self._key, claim))
        return Page(f"Subscribe to “{wanted.name}”?", (_promise(wanted, claim.about),), (form,))

    async def act(self, claim: Claim, _: Mapping[str, str]) -> Page:
        """Begin."""
        made = await self._optin.confirm(claim)
        until = int(self._clock()) + FOR_GOOD
        links = tuple(
            (label, make(self._key, Claim(action, made.id, about, until)))
            for label, action, about in (
                ("Manage this subscription", Action.MANAGE, claim.about),
                ("Unsubscribe", Action.UNSUBSCRIBE, ""),
            )
        )
        return Page("You are subscribed", (f"“{made.name}”", _promise(made, claim.about)), links=links)


class Unsubscribe:
    """Leave: by the button of a mail program (RFC 8058), or by the one on the page."""

    def __init__(self, desk: Desk, stop: Stop) -> None:
        """`stop` disables a subscription for a reason, and tells who owns it."""
        self._desk = desk
        self._stop = stop

    async def show(self, claim: Claim) -> Page:
        """Ask."""
        one = await self._desk.subscription(claim)
        form = Form("Unsubscribe", make(self._desk.key, claim))
        return Page(f"Unsubscribe from “{one.name}”?", ("Nothing more will be sent.",), (form,))

    async def act(self, claim: Claim, _: Mapping[str, str]) -> Page:
        """End it; to leave twice is to leave."""
        one = await self._desk.subscription(claim)
        row = (await self._desk.store.several([one.id]))[0]
        if row and row.subscription.state.reason != LEFT:
            await self._stop(row, LEFT)
        again = Form("Subscribe again", make(self._desk.key, replace(claim, action=Action.RESUME)))
        return Page("You are unsubscribed", (f"Nothing more of “{one.name}” will be sent.",), (again,))


def _promise(one: Subscription, address: str) -> str:
    return f"Papers will come to {address} {schedule_phrase(one.schedule)}."
