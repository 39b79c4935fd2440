"""The outbox as pages, where mail stays on an instance without a mail server. For this machine only, with a key."""

from typing import Final

from aiohttp import web

from services.notifier.access.api_keys import ApiKeys, Scope
from services.notifier.access.guards import authorize
from services.notifier.mailing.outbox import Outbox
from services.notifier.pages.page import Page, answered, document
from shared.http.clients import is_direct, is_loopback

_MAIL_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups"


class OutboxPages:
    """Answers the pages."""

    def __init__(self, outbox: Outbox, keys: ApiKeys) -> None:
        self._outbox = outbox
        self._keys = keys

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return the routes."""
        return [web.get("/outbox", answered(self.list)), web.get("/outbox/{id:[0-9a-f-]{36}}", self.message)]

    async def list(self, request: web.Request) -> Page:
        """List the messages."""
        await self._admit(request)
        return Page("outbox.html", {"messages": await self._outbox.list()})

    async def message(self, request: web.Request) -> web.Response:
        """Show one message as its reader would see it; it may load nothing."""
        await self._admit(request)
        found = await self._outbox.read(request.match_info["id"])
        if found is None:
            raise web.HTTPNotFound
        kind = "plain" if "text" in request.query else "html"
        part = found.get_body((kind,))
        return document(part.get_content() if part else "", f"text/{kind}", _MAIL_POLICY)

    async def _admit(self, request: web.Request) -> None:
        """Admit requests from this machine with an API key of the scope `admin`: mail holds links that act for readers.

        A page of another host that a browser here was lured to (DNS rebinding) names that host, and a proxy names its
        client in a header; both get 404. A browser asks for the key as the password of any user.
        """
        if not is_direct(request.remote, request.headers) or not is_loopback(request.url.host or ""):
            raise web.HTTPNotFound
        await authorize(self._keys, request, Scope.ADMIN, challenge="Basic")
