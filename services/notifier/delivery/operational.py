"""Operational webhooks: they notify an owner when one of their subscriptions is disabled (see `disabling`).

An operational webhook is a hidden subscription row with an owner of its own. It does not match papers, and its
deliveries are signed, retried and logged like those of every webhook.
"""

from collections.abc import Callable
from typing import Annotated

from pydantic import Field

from services.notifier.channels.webhook import Webhook
from services.notifier.fields.addresses import HeaderName, HeaderValue, Url
from services.notifier.secrets.vault import Vault
from services.notifier.subscription.model import State, Subscription
from services.notifier.subscription.owners import OPERATIONAL, operational_id
from services.notifier.subscription.store import Row, Store
from shared.http.api import Body
from shared.moments import from_unix
from shared.papers.paper import Model


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
    """Store operational webhooks. `clock` returns Unix seconds."""

    def __init__(self, store: Store, vault: Vault, clock: Callable[[], float]) -> None:
        self._store = store
        self._vault = vault
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

    async def _row(self, owner: str) -> Row | None:
        return (await self._store.several([operational_id(owner)]))[0]


def _shown(row: Row) -> OperationalWebhook:
    """Return a webhook as its owner sees it; one whose record cannot be read has no address."""
    url = row.subscription.channel.model_dump().get("url", "")
    return OperationalWebhook(url=url, state=row.subscription.state)
