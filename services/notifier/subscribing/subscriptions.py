"""Creates, changes and deletes subscriptions; each step leaves Redis, Qdrant and the vault consistent."""

import uuid
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

import structlog
from pydantic import ValidationError
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from services.notifier.alerts.planner import reschedule_digest
from services.notifier.channels.registry import AnyChannel, definition_of
from services.notifier.insight.tuner import Finder
from services.notifier.matching.interest_vectors import InterestVectors
from services.notifier.matching.subscription_points import SubscriptionPoints
from services.notifier.secrets.vault import Vault
from services.notifier.subscribing.consents import Consents
from services.notifier.subscribing.erasure import erase_matches
from services.notifier.subscription.model import (
    Criteria,
    Interest,
    NewSubscription,
    State,
    Status,
    Subscription,
    SubscriptionPatch,
)
from services.notifier.subscription.sensitivity import Tuning, Volume
from services.notifier.subscription.store import Also, InterestVector, Row, Store
from shared.embedding.vectors import unpack_vector
from shared.errors import PaperwireError, PermanentError, TransientError
from shared.moments import from_unix
from shared.outages import POSSIBLE_OUTAGES

_MEANING = ("query", "like", "unlike")
_MOST_FOLLOWED: Final = 50
"""Subscriptions of an owner that follow a place of liked papers, and as many that ask who cites the owner's papers."""
_FOLLOWS: Final = ("likes_from", "cites")
_CRITERIA = frozenset(Criteria.model_fields) - {"name"}
Edit = Callable[[Subscription], Subscription]
Check = Callable[[str, AnyChannel], Awaitable[None]]
log = structlog.get_logger("notifier")


