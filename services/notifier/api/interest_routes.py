"""The routes of previews and explanations of subscriptions."""

from typing import Annotated

from aiohttp import web
from pydantic import AfterValidator, Field

from services.notifier.access.guards import OWNER, refuse_with_422, require_found
from services.notifier.insight.explain import Explanations, SubscriptionExplanation
from services.notifier.insight.preview import Preview, PreviewRequest, Previews
from services.notifier.matching.indexed_papers import IndexedPaper
from services.notifier.subscribing.subscriptions import Subscriptions
from shared.connections import READS
from shared.http import Api, Problem
from shared.http.api import Query
from shared.papers.names import canonical_id


class ExplainQuery(Query):
    """A paper, and the subscription to compare it with."""

    paper: Annotated[
        str, Field(min_length=1, max_length=500, description="any id of a paper"), AfterValidator(canonical_id)
    ]
    subscription: str = Field(
        pattern="^[0-9a-fA-F-]{36}$",
        description="a subscription of the API key",
    )


class InterestApi:
    """The operations."""

    def __init__(self, previews: Previews, subscriptions: Subscriptions, explanations: Explanations) -> None:
        self._previews = previews
        self._subscriptions = subscriptions
        self._explanations = explanations

    async def preview_subscription(self, request: web.Request, asked: PreviewRequest) -> Preview:
        """Return what a subscription would have sent in the last days, and the alerts a week at each threshold."""
        request[READS] = True
        return await refuse_with_422(self._previews.of(asked, request[OWNER]))

    async def explain_subscription(self, request: web.Request, asked: ExplainQuery) -> SubscriptionExplanation:
        """Explain why a subscription sends a paper, or does not; this needs the API key of the subscription.

        The counters of the paper and the conditions of the subscription are the current ones.
        """
        row = require_found(await self._subscriptions.get(request[OWNER], asked.subscription.lower()))
        return await self._explanations.of(row, await self._paper(asked.paper))

    async def _paper(self, name: str) -> IndexedPaper:
        found = await self._explanations.papers.one(name)
        if found is None:
            raise Problem(404, f"The paper {name} is not in the index.")
        return found


def interest_routes(api: Api, do: InterestApi) -> None:
    """Add the routes to those of the notifier."""
    api.route(
        "POST",
        "/v1/subscriptions/preview",
        summary="See what a subscription would bring",
        response=Preview,
        body=PreviewRequest,
        secured=True,
    )(do.preview_subscription)
    api.route(
        "GET",
        "/v1/explain",
        summary="Explain why an alert was sent",
        response=SubscriptionExplanation,
        query=ExplainQuery,
        secured=True,
    )(do.explain_subscription)
