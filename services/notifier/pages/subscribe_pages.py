"""The pages of mail: the form that subscribes an address, and the outbox of an instance without a mail server."""

from collections.abc import Sequence
from functools import cache
from ipaddress import ip_address
from typing import Any, Final

from aiohttp import web
from pydantic import ValidationError
from redis.asyncio import Redis

from services.notifier.access.quota import Quota
from services.notifier.insight.preview import Preview, PreviewRequest, Previews
from services.notifier.mailing.outbox import Outbox
from services.notifier.pages import subscribe_form
from services.notifier.pages.page import ASSETS, HEADERS, Page, read_form, render, render_template
from services.notifier.pages.subscribe_form import SubscribeForm
from services.notifier.subscribing.optin import OptIn
from shared.errors import PermanentError, TransientError
from shared.http.clients import client_address
from shared.settings import Network

_FORMS: Final = Quota(10, 3_600)
"""Forms that one client may send."""
_LOOKS: Final = Quota(60, 600)
"""Previews that one client may see: each asks the model and the index."""


class MailPages:
    """Answers the pages. `trusted` are the proxies whose word about the client is believed."""

    def __init__(
        self, redis: Redis, optin: OptIn, previews: Previews, outbox: Outbox | None, trusted: Sequence[Network]
    ) -> None:
        """`outbox` is None where mail goes to a server."""
        self._redis = redis
        self._optin = optin
        self._previews = previews
        self._outbox = outbox
        self._trusted = trusted

    def routes(self) -> list[web.AbstractRouteDef]:
        """Give the routes."""
        routes = [
            web.get("/subscribe", self.form),
            web.post("/subscribe", self.subscribe),
            ASSETS.route(),
        ]
        if self._outbox:
            routes += [web.get("/outbox", self.outbox), web.get("/outbox/{name:[0-9a-f-]{36}}", self.message)]
        return routes

    async def form(self, request: web.Request) -> web.Response:
        """Show the form, and what it would send."""
        form = SubscribeForm.read(request.query)
        if not await _LOOKS.take(self._redis, f"subscribe:looks:{self._client(request)}"):
            return render_template(
                "subscribe.html", _context(form, problem="Too many looks: try again in some minutes."), 429
            )
        try:
            preview = await self._preview(form) if form.q else None
        except (PermanentError, TransientError, ValidationError):
            preview = None  # the form is there without it
        return render_template("subscribe.html", _context(form, preview=preview), public=not form.q)

    async def _preview(self, form: SubscribeForm) -> Preview | None:
        asked = PreviewRequest.model_validate(form.wish() | {"limit": 5})
        found = await self._previews.of(asked)
        return found if found.enough else None

    async def subscribe(self, request: web.Request) -> web.Response:
        """Take the form: the answer is the same whether the address is known here or not."""
        form = SubscribeForm.read(await read_form(request))
        try:
            new = form.subscription()
        except ValueError as error:
            return render_template("subscribe.html", _context(form, problem=str(error)), 422)
        if not await _FORMS.take(self._redis, f"subscribe:forms:{self._client(request)}"):
            return render_template(
                "subscribe.html", _context(form, problem="Too many at once: try again in an hour."), 429
            )
        await self._optin.ask(new.channel.model_dump()["address"], new)
        lines = (
            f"A mail is on its way to {form.address}. It holds a link that begins the subscription.",
            "If it does not come within some minutes, look among the unwanted mail. The link is good for two days.",
        )
        return render(Page("Look into your mailbox", lines))

    def _client(self, request: web.Request) -> str:
        return client_address(request.remote, request.headers.getall("X-Forwarded-For", []), self._trusted)

    async def outbox(self, request: web.Request) -> web.Response:
        """List what would have been sent."""
        box = self._private(request)
        return render_template("outbox.html", {"messages": await box.list()})

    async def message(self, request: web.Request) -> web.Response:
        """Show one message as its reader would see it: the HTML, in a page that may load nothing."""
        found = await self._private(request).read(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        kind = "plain" if "text" in request.query else "html"
        part = found.get_body((kind,))
        headers = HEADERS | {
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups"
        }
        text = part.get_content() if part else ""
        return web.Response(text=text, content_type=f"text/{kind}", headers=headers)

    def _private(self, request: web.Request) -> Outbox:
        """Let through who is at this machine: mail holds links that act for its readers.

        A page of another host that a browser here was lured to (DNS rebinding) names that host; whoever comes through a
        proxy has a forwarded address. Both are strangers.
        """
        forwarded = [hop.strip() for row in request.headers.getall("X-Forwarded-For", []) for hop in row.split(",")]
        hosts = [request.remote or "", *forwarded, request.url.host or ""]
        if self._outbox is None or not all(_is_here(host) for host in hosts):
            raise web.HTTPNotFound
        return self._outbox


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _context(form: SubscribeForm, *, problem: str | None = None, preview: Preview | None = None) -> dict[str, Any]:
    return {"form": form, "problem": problem, "preview": preview, "choices": subscribe_form, "zones": _zones()}


@cache
def _zones() -> list[str]:
    return subscribe_form.zones()
