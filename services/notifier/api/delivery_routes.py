"""The routes of delivery: recovery of failed deliveries, and the operational webhook."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from aiohttp import web
from pydantic import AwareDatetime, Field

from services.notifier.access.guards import ID_SEGMENT, OWNER, require_found
from services.notifier.delivery.history import History
from services.notifier.delivery.operational import NewOperationalWebhook, OperationalWebhook, OperationalWebhooks
from services.notifier.fields.addresses import refuse_private
from services.notifier.subscribing.subscriptions import Subscriptions
from shared.errors import PermanentError
from shared.http import Api, Problem
from shared.http.api import Query
from shared.papers.paper import Model
from shared.settings import Network

_OPERATIONAL = "/v1/operational-webhook"


class RecoverQuery(Query):
    """The start of a recovery."""

    since: Annotated[AwareDatetime, Field(description="ISO 8601 with a time zone: deliveries made since")]


class Recovered(Model):
    """The number of deliveries that are sent again."""

    recovered: int
    since: datetime


def delivery_routes(
    api: Api,
    subscriptions: Subscriptions,
    history: History,
    operational: OperationalWebhooks,
    allowed: Sequence[Network],
) -> None:
    """Add the routes to those of the notifier; an endpoint may be in one of the `allowed` private networks."""

    @api.route(
        "POST", f"/v1/subscriptions/{ID_SEGMENT}/recover", summary="Deliver again what failed", response=Recovered,
        query=RecoverQuery, status=202, secured=True,
    )  # fmt: skip
    async def recover_subscription(request: web.Request, query: RecoverQuery) -> Recovered:
        """Send again every delivery that failed or was held since a moment, under its id, with a fresh schedule."""
        row = require_found(await subscriptions.get(request[OWNER], request.match_info["id"].lower()))
        if not row.subscription.active:
            raise Problem(409, f"The subscription is {row.subscription.state.status.value}: resume it first.")
        return Recovered(recovered=await history.recover(row.subscription, query.since), since=query.since)

    @api.route(
        "PUT", _OPERATIONAL, summary="Set the operational webhook", response=OperationalWebhook,
        body=NewOperationalWebhook, secured=True,
    )  # fmt: skip
    async def put_operational_webhook(request: web.Request, new: NewOperationalWebhook) -> OperationalWebhook:
        """Notify this URL when a subscription of this key is disabled. Every call creates a new secret, shown once."""
        try:
            refuse_private(new, allowed)
        except PermanentError as error:
            raise Problem(422, str(error)) from error
        return await operational.put(request[OWNER], new)

    @api.route("GET", _OPERATIONAL, summary="Get the operational webhook", response=OperationalWebhook, secured=True)
    async def get_operational_webhook(request: web.Request) -> OperationalWebhook:
        """Return the operational webhook and its state."""
        return _set(await operational.get(request[OWNER]))

    @api.route(
        "DELETE", _OPERATIONAL, summary="Delete the operational webhook", response=None, status=204, secured=True
    )
    async def delete_operational_webhook(request: web.Request) -> None:
        """Delete the operational webhook."""
        _set(await operational.remove(request[OWNER]))


def _set(found: OperationalWebhook | None) -> OperationalWebhook:
    if found is None:
        raise Problem(404, "There is no operational webhook for this key: PUT one.")
    return found
