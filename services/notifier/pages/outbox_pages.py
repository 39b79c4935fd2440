"""The outbox as pages, for an instance without a mail server. Shown on this machine only."""

from ipaddress import ip_address
from typing import Final

from aiohttp import web

from services.notifier.mailing.outbox import Outbox
from services.notifier.pages.page import Page, answered, document

_MAIL_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups"


class OutboxPages:
    """Answers the pages."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return the routes."""
        return [web.get("/outbox", answered(self.list)), web.get("/outbox/{id:[0-9a-f-]{36}}", self.message)]

    async def list(self, request: web.Request) -> Page:
        """List the messages."""
        _check_local(request)
        return Page("outbox.html", {"messages": await self._outbox.list()})

    async def message(self, request: web.Request) -> web.Response:
        """Show one message as its reader would see it; it may load nothing."""
        _check_local(request)
        found = await self._outbox.read(request.match_info["id"])
        if found is None:
            raise web.HTTPNotFound
        kind = "plain" if "text" in request.query else "html"
        part = found.get_body((kind,))
        return document(part.get_content() if part else "", f"text/{kind}", _MAIL_POLICY)


def _check_local(request: web.Request) -> None:
    """Answer 404 to requests from other machines: mail holds links that act for its readers.

    A page of another host that a browser here was lured to (DNS rebinding) names that host, and a request through a
    proxy has a forwarded address; both count as other machines.
    """
    forwarded = [hop.strip() for row in request.headers.getall("X-Forwarded-For", []) for hop in row.split(",")]
    hosts = [request.remote or "", *forwarded, request.url.host or ""]
    if not all(_is_local(host) for host in hosts):
        raise web.HTTPNotFound


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
