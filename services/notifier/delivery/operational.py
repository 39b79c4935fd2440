"""The operational webhook: where an owner is told that one of their subscriptions was disabled.

It is a row of its own, under an owner of its own, listed nowhere and matched by nothing; so it is signed, tried again,
logged and kept like every webhook.
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
from services.notifier.subscription.ids import derived_id
from services.notifier.subscription.model import State, Status, Subscription
from services.notifier.subscription.owners import OPERATIONAL, UNCONFIRMED
from services.notifier.subscription.store import Row, Store
from shared.http.api import Body
from shared.moments import from_unix
from shared.papers.paper import Model

Disable = Callable[[str, str], Awaitable[None]]


class NewOperationalWebhook(Body):
    """Where to tell, with headers to send along."""

    url: Url
    headers: Annotated[dict[HeaderName, HeaderValue], Field(max_length=20)] = Field(default_factory=dict)


class OperationalWebhook(Model):
    """Where it is told, since when, and whether it still works."""

    url: str
    state: State
    secret: str | None = Field(default=None, description="what notices are signed with, shown this once")


class Operational:
    """Keep operational webhooks, and tell owners. `clock` gives Unix seconds."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        deliveries: Deliveries,
        disable: Disable,
        clock: Callable[[], float],
    ) -> None:
        """`disable` stops a subscription for a reason."""
        self._store = store
        self._vault = vault
        self._deliveries = deliveries
        self._disable = disable
        self._clock = clock

    async def put(self, owner: str, new: NewOperationalWebhook) -> OperationalWebhook:
        """Set the webhook of an owner, with a new secret."""
        now, channel = from_unix(self._clock()), Webhook(type="webhook", url=new.url, headers=new.headers)
        subscription = Subscription(
            id=_id(owner), name="operational webhook", sources=(OPERATIONAL,), channel=self._vault.seal(channel),
            state=State(since=now), created_at=now, updated_at=now,
        )  # fmt: skip
        secret = await self._vault.create(subscription.id)
        await self._store.put_hidden(Row(owner=OPERATIONAL + owner, subscription=subscription))
        return OperationalWebhook(url=new.url, state=subscription.state, secret=secret)

    async def get(self, owner: str) -> OperationalWebhook | None:
        """Read the webhook of an owner."""
        row = await self._row(owner)
        return _shown(row) if row else None

    async def remove(self, owner: str) -> OperationalWebhook | None:
        """End the webhook of an owner; what is due for it is dropped."""
        row = await self._row(owner)
        if row:
            await self._store.remove(row)
            await self._vault.forget(row.subscription.id)
        return _shown(row) if row else None

    async def stop(self, row: Row, reason: str) -> None:
        """Disable what a row is for a reason, and tell its owner; the notice comes first, as it is made only once.

        What only waits for an answer ends by itself.
        """
        if row.owner.startswith(UNCONFIRMED):
            return
        if not row.owner.startswith(OPERATIONAL):
            await self._tell(row, reason)
            await self._disable(row.subscription.id, reason)
            return
        state = State(status=Status.DISABLED, reason=reason, since=from_unix(self._clock()))

        async def update(present: Subscription) -> tuple[Subscription, None]:
            return present.model_copy(update={"state": state}), None

        await self._store.change(row.subscription.id, update)

    async def _tell(self, row: Row, reason: str) -> None:
        """Write a notice: one for each time that a subscription was active, whoever finds out."""
        to = await self._row(row.owner)
        if to is None or not to.subscription.active:
            return
        subscription, now = row.subscription, from_unix(self._clock())
        record = Record(
            id=derived_id(f"disabled {subscription.id} {subscription.state.since.isoformat()}"),
            subscription=to.subscription.id, owner=to.owner, created_at=now, next_attempt_at=now,
        )  # fmt: skip
        await self._deliveries.create(record, _notice(subscription, reason, now), to.subscription.channel)

    async def _row(self, owner: str) -> Row | None:
        return (await self._store.several([_id(owner)]))[0]


def _id(owner: str) -> str:
    return derived_id(OPERATIONAL + owner)


def _shown(row: Row) -> OperationalWebhook:
    return OperationalWebhook(url=row.subscription.channel.model_dump()["url"], state=row.subscription.state)


def _notice(subscription: Subscription, reason: str, at: datetime) -> bytes:
    what = {"id": subscription.id, "name": subscription.name, "channel": subscription.channel.type}
    data = {"subscription": what | {"status": Status.DISABLED.value}, "reason": reason}
    return orjson.dumps({"type": "subscription.disabled", "timestamp": at, "data": data}, option=orjson.OPT_UTC_Z)
