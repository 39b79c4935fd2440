"""The routes of private feeds: their addresses, for the API key, and the feeds, for anyone with an address."""

from typing import Final, cast

from aiohttp import web
from pydantic import Field

from services.notifier.access.guards import ID_SEGMENT, OWNER, require_found
from services.notifier.alerts.private_feeds import PrivateFeeds
from services.notifier.secrets.feed_tokens import FEED_PATH, FeedAddresses
from services.notifier.subscribing.subscriptions import Subscriptions
from shared.export.paper_files import FORMATS, FormatId, whole
from shared.http import Api
from shared.http.api import Query
from shared.http.conditional import conditional_text, tag_of
from shared.papers.feeds import MEDIA, Format
from shared.papers.paper import Model
from shared.time_limit import in_thread

CACHE_S: Final = 300
"""Seconds that a reader may keep a feed."""
_ONE: Final = f"/v1/subscriptions/{ID_SEGMENT}"


class FeedLinks(Model):
    """The addresses of a private feed. Treat an address like a password: anyone who has it can read the feed."""

    atom: str
    json_feed: str = Field(description="JSON Feed 1.1")


class MatchesExport(Query):
    """The format of a file of matches."""

    format: FormatId = Field(default="bibtex", description="jsonl is what `paperwire import` reads")


def feed_routes(api: Api, subscriptions: Subscriptions, feeds: PrivateFeeds) -> None:
    """Add the routes to those of the notifier."""

    @api.route("GET", f"{_ONE}/feed", summary="Get the addresses of the feed", response=FeedLinks, secured=True)
    async def get_feed(request: web.Request) -> FeedLinks:
        """Return the addresses of a subscription's feed: its last hundred matches, whatever its channel."""
        row = require_found(await subscriptions.get(request[OWNER], request.match_info["id"].lower()))
        return links_of(await feeds.tokens.addresses(row.subscription))

    @api.route("POST", f"{_ONE}/rotate-feed", summary="Rotate the addresses", response=FeedLinks, secured=True)
    async def rotate_feed(request: web.Request) -> FeedLinks:
        """Create new addresses; the previous ones stop working at once."""
        row = require_found(await subscriptions.get(request[OWNER], request.match_info["id"].lower()))
        return links_of(await feeds.tokens.rotate(row.subscription))

    @api.route(
        "GET",
        f"{_ONE}/export",
        summary="Export the matches of a subscription",
        response={form.media: form.answer for form in FORMATS.values()},
        query=MatchesExport,
        secured=True,
    )
    async def export_matches(request: web.Request, asked: MatchesExport) -> web.Response:
        """Return the last hundred matches as one file: BibTeX, RIS, CSL-JSON, or JSON Lines for an import."""
        row = require_found(await subscriptions.get(request[OWNER], request.match_info["id"].lower()))
        form = FORMATS[asked.format]
        text = await in_thread(whole, asked.format, await feeds.papers(row))
        headers = {"Content-Disposition": f'attachment; filename="papers.{form.suffix}"'}
        return web.Response(body=text, content_type=form.media, charset="utf-8", headers=headers)

    async def read(request: web.Request) -> web.Response:
        token, form = request.match_info["token"], cast("Format", request.match_info["form"])
        row = await feeds.find(token)
        if row is None:
            raise web.HTTPNotFound
        return answered_feed(request, await feeds.write(row, token, form), form)

    api.plain.append(web.get(FEED_PATH + "{token:[A-Za-z0-9_-]{52}}.{form:atom|json}", read))


def links_of(found: FeedAddresses) -> FeedLinks:
    """Return the addresses of a feed as an answer."""
    return FeedLinks(atom=found.atom, json_feed=found.json)


def answered_feed(request: web.Request, body: bytes, form: Format) -> web.Response:
    """Return a feed, or 304 to a client that has it; proxies must not store it, and search engines must not list it."""
    headers = {"Cache-Control": f"private, max-age={CACHE_S}", "X-Robots-Tag": "noindex"}
    return conditional_text(request, tag_of(body), body, MEDIA[form], headers)
