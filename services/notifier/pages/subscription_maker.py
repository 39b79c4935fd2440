"""Makes subscriptions out of the form, for readers who are signed in."""

from dataclasses import replace
from typing import Any, Final

from aiohttp import web

from services.notifier.access.send_limits import SendLimits
from services.notifier.channels.email import Email
from services.notifier.fields.likes_from import LikesPlace
from services.notifier.insight.preview import Preview, PreviewRequest, Previews
from services.notifier.matching.indexed_papers import IndexedPapers
from services.notifier.pages.form_problems import FormError
from services.notifier.pages.subscribe_form import SubscribeForm
from services.notifier.subscribing.optin import MAX_SUBSCRIPTIONS, OptIn
from services.notifier.subscribing.subscriptions import Subscriptions
from services.notifier.subscription.model import NewSubscription, Status, Subscription, derived_id
from services.notifier.subscription.owners import MAIL
from shared.errors import PermanentError, TransientError
from shared.http import Problem

PREVIEWED: Final = 7
"""Alerts that the preview beside the form lists."""


class SubscriptionMaker:
    """Creates subscriptions, and previews them before."""

    def __init__(
        self,
        subscriptions: Subscriptions,
        papers: IndexedPapers,
        *,
        optin: OptIn,
        previews: Previews,
        limits: SendLimits,
    ) -> None:
        """`optin` asks addresses to confirm, within the `limits`."""
        self.has_model = previews.has_model
        self._subscriptions = subscriptions
        self._papers = papers
        self._optin = optin
        self._previews = previews
        self._limits = limits

    async def make(
        self, request: web.Request, owner: str, new: NewSubscription, once: str
    ) -> tuple[Subscription, str | None]:
        """Create a subscription, and return it with its secret; without one if the same form made it before.

        Raises:
            PermanentError: it cannot be created; the text says why.
            TransientError: Qdrant does not answer.

        """
        name = derived_id(f"form {owner} {once}") if once else None
        known = await self._subscriptions.get(owner, name) if name else None
        if known:
            return known.subscription, None
        await self._check(request, owner, new)
        made, secret = await self._subscriptions.create(owner, new, name)
        if made.state.status is Status.UNCONFIRMED:
            await self._optin.ask_for_key(owner, made)
        return made, secret

    async def _check(self, request: web.Request, owner: str, new: NewSubscription) -> None:
        """Raise PermanentError for one subscription too many of an address, or one message too many to an address."""
        if owner.startswith(MAIL):
            if isinstance(new.channel, Email):  # whose confirmation belongs to the address that it names
                raise PermanentError("An address confirms each of its subscriptions by mail. Sign out to subscribe it.")
            if len((await self._subscriptions.page(owner, 0, MAX_SUBSCRIPTIONS))[0]) >= MAX_SUBSCRIPTIONS:
                raise PermanentError(f"There are {MAX_SUBSCRIPTIONS} subscriptions already: delete one of them first.")
        elif not await self._subscriptions.consents.allow(owner, new.channel):
            try:
                await self._limits.confirmation(request, owner)
            except Problem as problem:
                raise PermanentError(str(problem)) from problem

    async def titled(self, form: SubscribeForm) -> SubscribeForm:
        """Return a form with the titles of its papers, as far as the index knows them and answers."""
        ids = [*form.lists.get("like", ()), *form.lists.get("unlike", ())]
        try:
            known = await self._papers.current(ids) if ids else {}
        except TransientError:
            return form
        return replace(form, titles={id_: " ".join(known[id_]["title"].split()) for id_ in ids if id_ in known})

    async def preview(self, form: SubscribeForm, client: str, present: Subscription | None = None) -> Preview | None:
        """Return what a form would have sent lately, or None if that cannot be told.

        `present` is the subscription that the form changes. Raises as `Previews.of`, ValidationError, and FormError if
        the papers are to cite others.
        """
        if form.is_trending or form.changes == ("trending",):
            return None
        asked = PreviewRequest.model_validate(_kept(present) | form.criteria() | {"limit": PREVIEWED})
        if asked.cites:
            raise FormError({"cites": "A preview cannot tell who will cite your papers."})
        if asked.likes_from and not _is_read(asked.likes_from, present):
            return None  # its papers are known once it was read
        return await self._previews.of(asked, client)


def _is_read(place: LikesPlace, present: Subscription | None) -> bool:
    """Return whether the liked papers of a subscription come from a place already."""
    known = present.likes_from if present else None
    return known is not None and known.identity() == place.identity()


_NOT_IN_THE_FORM: Final = frozenset({"min_signals", "papers", "counters", "sensitivity"})


def _kept(present: Subscription | None) -> dict[str, Any]:
    """Return the criteria of a subscription that the form does not show."""
    return present.model_dump(include=set(_NOT_IN_THE_FORM)) if present else {}
