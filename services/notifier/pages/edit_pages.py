"""The pages that edit a subscription, and give it a new secret or a new address of its feed."""

from dataclasses import replace
from http import HTTPStatus

from aiohttp import web
from pydantic import ValidationError

from services.notifier.access.guards import ID_SEGMENT
from services.notifier.channels.webhook import Webhook
from services.notifier.pages.form_page import form_page, secret_page
from services.notifier.pages.form_problems import problems_of
from services.notifier.pages.page import Page, answered, read_fields
from services.notifier.pages.subscribe_form import SubscribeForm
from services.notifier.pages.subscription_maker import SubscriptionMaker
from services.notifier.pages.visits import PATH, TOKEN, Visit, Visits
from services.notifier.secrets.feed_tokens import FeedTokens
from services.notifier.secrets.signed_links import LinkError
from services.notifier.subscribing.subscriptions import Subscriptions
from services.notifier.subscription.model import Subscription
from shared.errors import PermanentError


class EditPages:
    """Answers the pages of one subscription that change more than its state."""

    def __init__(
        self, visits: Visits, subscriptions: Subscriptions, maker: SubscriptionMaker, feeds: FeedTokens
    ) -> None:
        """`maker` previews what a changed subscription would have sent."""
        self._visits = visits
        self._subscriptions = subscriptions
        self._maker = maker
        self._feeds = feeds

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return the routes, which go before those of any other action."""
        one = f"{PATH}/{TOKEN}/{ID_SEGMENT}"
        return [
            web.get(f"{one}/edit", answered(self.form)),
            web.post(f"{one}/edit", answered(self.edit)),
            web.post(f"{one}/secret", answered(self.rotate_secret)),
            web.post(f"{one}/feed", answered(self.rotate_feed)),
        ]

    async def form(self, request: web.Request) -> Page:
        """Show a subscription in the form."""
        visit, one = await self._read(request)
        form = await self._maker.titled(SubscribeForm.of(one))
        return form_page(form, visit, edited=one, model=self._maker.has_model)

    async def edit(self, request: web.Request) -> Page:
        """Change the subscription, or show the form again with a preview or with what is wrong with it."""
        visit, one = await self._read(request)
        fields = await read_fields(request)
        form = replace(await self._maker.titled(SubscribeForm.read(fields)), kept=one.likes_from)
        model = self._maker.has_model
        try:
            patch = form.patch()
            if fields.get("go") == ["preview"]:
                preview = await self._maker.preview(form, visit.owner, one)
                return form_page(form, visit, edited=one, preview=preview, model=model)
            await self._subscriptions.patch(one.id, patch)
        except (ValidationError, ValueError, PermanentError) as error:
            apart = isinstance(error, ValidationError)
            problems = {"": "The conditions contradict each other."} if apart else problems_of(error)
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return replace(form_page(form, visit, edited=one, problems=problems, model=model), status=status)
        raise web.HTTPSeeOther(visit.done("Saved.", one.id))

    async def rotate_secret(self, request: web.Request) -> Page:
        """Show a new secret; the present one is valid for another day."""
        visit, one = await self._read(request)
        if not isinstance(one.channel, Webhook):
            raise PermanentError("Only a webhook has a secret that signs its alerts.")
        return secret_page(visit, one, await self._subscriptions.rotate(one.id), "A new secret")

    async def rotate_feed(self, request: web.Request) -> Page:
        """Give the feed another address."""
        visit, one = await self._read(request)
        await self._feeds.rotate(one)
        raise web.HTTPSeeOther(visit.done("The feed has a new address. The previous one no longer works.", one.id))

    async def _read(self, request: web.Request) -> tuple[Visit, Subscription]:
        visit = await self._visits.of(request, request.match_info["token"])
        row = await self._subscriptions.get(visit.owner, request.match_info["id"].lower())
        if row is None:
            raise LinkError("This subscription does not exist, or is not yours.")
        return visit, row.subscription