class Subscriptions:
    """Creates, changes and deletes subscriptions. `clock` returns Unix seconds."""

    def __init__(  # noqa: PLR0913, PLR0917  # its collaborators
        self,
        store: Store,
        interests: InterestVectors,
        finder: Finder,
        points: SubscriptionPoints,
        vault: Vault,
        clock: Callable[[], float],
        check: Check,
        most: int,
        redis: Redis,
        consents: Consents,
    ) -> None:
        """`check` raises PermanentError for a channel that cannot work; an owner has at most `most` subscriptions.

        `consents` says which addresses confirmed.
        """
        self._store = store
        self._finder = finder
        self._interest_vectors = interests
        self._points = points
        self._vault = vault
        self._clock = clock
        self._check = check
        self._most = most
        self._redis = redis
        self.consents = consents

    async def create(self, owner: str, new: NewSubscription, name: str | None = None) -> tuple[Subscription, str]:
        """Create a subscription that matches from now on, and return it with its secret. `name` is its id, else random.

        An address that has not confirmed is to be asked: its subscription is unconfirmed until then.

        Raises:
            PermanentError: a paper of `like` is unknown, the channel cannot work, its reader unsubscribed, or the owner
                has too many.
            TransientError: Qdrant does not answer; nothing was created.

        """
        if await self._store.count(owner) >= self._most:
            raise PermanentError(f"There are {self._most} subscriptions already: delete one of them first.")
        await self._check(owner, new.channel)
        await self._check_follows(owner, new, None)
        status = await self._first_status(owner, new.channel)
        interest = await self._interest_vectors.compute(new)
        tuning = await self._finder.find(new, unpack_vector(interest.vector), owner, interest.words)
        now = from_unix(self._clock())
        fields = new.model_dump(by_alias=True) | {"name": new.title} | self._sealed(new)
        subscription = Subscription(
            **fields, id=name or str(uuid.uuid4()), state=State(status=status, since=now), tuning=tuning,
            created_at=now, updated_at=now,
        )  # fmt: skip
        row = Row(owner=owner, subscription=subscription)
        secret = await self._vault.create(subscription.id)
        try:
            await self._store.add(row, interest)
            await self._points.sync([subscription.id])
        except PaperwireError:
            await self._forget(row)
            raise
        return subscription, secret

    async def get(self, owner: str, subscription: str) -> Row | None:
        """Return a subscription of an owner; those of other owners do not exist."""
        row = (await self._store.several([subscription]))[0]
        return row if row and row.owner == owner else None

    async def page(self, owner: str, after: int, limit: int) -> tuple[list[Subscription], int | None]:
        """Return a page of an owner's subscriptions, oldest first, and where the next page begins."""
        return await self._store.page(owner, after, limit)

    async def rotate(self, subscription: str) -> str:
        """Create and return a new secret; the present one stays valid for a day."""
        return await self._vault.rotate(subscription)

    async def _first_status(self, owner: str, channel: AnyChannel) -> Status:
        return Status.ACTIVE if await self.consents.allow(owner, channel) else Status.UNCONFIRMED

    async def resume(self, row: Row) -> Subscription | None:
        """Resume a subscription for its owner; one whose address has not confirmed becomes unconfirmed.

        Raises:
            PermanentError: the reader of its address unsubscribed.

        """
        status = await self._first_status(row.owner, row.subscription.channel)
        return await self.set_status(row.subscription.id, status)

    async def patch(self, subscription: str, patch: SubscriptionPatch) -> Subscription | None:
        """Change some fields.

        Raises:
            PermanentError: the whole is not valid with them, or a paper of `like` is unknown.
            TransientError: Qdrant does not answer.

        """
        given = patch.model_dump(by_alias=True, exclude_unset=True)
        row = (await self._store.several([subscription]))[0]
        if row is None:
            return None
        await self._check_follows(row.owner, patch, subscription)
        if patch.channel is None:
            return await self.adjust(subscription, lambda present: _merged(present, given))
        await self._check(row.owner, patch.channel)
        status = await self._first_status(row.owner, patch.channel)
        return await self.adjust(subscription, lambda present: self._moved(_merged(present, given), status))

    def _sealed(self, one: NewSubscription) -> dict[str, object]:
        """Return the settings of a subscription that hold secrets, encrypted."""
        place = one.likes_from
        return {"channel": self._vault.seal(one.channel), "likes_from": place and self._vault.seal(place)}

    async def _check_follows(self, owner: str, given: Interest, subscription: str | None) -> None:
        """Raise PermanentError if an owner follows as many places as allowed, beside that of a subscription."""
        wanted = [name for name in _FOLLOWS if getattr(given, name)]
        if not wanted:
            return
        rows = await self._store.several(await self._store.owned(owner))
        others = [row.subscription for row in rows if row and row.subscription.id != subscription]
        for name in wanted:
            if sum(getattr(one, name) is not None for one in others) >= _MOST_FOLLOWED:
                message = f"There are {_MOST_FOLLOWED} subscriptions with {name} already: delete one of them first."
                raise PermanentError(message)

    def _moved(self, changed: Subscription, status: Status) -> Subscription:
        """Set the state of a subscription whose channel changed: unconfirmed for an address that has to confirm."""
        if status is not Status.UNCONFIRMED and changed.state.status is not Status.UNCONFIRMED:
            return changed
        state = State(status=status, since=from_unix(self._clock()))
        return changed.model_copy(update={"state": state})

    async def adjust(self, subscription: str, edit: Edit, also: Also | None = None) -> Subscription | None:
        """Change a subscription by `edit`, and with it its interest and the threshold of a wanted volume.

        `also` adds to the transaction. Raises as `patch`.
        """

        async def update(present: Subscription) -> tuple[Subscription, InterestVector | None]:
            changed = edit(present)
            interest, tuning = await self._renewed(present, changed)
            written = {**self._sealed(changed), "updated_at": from_unix(self._clock()), "tuning": tuning}
            if changed.likes_from != present.likes_from:  # the new place is due now
                written["following"] = None
            if changed.cites != present.cites:  # who cites other papers is not known yet
                written["citations"] = None
            if interest and changed.active:  # why it matched nothing has passed
                written["state"] = changed.state.model_copy(update={"reason": None})
            return changed.model_copy(update=written), interest

        def besides(pipe: Pipeline) -> None:
            reschedule_digest(pipe, subscription)
            if also:
                also(pipe)

        row = await self._store.change(subscription, update, besides)
        await self._points.sync([subscription])
        return row.subscription if row else None

    async def _renewed(
        self, present: Subscription, changed: Subscription
    ) -> tuple[InterestVector | None, Tuning | None]:
        """Return the interest and the tuning that follow from a change."""
        if not _differ(present, changed, _CRITERIA):
            return None, present.tuning
        if not _differ(present, changed, _MEANING) and not isinstance(changed.sensitivity, Volume):
            return None, None
        interest = await self._interest_vectors.compute(changed)
        row = (await self._store.several([changed.id]))[0]
        owner = row.owner if row else ""
        return interest, await self._finder.find(changed, unpack_vector(interest.vector), owner, interest.words)

    async def set_status(self, subscription: str, status: Status, reason: str | None = None) -> Subscription | None:
        """Pause, resume or disable a subscription; an unchanged status writes nothing."""
        state = State(status=status, reason=reason, since=from_unix(self._clock()))
        row = await self._store.set_state(subscription, state)
        await self._points.sync([subscription])
        return row.subscription if row else None

    async def disable(self, subscription: str, reason: str) -> None:
        """Disable a subscription for a reason that its state shows."""
        log.warning("subscription disabled", subscription=subscription, reason=reason)
        try:
            await self.set_status(subscription, Status.DISABLED, reason)
        except TransientError as error:  # matching asks Redis too, and the next start repairs the point
            log.warning("point_write delayed", subscription=subscription, error=str(error))

    async def move(self, row: Row, endpoint: str) -> None:
        """Keep the new id of an endpoint, if the channel is still the one that an answer was about.

        What fails is logged: the service says the new id again after the next alert.
        """
        before = row.subscription.channel
        moved = definition_of(before).moved(before, endpoint)

        def edit(present: Subscription) -> Subscription:
            return present.model_copy(update={"channel": moved}) if present.channel == before else present

        try:
            await self.adjust(row.subscription.id, edit)
        except (PaperwireError, *POSSIBLE_OUTAGES) as error:
            log.warning("endpoint_move delayed", subscription=row.subscription.id, error=str(error))
        else:
            log.info("endpoint moved", subscription=row.subscription.id, channel=before.type)

    async def remove(self, row: Row) -> None:
        """Delete a subscription.

        Raises:
            TransientError: Qdrant does not answer; the subscription is deleted all the same.

        """
        await self._forget(row)
        await self._points.sync([row.subscription.id])

    async def _forget(self, row: Row) -> None:
        await self._store.remove(row)
        await self._vault.forget(row.subscription.id)
        await erase_matches(self._redis, row.subscription.id)


def _differ(one: Subscription, other: Subscription, fields: Iterable[str]) -> bool:
    return any(getattr(one, name) != getattr(other, name) for name in fields)


def _merged(present: Subscription, given: dict[str, object]) -> Subscription:
    """Replace the given fields, and validate the whole."""
    fields = present.model_dump(by_alias=True) | given
    if fields["sensitivity"] is None:
        del fields["sensitivity"]  # its default depends on the query
    try:
        whole = NewSubscription.model_validate({k: v for k, v in fields.items() if k in _FIELDS})
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, problem["loc"])) or "The subscription"
        raise PermanentError(f"{where}: {problem['msg']}.") from error
    return Subscription.model_validate(fields | whole.model_dump(by_alias=True) | {"name": whole.title})


_FIELDS = frozenset(field.alias or name for name, field in NewSubscription.model_fields.items())
