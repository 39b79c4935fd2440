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

from services.notifier.access.send_limits import CONFIRMATIONS
from services.notifier.channels.email import Email
from services.notifier.delivery.deliveries import Deliveries, Record
from services.notifier.fields.mailbox import identity, inbox
from services.notifier.mailing.bounces import SuppressedAddresses
from services.notifier.secrets.signed_links import CONFIRMATION_LIFETIME, Claim, LinkError
from services.notifier.secrets.vault import Vault
from services.notifier.subscribing.subscriptions import Subscriptions
from services.notifier.subscription.model import NewSubscription, State, Status, Subscription, derived_id
from services.notifier.subscription.owners import BY_KEY, UNCONFIRMED, mail_owner
from services.notifier.subscription.store import Row, Store
from shared.coordination.quotas import SharedBuckets
from shared.errors import PermanentError
from shared.moments import from_unix

MAX_SUBSCRIPTIONS: Final = 50
"""Subscriptions of one address."""


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
        """Send the mail that asks; to one address only a few a day, and nobody learns which was one too many."""
        now = from_unix(self._clock())
        place = new.likes_from and self._vault.seal(new.likes_from)
        subscription = Subscription(
            **new.model_dump(by_alias=True) | {"name": new.title, "channel": new.channel, "likes_from": place},
            id=_id(address, new), state=State(since=now), created_at=now, updated_at=now,
        )  # fmt: skip
        await self._ask(address, UNCONFIRMED + mail_owner(address), subscription)

    async def ask_for_key(self, owner: str, one: Subscription) -> None:
        """Ask the address of a subscription whether the API key that owns it may send mail to it."""
        if not isinstance(one.channel, Email):
            return
        address, now = one.channel.address, from_unix(self._clock())
        id_ = derived_id(f"consent {owner} {identity(address)}")
        state = State(since=now)
        await self._ask(address, BY_KEY + owner, one.model_copy(update={"id": id_, "state": state, "tuning": None}))

    async def _ask(self, address: str, owner: str, subscription: Subscription) -> None:
        if await SharedBuckets(self._redis).take(f"optin:asked:{inbox(address)}", CONFIRMATIONS.address):
            return
        now, row = from_unix(self._clock()), Row(owner=owner, subscription=subscription)
        await self._store.put_hidden(row, CONFIRMATION_LIFETIME)
        await self._vault.create(subscription.id, CONFIRMATION_LIFETIME)
        record = Record(
            id=str(uuid.uuid4()), subscription=subscription.id, owner=row.owner, created_at=now, next_attempt_at=now
        )
        named = {"id": subscription.id, "name": subscription.name}
        body = {"type": "optin", "timestamp": now, "data": {"subscription": named}}
        await self._deliveries.create(record, orjson.dumps(body, option=orjson.OPT_UTC_Z), subscription.channel)
        self._wake()

    async def waiting(self, claim: Claim) -> Row:
        """Read what waits for an answer, or what came of it.

        Raises:
            LinkError: nothing waits any more.

        """
        row = (await self._store.several([claim.subscription]))[0]
        if row is None or not await self._asked(row, claim.about):
            raise LinkError("This subscription was not confirmed in time. Subscribe again at /subscribe.")
        return row

    async def _asked(self, row: Row, address: str) -> bool:
        """Return whether a row is one by which an address was asked, and whoever wanted that still exists."""
        if not row.owner.startswith(BY_KEY):
            return row.owner == UNCONFIRMED + mail_owner(address)
        channel = row.subscription.channel
        mine = isinstance(channel, Email) and identity(channel.address) == identity(address)
        return mine and not await self._store.is_revoked(row.owner.removeprefix(BY_KEY))

    async def confirm(self, claim: Claim) -> Subscription:
        """Confirm a subscription: it is active from now on, and its address is no longer suppressed.

        Raises:
            LinkError: nothing waits any more.
            PermanentError: the address has as many subscriptions as it can have.
            TransientError: Qdrant does not answer.

        """
        row, owner = await self.waiting(claim), mail_owner(claim.about)
        wanted = row.subscription
        await self._suppressed.lift(claim.about)
        if row.owner.startswith(BY_KEY):
            return await self._confirm_for_key(row.owner.removeprefix(BY_KEY), claim.about) or wanted
        name = derived_id(f"confirmed {wanted.id}")
        if await self._subscriptions.get(owner, name):
            return await self._subscriptions.set_status(name, Status.ACTIVE) or wanted
        present, _ = await self._subscriptions.page(owner, 0, MAX_SUBSCRIPTIONS)
        if len(present) >= MAX_SUBSCRIPTIONS:
            raise PermanentError(f"An address can have {MAX_SUBSCRIPTIONS} subscriptions. Delete one of them first.")
        fields = {field: getattr(wanted, field) for field in NewSubscription.model_fields}
        made, _ = await self._subscriptions.create(owner, NewSubscription(**fields), name)
        return made

    async def _confirm_for_key(self, owner: str, address: str) -> Subscription | None:
        """Let an API key send to an address: activate what waits for that, and return the first of it."""
        await self._subscriptions.consents.give(owner, address)
        first = None
        for id_ in await self._store.owned(owner):
            row = (await self._store.several([id_]))[0]
            channel = row.subscription.channel if row else None
            if row is None or not isinstance(channel, Email) or identity(channel.address) != identity(address):
                continue
            if row.subscription.state.status is Status.UNCONFIRMED:
                activated = await self._subscriptions.set_status(id_, Status.ACTIVE)
                first = first or activated
        return first


def _id(address: str, new: NewSubscription) -> str:
    """Return the id of a requested subscription while it is unconfirmed."""
    fields = new.model_dump(mode="json", by_alias=True, exclude={"channel"})
    return derived_id(f"optin {mail_owner(address)} {orjson.dumps(fields, option=orjson.OPT_SORT_KEYS).decode()}")
