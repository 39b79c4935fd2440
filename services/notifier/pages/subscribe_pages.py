"""The page that subscribes: an e-mail address for everybody, every channel for readers who are signed in."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from aiohttp import web
from pydantic import ValidationError

from services.notifier.access.client_quotas import ClientQuotas
from services.notifier.channels.email import Email
from services.notifier.channels.webhook import Webhook
from services.notifier.insight.preview import Preview
from services.notifier.pages.form_choices import BY_MAIL
from services.notifier.pages.form_page import form_page, secret_page
from services.notifier.pages.form_problems import FormError, problems_of
from services.notifier.pages.page import ASSETS, Notice, Page, answered, read_fields
from services.notifier.pages.subscribe_form import SubscribeForm
from services.notifier.pages.subscription_maker import SubscriptionMaker
from services.notifier.pages.visits import Visit, Visits
from services.notifier.subscribing.optin import OptIn
from services.notifier.subscription.model import NewSubscription, Status, Subscription
from services.notifier.subscription.owners import MAIL
from shared.coordination.quotas import Quota
from shared.errors import PermanentError, TransientError
from shared.http import Problem
from shared.http.site import path_to

PATH: Final = "/subscribe"
_FORMS: Final = Quota.within(10, 3_600)
"""Forms that one client may send to addresses."""
_CREATIONS: Final = Quota.within(120, 3_600)
"""Subscriptions that one client may create while signed in."""
_PREVIEWS: Final = Quota.within(60, 600)
"""Previews that one client may see: each asks the model and the index."""
_PREVIEW: Final = "preview"
_NONE: Final[Mapping[str, str]] = {}


class SubscribePages:
    """Answers the page, its form and its static files."""

    def __init__(
        self, quotas: ClientQuotas, optin: OptIn, maker: SubscriptionMaker, visits: Visits, *, delivers: bool
    ) -> None:
        """`delivers` says whether a mail server is set; without one messages stay in the outbox."""
        self._quotas = quotas
        self._delivers = delivers
        self._optin = optin
        self._maker = maker
        self._visits = visits

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return the routes."""
        return [web.get(PATH, answered(self.form)), web.post(PATH, answered(self.subscribe)), ASSETS.route()]

    async def form(self, request: web.Request) -> Page:
        """Show the form, and what its subscription would have sent."""
        form = SubscribeForm.read({name: request.query.getall(name) for name in request.query})
        visit = await self._visits.by_cookie(request)
        return await self._previewed(request, form, visit)

    async def subscribe(self, request: web.Request) -> Page:
        """Create the subscription, or show the form again with a preview or with what is wrong with it."""
        fields = await read_fields(request)
        form, visit = SubscribeForm.read(fields), await self._visits.by_cookie(request)
        if fields.get("go") == [_PREVIEW]:
            return await self._previewed(request, form, visit)
        try:
            new = await self._accepted(request, form, visit)
            if visit is None or (isinstance(new.channel, Email) and visit.owner.startswith(MAIL)):
                return await self._ask(new)
            made, secret = await self._maker.make(request, visit.owner, new, form.once)
        except (Problem, PermanentError, ValueError) as error:
            status = error.status if isinstance(error, Problem) else HTTPStatus.UNPROCESSABLE_ENTITY
            form = await self._maker.titled(_fresh(form))
            return replace(self._shown(form, visit, problems_of(error)), status=status)
        return _made(visit, made, secret)

    async def _accepted(self, request: web.Request, form: SubscribeForm, visit: Visit | None) -> NewSubscription:
        """Return the subscription of a form; raise ValueError or Problem with a sentence for the reader."""
        if visit is None and form.channel != BY_MAIL:
            raise Problem(HTTPStatus.FORBIDDEN, "Sign in to send papers to anything but an e-mail address.")
        if visit is None and (form.likes_from or form.only_if):
            raise Problem(HTTPStatus.FORBIDDEN, "Sign in to follow a place of liked papers, or to set a condition.")
        new = form.subscription()
        name, quota = ("subscribe:created", _CREATIONS) if visit else ("subscribe:forms", _FORMS)
        if not await self._quotas.take(request, name, quota):
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "Too many subscriptions. Try again in an hour.")
        return new

    async def _ask(self, new: NewSubscription) -> Page:
        """Mail a request to confirm; the answer is the same whether or not the address is known here."""
        address = str(new.channel.model_dump()["address"])
        await self._optin.ask(address, new)
        return _asked(address).page() if self._delivers else _kept(address).page()

    async def _previewed(self, request: web.Request, form: SubscribeForm, visit: Visit | None) -> Page:
        """Show the form, which works without its preview."""
        form, bare = await self._maker.titled(_fresh(form)), not request.query_string and request.method == "GET"
        unknown = (form.likes_from or form.cites) and request.method == "GET"
        if form.is_trending or unknown:  # there is nothing to preview yet
            return replace(self._shown(form, visit), listed=bare)
        if not await self._quotas.take(request, "subscribe:previews", _PREVIEWS):
            problems = {"": "Too many previews. Try again in ten minutes."}
            return replace(self._shown(form, visit, problems), status=HTTPStatus.TOO_MANY_REQUESTS)
        try:
            preview = await self._maker.preview(form, visit.owner if visit else self._quotas.client(request))
        except ValidationError as error:
            return self._shown(form, visit, FormError.of(error).problems)
        except (PermanentError, FormError) as error:
            return self._shown(form, visit, problems_of(error))
        except TransientError:
            return self._shown(form, visit)
        return self._shown(form, visit, preview=preview)

    def _shown(
        self,
        form: SubscribeForm,
        visit: Visit | None,
        problems: Mapping[str, str] = _NONE,
        preview: Preview | None = None,
    ) -> Page:
        return form_page(form, visit, problems=problems, preview=preview, model=self._maker.has_model)


def _fresh(form: SubscribeForm) -> SubscribeForm:
    """Return a form that can be sent once."""
    return form if form.once else replace(form, once=secrets.token_urlsafe(16))


def _made(visit: Visit, made: Subscription, secret: str | None) -> Page:
    """Show the secret of a new webhook, once; or redirect to the page of the subscription."""
    if isinstance(made.channel, Webhook) and secret:
        return secret_page(visit, made, secret, "Subscribed", HTTPStatus.CREATED)
    done = "Subscribed." if secret else "This subscription exists already."
    if secret and made.likes_from:
        done = f"Subscribed. The papers of {made.likes_from} are read in a moment: reload this page to see how many."
    if made.state.status is Status.UNCONFIRMED:
        done = "Almost done: a message asks the address to confirm. Nothing else is sent to it before."
    raise web.HTTPSeeOther(visit.done(done, made.id))


def _asked(address: str) -> Notice:
    """Return what a reader is told whose mail is on its way."""
    lines = (
        f"We sent a message to {address}. Open its link to confirm the subscription.",
        "If it does not arrive within a few minutes, check your spam folder. The link is valid for two days.",
    )
    return Notice("Check your mailbox", lines)


def _kept(address: str) -> Notice:
    """Return what a reader is told whose mail stays on the instance."""
    lines = (
        f"This instance has no mail server yet, so the message to {address} stays in its outbox.",
        "The operator can open it there with an API key. Its link confirms the subscription within two days.",
    )
    return Notice("No mail is sent yet", lines, links=(("Outbox", path_to("/outbox")),))
