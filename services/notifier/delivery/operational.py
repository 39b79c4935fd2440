"""Operational webhooks: they notify an owner when one of their subscriptions is disabled.

An operational webhook is a hidden subscription row with an owner of its own. It does not match papers, and its
deliveries are signed, retried and logged like those of every webhook.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

import orjson
from pydantic import Field

from services.notifier.channels.webhook import Webhook
from services.notifier.delivery.deliveries import Deliveries, Record
from services.notifier.fields.addresses import HeaderName, HeaderValue, Url
from services.notifier.secrets.vault import Vault
from services.notifier.subscription.model import State, Status, Subscription, derived_id
from services.notifier.subscription.owners import OPERATIONAL, UNCONFIRMED, operational_id
from services.notifier.subscription.store import Row, Store
from shared.http.api import Body
from shared.moments import from_unix
from shared.papers.paper import Model

Disable = Callable[[str, str], Awaitable[None]]


class NewOperationalWebhook(Body):
    """What a client sends to set the operational webhook."""

    url: Url
    headers: Annotated[dict[HeaderName, HeaderValue], Field(max_length=20)] = Field(default_factory=dict)


class OperationalWebhook(Model):
    """The operational webhook of an owner, and its state."""

    url: str
    state: State
    secret: str | None = Field(default=None, description="the secret that signs notices, shown only once")


class OperationalWebhooks:
    """Store operational webhooks, disable subscriptions, and notify their owners."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        deliveries: Deliveries,
        disable: Disable,
        clock: Callable[[], float],
    ) -> None:
        """Take `disable`, which disables a subscription for a reason, and a `clock` that returns Unix seconds."""
        self._store = store
        self._vault = vault
        self._deliveries = deliveries
        self._disable = disable
        self._clock = clock

    async def put(self, owner: str, new: NewOperationalWebhook) -> OperationalWebhook:
        """Set the webhook of an owner; return it with a new secret."""
        now, channel = from_unix(self._clock()), Webhook(type="webhook", url=new.url, headers=new.headers)
        subscription = Subscription(
            id=operational_id(owner), name="operational webhook", sources=(OPERATIONAL,),
            channel=self._vault.seal(channel), state=State(since=now), created_at=now, updated_at=now,
        )  # fmt: skip
        secret = await self._vault.create(subscription.id)
        await self._store.put_hidden(Row(owner=OPERATIONAL + owner, subscription=subscription))
        return OperationalWebhook(url=new.url, state=subscription.state, secret=secret)

    async def get(self, owner: str) -> OperationalWebhook | None:
        """Return the webhook of an owner, or None."""
        row = await self._row(owner)
        return _shown(row) if row else None

    async def remove(self, owner: str) -> OperationalWebhook | None:
        """Delete the webhook of an owner and return it; its pending deliveries are dropped."""
        row = await self._row(owner)
        if row:
            await self._store.remove(row)
            await self._vault.forget(row.subscription.id)
        return _shown(row) if row else None

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

        async def update(present: Subscription) -> tuple[Subscription, None]:
            return present.model_copy(update={"state": state}), None

        await self._store.change(row.subscription.id, update)

    async def _notify(self, row: Row, reason: str) -> None:
        """Write a notice, once for each period in which a subscription was active."""
        webhook = await self._row(row.owner)
        if webhook is None or not webhook.subscription.active:
            return
        subscription, now = row.subscription, from_unix(self._clock())
        record = Record(
            id=derived_id(f"disabled {subscription.id} {subscription.state.since.isoformat()}"),
            subscription=webhook.subscription.id, owner=webhook.owner, created_at=now, next_attempt_at=now,
        )  # fmt: skip
        await self._deliveries.create(record, _notice(subscription, reason, now), webhook.subscription.channel)

    async def _row(self, owner: str) -> Row | None:
        return (await self._store.several([operational_id(owner)]))[0]


def _shown(row: Row) -> OperationalWebhook:
    return OperationalWebhook(url=row.subscription.channel.model_dump()["url"], state=row.subscription.state)


def _notice(subscription: Subscription, reason: str, at: datetime) -> bytes:
    named = {"id": subscription.id, "name": subscription.name, "channel": subscription.channel.type}
    data = {"subscription": named | {"status": Status.DISABLED.value}, "reason": reason}
    return orjson.dumps({"type": "subscription.disabled", "timestamp": at, "data": data}, option=orjson.OPT_UTC_Z)
