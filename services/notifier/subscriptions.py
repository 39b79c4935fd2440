"""What can be done with subscriptions: each step leaves Redis, Qdrant and the vault in agreement."""

import uuid
from collections.abc import Callable

import structlog
from pydantic import ValidationError

from services.notifier import retry
from services.notifier.interests import Interests
from services.notifier.points import Points
from services.notifier.store import Interest, Row, Store
from services.notifier.subscription import (
    NewSubscription,
    State,
    Status,
    Subscription,
    SubscriptionPatch,
)
from services.notifier.vault import Vault
from shared.errors import PaperwireError, PermanentError, TransientError

_MEANING = ("query", "like", "unlike")
log = structlog.get_logger("notifier")


class Subscriptions:
    """Create, change and end subscriptions. `clock` gives Unix seconds."""

    def __init__(
        self, store: Store, interests: Interests, points: Points, vault: Vault, clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._interests = interests
        self._points = points
        self._vault = vault
        self._clock = clock

    async def create(self, owner: str, new: NewSubscription) -> tuple[Subscription, str]:
        """Make a subscription that matches from now on; give it and its secret.

        Raises:
            PermanentError: what it likes is not known here.
            TransientError: Qdrant does not answer; nothing was made.

        """
        interest = await self._interests.of(new)
        now = retry.iso(self._clock())
        fields = new.model_dump(by_alias=True) | {"name": new.title, "channel": self._vault.seal(new.channel)}
        subscription = Subscription(
            **fields, id=str(uuid.uuid4()), state=State(since=now), created_at=now, updated_at=now
        )
        row = Row(owner=owner, subscription=subscription)
        secret = await self._vault.create(subscription.id)
        await self._store.add(row, interest)
        try:
            await self._points.sync([subscription.id])
        except PaperwireError:
            await self._forget(row)
            raise
        return subscription, secret

    async def get(self, owner: str, subscription: str) -> Row | None:
        """Read a subscription of an owner; another's does not exist."""
        row = (await self._store.several([subscription]))[0]
        return row if row and row.owner == owner else None

    async def page(self, owner: str, after: int, limit: int) -> tuple[list[Subscription], int | None]:
        """Read an owner's subscriptions, oldest first; give also where the next page begins."""
        return await self._store.page(owner, after, limit)

    async def rotate(self, subscription: str) -> str:
        """Make a new secret and give it; the present one stays valid for a day."""
        return await self._vault.rotate(subscription)

    async def patch(self, subscription: str, patch: SubscriptionPatch) -> Subscription | None:
        """Change some fields.

        Raises:
            PermanentError: together with what stays they make no sense, or what it likes is not known here.
            TransientError: Qdrant does not answer.

        """
        given = patch.model_dump(by_alias=True, exclude_unset=True)

        async def update(present: Subscription) -> tuple[Subscription, Interest | None]:
            changed = _merged(present, given)
            channel, now = self._vault.seal(changed.channel), retry.iso(self._clock())
            changed = changed.model_copy(update={"channel": channel, "updated_at": now})
            moved = any(getattr(changed, name) != getattr(present, name) for name in _MEANING)
            return changed, await self._interests.of(changed) if moved else None

        row = await self._store.change(subscription, update)
        await self._points.sync([subscription])
        return row.subscription if row else None

    async def set_status(self, subscription: str, status: Status, reason: str | None = None) -> Subscription | None:
        """Pause, resume or disable; nothing changes if it is so already."""

        async def update(present: Subscription) -> tuple[Subscription, Interest | None]:
            if present.state.status is status:
                return present, None
            state = State(status=status, reason=reason, since=retry.iso(self._clock()))
            return present.model_copy(update={"state": state}), None

        row = await self._store.change(subscription, update)
        await self._points.sync([subscription])
        return row.subscription if row else None

    async def disable(self, subscription: str, reason: str) -> None:
        """Stop a subscription for a reason that its owner can read in its state."""
        log.warning("subscription disabled", subscription=subscription, reason=reason)
        try:
            await self.set_status(subscription, Status.DISABLED, reason)
        except TransientError as error:  # matching asks Redis too, and the next start repairs the point
            log.warning("its point waits for Qdrant", subscription=subscription, error=str(error))

    async def remove(self, row: Row) -> None:
        """End a subscription.

        Raises:
            TransientError: Qdrant does not answer; the subscription is ended all the same.

        """
        await self._forget(row)
        await self._points.sync([row.subscription.id])

    async def _forget(self, row: Row) -> None:
        await self._store.remove(row)
        await self._vault.forget(row.subscription.id)


def _merged(present: Subscription, given: dict[str, object]) -> Subscription:
    """Put the given fields over the present ones and check the whole again."""
    fields = present.model_dump(by_alias=True) | given
    try:
        whole = NewSubscription.model_validate({k: v for k, v in fields.items() if k in _FIELDS})
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, problem["loc"])) or "The subscription"
        raise PermanentError(f"{where}: {problem['msg']}.") from error
    return Subscription.model_validate(fields | whole.model_dump(by_alias=True) | {"name": whole.title})


_FIELDS = frozenset(field.alias or name for name, field in NewSubscription.model_fields.items())
