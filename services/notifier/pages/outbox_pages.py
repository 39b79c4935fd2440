"""The outbox as pages, where mail stays on an instance without a mail server. For the operator's API key."""

from typing import Final

from aiohttp import web

from services.notifier.access.api_keys import ApiKeys
from services.notifier.access.guards import authorize
from services.notifier.mailing.outbox import Outbox
from services.notifier.pages.page import Page, answered, document
from shared.http.patience import patient
from shared.readers.api_key import Scope

_MAIL_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups"


class OutboxPages:
    """Answers the pages."""

    def __init__(self, outbox: Outbox, keys: ApiKeys) -> None:
        self._outbox = outbox
        self._keys = keys

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return the routes."""
        return [web.get("/outbox", answered(self.list)), web.get("/outbox/{id:[0-9a-f-]{36}}", patient(self.message))]

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
        """Admit requests with an API key of the scope `admin`: mail holds links that act for readers.

        A browser asks for the key as the password of any user, and sends it to the host that asked only.
        """
        await authorize(self._keys, request, Scope.ADMIN, challenge="Basic")
