"""Double opt-in: an address that was typed on a page has to be confirmed before anything is sent to it.

An unconfirmed subscription is a hidden row that nothing matches and that expires after two days. The message that asks
to confirm is a delivery of it, so it is retried. Its id follows from the address and the interest, so asking or
confirming twice has the effect of once.
"""

import uuid
from collections.abc import Callable
from typing import Final

import orjson
from redis.asyncio import Redis

from services.notifier.delivery.deliveries import Deliveries, Record
from services.notifier.mailing.bounces import SuppressedAddresses
from services.notifier.secrets.signed_links import Claim, LinkError
from services.notifier.secrets.vault import Vault
from services.notifier.subscribing.subscriptions import Subscriptions
from services.notifier.subscription.model import NewSubscription, State, Status, Subscription, derived_id
from services.notifier.subscription.owners import CONFIRMATION_LIFETIME, UNCONFIRMED, mail_owner
from services.notifier.subscription.store import Row, Store
from shared.coordination.quotas import Quota, SharedBuckets
from shared.errors import PermanentError
from shared.moments import from_unix

MAX_SUBSCRIPTIONS: Final = 50
"""Subscriptions of one address."""
_ASKS: Final = Quota.within(3, 86_400)
"""Mails that ask one address, whoever wants them sent."""


class OptIn:
    """Sends confirmation requests, and confirms subscriptions. `clock` returns Unix seconds."""

    def __init__(  # noqa: PLR0913  # its collaborators, by name
        self,
        redis: Redis,
        *,
        store: Store,
        vault: Vault,
        deliveries: Deliveries,
        subscriptions: Subscriptions,
        suppressed: SuppressedAddresses,
        wake: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        """`wake` starts due deliveries."""
        self._redis = redis
        self._store = store
        self._vault = vault
        self._deliveries = deliveries
        self._subscriptions = subscriptions
        self._suppressed = suppressed
        self._wake = wake
        self._clock = clock

    async def ask(self, address: str, new: NewSubscription) -> None:
        """Send the confirmation request; an address gets a few a day, and the response does not reveal the limit."""
        if await SharedBuckets(self._redis).take(f"optin:asked:{mail_owner(address)}", _ASKS):
            return
        now = from_unix(self._clock())
        subscription = Subscription(
            **new.model_dump(by_alias=True) | {"name": new.title, "channel": new.channel},
            id=_id(address, new), state=State(since=now), created_at=now, updated_at=now,
        )  # fmt: skip
        row = Row(owner=UNCONFIRMED + mail_owner(address), subscription=subscription)
        await self._store.put_hidden(row, CONFIRMATION_LIFETIME)
        await self._vault.create(subscription.id, CONFIRMATION_LIFETIME)
        record = Record(
            id=str(uuid.uuid4()), subscription=subscription.id, owner=row.owner, created_at=now, next_attempt_at=now
        )
        body = {"type": "optin", "timestamp": now, "data": {"subscription": {"id": subscription.id, "name": new.title}}}
        await self._deliveries.create(record, orjson.dumps(body, option=orjson.OPT_UTC_Z), subscription.channel)
        self._wake()

    async def waiting(self, claim: Claim) -> Subscription:
        """Return an unconfirmed subscription, or the confirmed one.

        Raises:
            LinkError: nothing waits any more.

        """
        row = (await self._store.several([claim.subscription]))[0]
        if row is None or row.owner != UNCONFIRMED + mail_owner(claim.about):
            raise LinkError("This subscription was not confirmed in time. Subscribe again at /subscribe.")
        return row.subscription

    async def confirm(self, claim: Claim) -> Subscription:
        """Confirm a subscription: it is active from now on, and its address is no longer suppressed.

        Raises:
            LinkError: nothing waits any more.
            PermanentError: the address has as many subscriptions as it can have.
            TransientError: Qdrant does not answer.

        """
        wanted, owner = await self.waiting(claim), mail_owner(claim.about)
        await self._suppressed.lift(claim.about)
        name = derived_id(f"confirmed {wanted.id}")
        if await self._subscriptions.get(owner, name):
            return await self._subscriptions.set_status(name, Status.ACTIVE) or wanted
        present, _ = await self._subscriptions.page(owner, 0, MAX_SUBSCRIPTIONS)
        if len(present) >= MAX_SUBSCRIPTIONS:
            raise PermanentError(f"An address can have {MAX_SUBSCRIPTIONS} subscriptions. Delete one of them first.")
        fields = {field: getattr(wanted, field) for field in NewSubscription.model_fields}
        made, _ = await self._subscriptions.create(owner, NewSubscription(**fields), name)
        return made


def _id(address: str, new: NewSubscription) -> str:
    """Return the id of a requested subscription while it is unconfirmed."""
    fields = new.model_dump(mode="json", by_alias=True, exclude={"channel"})
    return derived_id(f"optin {mail_owner(address)} {orjson.dumps(fields, option=orjson.OPT_SORT_KEYS).decode()}")
