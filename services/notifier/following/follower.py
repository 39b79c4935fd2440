"""Visits places of liked papers, every hour by default, and keeps the likes of their subscriptions in step.

A place that cannot be read changes no likes and holds no alert back: the subscription shows why, and is visited again.
Papers that are not in the index become likes at the first visit after they arrive.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import structlog
from cryptography.fernet import InvalidToken
from pydantic import ValidationError
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import RedisError

from services.notifier.following.known_items import KnownItems
from services.notifier.following.port import Listing, Place, PlaceError
from services.notifier.secrets.vault import Vault
from services.notifier.subscribing.subscriptions import Subscriptions
from services.notifier.subscription.due_set import DueSet, take_turns
from services.notifier.subscription.followed import Followed
from services.notifier.subscription.model import Subscription
from services.notifier.subscription.store import FOLLOWED, InterestVector, Row, Store, listing_key
from shared.errors import PermanentError, TransientError
from shared.moments import from_unix

VISIT: Final = 300.0
"""Seconds that a visit may take."""
LEASE: Final = 600
"""Seconds after which a visit that a process began and did not finish is another's."""
MAX_LIKES: Final = 100
_LONGEST: Final = 7 * 86_400.0
log = structlog.get_logger("notifier")


class Follower:
    """Visits what is due; processes share the work. `clock` gives Unix seconds, `interval` is in seconds."""

    def __init__(  # noqa: PLR0913, PLR0917  # its collaborators
        self,
        redis: Redis,
        store: Store,
        subscriptions: Subscriptions,
        vault: Vault,
        known: KnownItems,
        places: Mapping[str, Place],
        clock: Callable[[], float],
        interval: float,
        poll: float,
    ) -> None:
        """`places` are the adapters, by type of place; `poll` is in seconds, between looks for what is due."""
        self._redis = redis
        self._store = store
        self._subscriptions = subscriptions
        self._vault = vault
        self._known = known
        self._places = places
        self._clock = clock
        self._interval = interval
        self._poll = poll
        self._due = DueSet(redis, FOLLOWED, LEASE, max(_LONGEST, interval))

    async def run(self) -> None:
        """Visit what is due until cancelled."""
        await take_turns("liked papers", self.turn, self._poll)

    async def turn(self) -> int:
        """Make one visit that is due; return the number of visits."""
        ids = await self._due.claim(self._clock(), 1)
        for row in await self._store.several(ids):
            if row and row.subscription.likes_from and not row.unreadable:
                await self._visit(row)
        return len(ids)

    async def _visit(self, row: Row) -> None:
        subscription = row.subscription
        kept = await self._kept(subscription)
        try:
            listing = await self._read(row, kept)
            await self._keep(subscription, kept, listing)
        except (PlaceError, PermanentError) as error:
            log.warning("likes_from unreadable", subscription=subscription.id, reason=str(error))
            wait = error.retry_after if isinstance(error, PlaceError) else None
            before = subscription.following or Followed(next_at=self._next(subscription))
            failed = {"error": str(error), "next_at": self._next(subscription, wait or 0.0)}
            await self._show(subscription, before.model_copy(update=failed))

    async def _read(self, row: Row, kept: Listing) -> Listing:
        """Read the place of a subscription; raises PlaceError if it cannot be read."""
        subscription = row.subscription
        assert subscription.likes_from  # noqa: S101  # for the type; `turn` has looked
        adapter = self._places.get(subscription.likes_from.type)
        if adapter is None:
            raise PlaceError(f"This instance does not read {subscription.likes_from}.")
        try:
            place = self._vault.open(subscription.likes_from)
            async with asyncio.timeout(VISIT):
                return await adapter.read(place, row.owner, kept)
        except InvalidToken as error:
            raise PlaceError("The key in likes_from cannot be decrypted: give it again.") from error
        except TimeoutError as error:
            raise PlaceError(f"Reading {subscription.likes_from} took longer than {VISIT:g} seconds.") from error
        except (TransientError, PermanentError, RedisError, OSError):
            raise
        except Exception as error:
            log.exception("likes_from unreadable", subscription=subscription.id)
            raise PlaceError(f"{subscription.likes_from} sent an answer that could not be read.") from error

    async def _keep(self, subscription: Subscription, kept: Listing, listing: Listing) -> None:
        """Bring the likes of a subscription in step with what its place holds."""
        known = await self._known.of([item for item in listing.items if item.is_paper])
        unliked = set(subscription.unlike)
        works = [work for work in dict.fromkeys(known.values()) if work not in unliked][:MAX_LIKES]
        own = _own(subscription, kept)
        now = listing.model_copy(update={"likes": tuple(work for work in works if work not in own)})
        following = Followed(
            read_at=from_unix(self._clock()),
            items=sum(item.is_paper for item in listing.items),
            known=len(known),
            used=len(works),
            next_at=self._next(subscription),
        )

        def also(pipe: Pipeline) -> None:
            pipe.set(listing_key(subscription.id), now.model_dump_json())

        if _in_step(subscription, kept, now).like != subscription.like:
            await self._subscriptions.adjust(subscription.id, lambda one: _in_step(one, kept, now), also)
            log.info("likes changed", subscription=subscription.id, likes=len(works))
        elif now != kept:
            await self._redis.set(listing_key(subscription.id), now.model_dump_json())
        await self._show(subscription, following)

    async def _show(self, visited: Subscription, following: Followed) -> None:
        """Write the state of following, unless the place is another one meanwhile."""

        async def update(present: Subscription) -> tuple[Subscription, InterestVector | None]:
            same = present.likes_from == visited.likes_from
            return present.model_copy(update={"following": following}) if same else present, None

        await self._store.change(visited.id, update)

    async def _kept(self, subscription: Subscription) -> Listing:
        """Return what the visit before read; of another place, only the likes that came from it."""
        assert subscription.likes_from  # noqa: S101  # for the type; `turn` has looked
        place = subscription.likes_from.identity()
        raw = await self._redis.get(listing_key(subscription.id))
        try:
            kept = Listing.model_validate_json(raw) if raw else Listing()
        except ValidationError:
            kept = Listing()
        return kept if kept.place == place else Listing(place=place, likes=kept.likes)

    def _next(self, subscription: Subscription, wait: float = 0.0) -> datetime:
        place = self._places.get(subscription.likes_from.type) if subscription.likes_from else None
        interval = (place and place.interval) or self._interval
        return from_unix(self._clock() + max(wait, interval))


def _own(one: Subscription, kept: Listing) -> list[str]:
    """Return the likes that did not come from the place."""
    before = set(kept.likes)
    return [name for name in one.like if name not in before]


def _in_step(one: Subscription, kept: Listing, now: Listing) -> Subscription:
    """Return a subscription with its own likes, then those of its place, at most `MAX_LIKES`."""
    return one.model_copy(update={"like": tuple(dict.fromkeys([*_own(one, kept), *now.likes]))[:MAX_LIKES]})
