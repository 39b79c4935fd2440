"""Disabling: a subscription whose endpoint takes nothing any more, and the notice to its owner."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import orjson

from services.notifier.delivery.deliveries import Deliveries, Record
from services.notifier.subscription.model import State, Status, Subscription, derived_id
from services.notifier.subscription.owners import OPERATIONAL, UNCONFIRMED, operational_id
from services.notifier.subscription.store import Row, Store
from shared.moments import from_unix

Disable = Callable[[str, str], Awaitable[None]]


class Disabling:
    """Disable subscriptions, and notify their owners."""

    def __init__(self, store: Store, deliveries: Deliveries, disable: Disable, clock: Callable[[], float]) -> None:
        """Take `disable`, which disables a subscription for a reason, and a `clock` that returns Unix seconds."""
        self._store = store
        self._deliveries = deliveries
        self._disable = disable
        self._clock = clock

    async def disable(self, row: Row, reason: str) -> None:
        """Disable a subscription or an operational webhook, and notify the owner of a subscription.

        The notice is written first, as it is written only once. An unconfirmed subscription expires by itself.
        """
        if row.owner.startswith(UNCONFIRMED):
            return
        if not row.owner.startswith(OPERATIONAL):
            await self._notify(row, reason)
            await self._disable(row.subscription.id, reason)
            return
        state = State(status=Status.DISABLED, reason=reason, since=from_unix(self._clock()))
        await self._store.set_state(row.subscription.id, state)

    async def _notify(self, row: Row, reason: str) -> None:
        """Write a notice, once for each period in which a subscription was active."""
        webhook = (await self._store.several([operational_id(row.owner)]))[0]
        if webhook is None or not webhook.subscription.active:
            return
        subscription, now = row.subscription, from_unix(self._clock())
        record = Record(
            id=derived_id(f"disabled {subscription.id} {subscription.state.since.isoformat()}"),
            subscription=webhook.subscription.id, owner=webhook.owner, created_at=now, next_attempt_at=now,
        )  # fmt: skip
        await self._deliveries.create(record, _notice(subscription, reason, now), webhook.subscription.channel)


def _notice(subscription: Subscription, reason: str, at: datetime) -> bytes:
    named = {"id": subscription.id, "name": subscription.name, "channel": subscription.channel.type}
    data = {"subscription": named | {"status": Status.DISABLED.value}, "reason": reason}
    return orjson.dumps({"type": "subscription.disabled", "timestamp": at, "data": data}, option=orjson.OPT_UTC_Z)
