"""The subscription API. Every object belongs to an API key; other keys get 404."""

from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, Field

from services.notifier.access.api_keys import ApiKeys
from services.notifier.access.guards import ID_SEGMENT, OWNER, guard, refuse_with_422, require_found
from services.notifier.access.send_limits import SendLimits
from services.notifier.api.reading_examples import READING_EXAMPLES
from services.notifier.api.subscription_examples import EXAMPLES
from services.notifier.channels.registry import AnyChannel
from services.notifier.delivery.history import DeliveryView, History
from services.notifier.matching.judge import Judge
from services.notifier.secrets.vault import ROTATION_OVERLAP
from services.notifier.subscribing.optin import OptIn
from services.notifier.subscribing.subscriptions import Subscriptions
from services.notifier.subscription.model import (
    NewSubscription,
    Status,
    Subscription,
    SubscriptionPatch,
    SubscriptionWithSecret,
)
from services.notifier.subscription.store import Row
from shared.errors import PermanentError
from shared.http import Api, Problem
from shared.http.api import Handler, Query
from shared.papers.paper import Model

_LIST = "/v1/subscriptions"
_ONE = f"{_LIST}/{ID_SEGMENT}"


class SubscriptionsQuery(Query):
    """A page of subscriptions."""

    limit: Annotated[int, Field(ge=1, le=200)] = 20
    cursor: Annotated[str, Field(pattern="^[0-9]{1,15}$", description="`next_cursor` of the page before")] = "0"


class DeliveriesQuery(Query):
    """A page of deliveries."""

    limit: Annotated[int, Field(ge=1, le=200)] = 20
    cursor: Annotated[str | None, Field(pattern="^[0-9a-f-]{36}$", description="`next_cursor` of the page before")] = (
        None
    )


class SubscriptionPage(Model):
    """Subscriptions, oldest first."""

    subscriptions: tuple[Subscription, ...]
    next_cursor: str | None


class DeliveryPage(Model):
    """Deliveries, newest first."""

    deliveries: tuple[DeliveryView, ...]
    next_cursor: str | None


class NewSecret(Model):
    """A new secret, and how long the previous one signs too."""

    secret: str
    previous_valid_seconds: int = int(ROTATION_OVERLAP)


