"""The page that subscribes an e-mail address."""

from functools import cache
from http import HTTPStatus
from typing import Final

from aiohttp import web
from pydantic import ValidationError

from services.notifier.access.client_quotas import ClientQuotas
from services.notifier.insight.preview import Preview, PreviewRequest, Previews
from services.notifier.pages import subscribe_form
from services.notifier.pages.page import ASSETS, Notice, Page, answered, read_form
from services.notifier.pages.subscribe_form import SubscribeForm
from services.notifier.subscribing.optin import OptIn
from shared.coordination.quotas import Quota
from shared.errors import PermanentError, TransientError
from shared.http.site import path_to

_FORMS: Final = Quota.within(10, 3_600)
"""Forms that one client may send."""
_PREVIEWS: Final = Quota.within(60, 600)
"""Previews that one client may see: each asks the model and the index."""
_PREVIEW_ALERTS: Final = 5


class SubscribePages:
    """Answers the page, its form and its static files."""

    def __init__(self, quotas: ClientQuotas, optin: OptIn, previews: Previews, *, delivers: bool) -> None:
        """`delivers` says whether a mail server is set; without one messages stay in the outbox."""
        self._quotas = quotas
        self._delivers = delivers
        self._optin = optin
        self._previews = previews

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return the routes."""
        path = "/subscribe"
        return [web.get(path, answered(self.form)), web.post(path, answered(self.subscribe)), ASSETS.route()]

    async def form(self, request: web.Request) -> Page:
        """Show the form, and what its subscription would send."""
        form = SubscribeForm.read(request.query)
        if not await self._quotas.take(request, "subscribe:previews", _PREVIEWS):
            problem = "Too many previews. Try again in ten minutes."
            return _page(form, problem=problem, status=HTTPStatus.TOO_MANY_REQUESTS)
        try:
            preview = await self._preview(form, self._quotas.client(request)) if form.q else None
        except (PermanentError, TransientError, ValidationError):
            preview = None  # the form works without it
        return _page(form, preview=preview, listed=not form.q)

    async def _preview(self, form: SubscribeForm, client: str) -> Preview | None:
        request = PreviewRequest.model_validate(form.criteria() | {"limit": _PREVIEW_ALERTS})
        preview = await self._previews.of(request, client)
        return preview if preview.enough else None

    async def subscribe(self, request: web.Request) -> Page:
        """Mail a request to confirm; the answer is the same whether or not the address is known here."""
        form = SubscribeForm.read(await read_form(request))
        try:
            new = form.subscription()
        except ValueError as error:
            return _page(form, problem=str(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
        if not await self._quotas.take(request, "subscribe:forms", _FORMS):
            problem = "Too many subscriptions. Try again in an hour."
            return _page(form, problem=problem, status=HTTPStatus.TOO_MANY_REQUESTS)
        await self._optin.ask(new.channel.model_dump()["address"], new)
        return _asked(form.address).page() if self._delivers else _kept(form.address).page()


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


def _page(
    form: SubscribeForm,
    *,
    problem: str | None = None,
    preview: Preview | None = None,
    status: int = HTTPStatus.OK,
    listed: bool = False,
) -> Page:
    context = {"form": form, "problem": problem, "preview": preview, "choices": subscribe_form, "zones": _zones()}
    return Page("subscribe.html", context, status, scripts=True, listed=listed)


@cache
def _zones() -> list[str]:
    return subscribe_form.zones()
