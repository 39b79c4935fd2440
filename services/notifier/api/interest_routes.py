"""The routes that look into interests: what one would bring, and why it did or did not."""

from typing import Annotated, Final

from aiohttp import web
from pydantic import AfterValidator, Field, RootModel

from services.notifier.access.guards import OWNER, refuse_with_422, require_found
from services.notifier.access.quota import Quota
from services.notifier.insight.explain import Explanations, SubscriptionExplanation
from services.notifier.insight.explain_search import SearchExplanation, explain_search
from services.notifier.insight.preview import Preview, PreviewRequest, Previews
from services.notifier.matching.indexed_papers import Known
from services.notifier.subscribing.subscriptions import Subscriptions
from shared.embedding.embedder import Embedder
from shared.http import Api, Problem
from shared.http.api import Guard, Query
from shared.papers.names import canonical_id

EXPLAINED: Final = Quota(60, 60)
"""How often one client may have a search explained without a key."""


class ExplainQuery(Query):
    """A paper, and what to compare it with: a subscription of this key, or a query."""

    paper: Annotated[
        str, Field(min_length=1, max_length=500, description="any id of a paper"), AfterValidator(canonical_id)
    ]
    subscription: Annotated[str | None, Field(pattern="^[0-9a-fA-F-]{36}$", description="asks for a key")] = None
    q: Annotated[str | None, Field(min_length=1, max_length=1_000, description="what was searched for")] = None


class Explanation(RootModel[SubscriptionExplanation | SearchExplanation]):
    """Of a subscription, or of a search."""


class InterestApi:
    """The operations. `guard` asks for a key where only some of the requests need one."""

    def __init__(  # its collaborators
        self,
        previews: Previews,
        subscriptions: Subscriptions,
        explanations: Explanations,
        embedder: Embedder,
        *,
        guard: Guard,
        limit: Guard,
    ) -> None:
        self._previews = previews
        self._subscriptions = subscriptions
        self._explanations = explanations
        self._embedder = embedder
        self._guard = guard
        self._limit = limit

    async def preview_subscription(self, _: web.Request, asked: PreviewRequest) -> Preview:
        """Tell what it would have sent in the last days, and how many a week at every threshold; nothing is made."""
        return await refuse_with_422(self._previews.of(asked))

    async def explain(self, request: web.Request, asked: ExplainQuery) -> Explanation:
        """Say why a subscription tells of a paper or does not, or why a search finds it.

        The first needs the subscription's key. A paper's counters and a subscription's conditions are those of now.
        """
        if (asked.subscription is None) == (asked.q is None):
            raise Problem(422, "Give either subscription, or q.")
        if asked.subscription is None:
            await self._limit(request)
            paper = await self._paper(asked.paper)
            return Explanation(await explain_search(asked.q or "", paper, self._embedder))
        await self._guard(request)
        row = require_found(await self._subscriptions.get(request[OWNER], asked.subscription.lower()))
        return Explanation(await self._explanations.of(row, await self._paper(asked.paper)))

    async def _paper(self, name: str) -> Known:
        found = await self._explanations.papers.one(name)
        if found is None:
            raise Problem(404, f"There is no paper {name} here.")
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
        summary="Say why an alert came, or did not",
        response=Explanation,
        query=ExplainQuery,
        problems=(401, 404),  # the first where a subscription is asked about
    )(do.explain)
