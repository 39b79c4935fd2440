"""The routes that look into interests: what one would bring."""

from aiohttp import web

from services.notifier.access import checked
from services.notifier.preview import Preview, PreviewRequest, Previews
from shared.http import Api


def interest_routes(api: Api, previews: Previews) -> None:
    """Add the routes to those of the notifier."""

    @api.route(
        "POST",
        "/v1/subscriptions/preview",
        summary="See what a subscription would bring",
        response=Preview,
        body=PreviewRequest,
        secured=True,
    )
    async def preview_subscription(_: web.Request, asked: PreviewRequest) -> Preview:
        """Tell what it would have sent in the last days, and how many a week at every threshold; nothing is made."""
        return await checked(previews.of(asked))
