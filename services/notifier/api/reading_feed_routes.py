"""The routes of the private feed of a reading list."""

from typing import cast

from aiohttp import web

from services.notifier.access.guards import OWNER
from services.notifier.api.feed_routes import FeedLinks, answered_feed, links_of
from services.notifier.reading.list_feed import PATH, ListFeeds
from shared.http import Api, Problem
from shared.papers.feeds import Format

_LIST = "/v1/reading-list"


def reading_feed_routes(api: Api, feeds: ListFeeds) -> None:
    """Add the routes to those of the notifier."""

    @api.route("GET", f"{_LIST}/feed", summary="Get the feed of the reading list", response=FeedLinks, secured=True)
    async def get_reading_feed(request: web.Request) -> FeedLinks:
        """Return the addresses of the feed of saved papers; 404 until `rotate-feed` has made it."""
        found = await feeds.addresses(request[OWNER])
        if found is None:
            raise Problem(404, "The reading list has no feed yet: POST /v1/reading-list/rotate-feed makes it.")
        return links_of(found)

    @api.route("POST", f"{_LIST}/rotate-feed", summary="Make a new feed address", response=FeedLinks, secured=True)
    async def rotate_reading_feed(request: web.Request) -> FeedLinks:
        """Make the feed of saved papers, or give it new addresses; the previous ones stop working at once."""
        return links_of(await feeds.rotate(request[OWNER]))

    async def read(request: web.Request) -> web.Response:
        token, form = request.match_info["token"], cast("Format", request.match_info["form"])
        owner = await feeds.find(token)
        if owner is None:
            raise web.HTTPNotFound
        return answered_feed(request, await feeds.write(owner, token, form), form)

    api.plain.append(web.get(PATH + "{token:[A-Za-z0-9_-]{52}}.{form:atom|json}", read))