class SubscriptionApi:
    """The operations. Each is a step of `Subscriptions` or `History`, for the owner of the key."""

    def __init__(
        self, subscriptions: Subscriptions, history: History, optin: OptIn, limits: SendLimits, judge: Judge
    ) -> None:
        """`optin` asks addresses to confirm, within the `limits`; `judge` checks conditions."""
        self._judge = judge
        self._optin = optin
        self._limits = limits
        self._subscriptions = subscriptions
        self._history = history

    async def create_subscription(self, request: web.Request, new: NewSubscription) -> SubscriptionWithSecret:
        """Subscribe. The secret that alerts are signed with is in this answer only.

        An e-mail address that has not confirmed to this API key gets a message that asks it to; the subscription is
        `unconfirmed` until then. `notes` say what this instance cannot do for want of a setting.
        """
        await self._count_asking(request, new.channel)
        made, secret = await refuse_with_422(self._subscriptions.create(request[OWNER], new))
        await self._ask_if_unconfirmed(request, made)
        return SubscriptionWithSecret(
            **made.model_dump(by_alias=True), secret=secret, notes=self._judge.notes(made.only_if)
        )

    async def list_subscriptions(self, request: web.Request, query: SubscriptionsQuery) -> SubscriptionPage:
        """List the subscriptions of this key, oldest first."""
        rows, more = await self._subscriptions.page(request[OWNER], int(query.cursor), query.limit)
        return SubscriptionPage(subscriptions=tuple(rows), next_cursor=None if more is None else str(more))

    async def get_subscription(self, request: web.Request) -> Subscription:
        """Return one subscription."""
        return (await self._row(request)).subscription

    async def change_subscription(self, request: web.Request, patch: SubscriptionPatch) -> Subscription:
        """Change the given fields; null restores a default."""
        row = await self._row(request)
        if patch.channel:
            await self._count_asking(request, patch.channel)
        changed = require_found(await refuse_with_422(self._subscriptions.patch(row.subscription.id, patch)))
        if patch.channel:
            await self._ask_if_unconfirmed(request, changed)
        return changed

    async def delete_subscription(self, request: web.Request) -> None:
        """Delete a subscription. Alerts that were not yet delivered are dropped."""
        await self._subscriptions.remove(await self._row(request))

    async def test_subscription(self, request: web.Request) -> DeliveryView:
        """Send a sample alert now, without retries, and return the answer of the endpoint."""
        row = await self._row(request)
        if not row.subscription.active:
            raise Problem(409, f"The subscription is {row.subscription.state.status.value}: resume it first.")
        if row.subscription.channel.transport is None:
            raise Problem(409, "Nothing is sent to a feed: open its address.")
        await self._limits.test(request, row.owner, row.subscription.channel)
        return await self._history.test(row.owner, row.subscription)

    async def pause_subscription(self, request: web.Request) -> Subscription:
        """Pause a subscription. Nothing is sent until it is resumed; matches for digests are kept."""
        row = await self._row(request)
        return require_found(await refuse_with_422(self._subscriptions.set_status(row.subscription.id, Status.PAUSED)))

    async def resume_subscription(self, request: web.Request) -> Subscription:
        """Match again, and send what was held back; an address that has not confirmed is asked again."""
        row = await self._row(request)
        try:
            resumed = require_found(await self._subscriptions.resume(row))
        except PermanentError as error:
            raise Problem(409, str(error)) from error
        if resumed.active:
            await self._history.resume(resumed)
        else:
            await self._limits.confirmation(request, row.owner)
            await self._ask_if_unconfirmed(request, resumed)
        return resumed

    async def rotate_secret(self, request: web.Request) -> NewSecret:
        """Create a new secret; for a day alerts are signed with the previous one too."""
        row = await self._row(request)
        return NewSecret(secret=await self._subscriptions.rotate(row.subscription.id))

    async def list_deliveries(self, request: web.Request, query: DeliveriesQuery) -> DeliveryPage:
        """List the deliveries of a subscription, newest first, with every attempt."""
        row = await self._row(request)
        page = await self._history.page(row.subscription.id, query.cursor, query.limit)
        if page is None:
            raise Problem(422, "cursor: is no longer valid; start again without it.")
        return DeliveryPage(deliveries=tuple(page[0]), next_cursor=page[1])

    async def redeliver(self, request: web.Request) -> DeliveryView:
        """Send a delivery again, under the same webhook-id and with a fresh retry schedule."""
        record = require_found(await self._history.get(request[OWNER], request.match_info["id"].lower()))
        row = await self._subscriptions.get(request[OWNER], record.subscription)
        return require_found(await self._history.redeliver(record, require_found(row).subscription.channel))

    async def _count_asking(self, request: web.Request, channel: AnyChannel) -> None:
        """Count the message that a channel needs before it is used; raise Problem 429 if it is one too many."""
        if not await refuse_with_422(self._subscriptions.consents.allow(request[OWNER], channel)):
            await self._limits.confirmation(request, request[OWNER])

    async def _ask_if_unconfirmed(self, request: web.Request, one: Subscription) -> None:
        if one.state.status is Status.UNCONFIRMED:
            await self._optin.ask_for_key(request[OWNER], one)

    async def _row(self, request: web.Request) -> Row:
        return require_found(await self._subscriptions.get(request[OWNER], request.match_info["id"].lower()))


def routes(keys: ApiKeys, do: SubscriptionApi) -> Api:
    """Make the routes of the notifier."""
    about = "Subscribe to papers, and see what was delivered, with an API key."
    api = Api("subscriptions", guard(keys), about=about, examples=EXAMPLES | READING_EXAMPLES)

    def add(
        method: str,
        path: str,
        summary: str,
        handler: Handler,
        response: type[BaseModel] | None,
        **more: Any,  # noqa: ANN401  # what Api.route takes
    ) -> None:
        api.route(method, path, summary=summary, response=response, secured=True, **more)(handler)

    add("POST", _LIST, "Subscribe", do.create_subscription, SubscriptionWithSecret, body=NewSubscription, status=201)
    add("GET", _LIST, "List subscriptions", do.list_subscriptions, SubscriptionPage, query=SubscriptionsQuery)
    add("GET", _ONE, "Get a subscription", do.get_subscription, Subscription)
    add("PATCH", _ONE, "Change a subscription", do.change_subscription, Subscription, body=SubscriptionPatch)
    add("DELETE", _ONE, "Delete a subscription", do.delete_subscription, None, status=204)
    add("POST", f"{_ONE}/test", "Send a sample alert", do.test_subscription, DeliveryView)
    add("POST", f"{_ONE}/pause", "Pause a subscription", do.pause_subscription, Subscription)
    add("POST", f"{_ONE}/resume", "Resume a subscription", do.resume_subscription, Subscription)
    add("POST", f"{_ONE}/rotate-secret", "Rotate a secret", do.rotate_secret, NewSecret)
    add("GET", f"{_ONE}/deliveries", "List deliveries", do.list_deliveries, DeliveryPage, query=DeliveriesQuery)
    add("POST", f"/v1/deliveries/{ID_SEGMENT}/redeliver", "Deliver again", do.redeliver, DeliveryView, status=202)
    return api
