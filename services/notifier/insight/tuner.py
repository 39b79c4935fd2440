"""Finds thresholds for wanted volumes: when a subscription is created or changed, and once a day."""

from collections.abc import Callable
from typing import Final

import structlog
from redis.asyncio import Redis

from services.notifier.insight.recent import Recent
from services.notifier.insight.volume import Window, count_at, per_week, stepped, tuned
from services.notifier.matching.indexed_papers import Vector
from services.notifier.matching.interest_vectors import InterestVectors
from services.notifier.matching.subscription_points import SubscriptionPoints
from services.notifier.matching.wanted_words import Words
from services.notifier.subscription.due_set import DueSet, take_turns
from services.notifier.subscription.model import Criteria, Subscription
from services.notifier.subscription.sensitivity import (
    MIN_TUNED_THRESHOLD,
    TUNING_PERIOD,
    Tuning,
    Volume,
    default_threshold,
)
from services.notifier.subscription.store import TUNED, InterestVector, Row, Store
from shared.moments import from_unix

POLL: Final = 60.0
"""Seconds between looks for what is due."""
LEASE: Final = 600
"""Seconds after which what a process took and did not finish is another's."""
BATCH: Final = 32
TUNER: Final = "tuner"
"""The client that takes turns with owners."""
log = structlog.get_logger("notifier")


class Finder:
    """Finds the threshold for a wanted volume."""

    def __init__(self, recent: Recent, clock: Callable[[], float]) -> None:
        """`clock` returns Unix seconds."""
        self._recent = recent
        self._clock = clock

    async def find(
        self,
        criteria: Criteria,
        vector: Vector,
        client: str,
        words: Words | None,
        window: Window | None = None,
        present: Tuning | None = None,
    ) -> Tuning | None:
        """Return a threshold, at most one step from the present one; None if no volume is wanted.

        Raises:
            TransientError: Qdrant does not answer, or too many requests of clients wait.

        """
        if not isinstance(criteria.sensitivity, Volume):
            return None
        window = window or await self._recent.window()
        at = from_unix(self._clock())
        default = default_threshold(criteria.query)
        if not vector.any():  # without a paper that it likes, nothing can be compared
            return Tuning(threshold=present.threshold if present else default, per_week=None, at=at)
        found = await self._recent.past_changes(criteria, vector, window, MIN_TUNED_THRESHOLD, client, words)
        # The papers that it learned from score high because of that, and do not come again.
        known = frozenset(criteria.like)
        scores = [one.score for one in found if known.isdisjoint(one.subject.ids)]
        threshold = tuned(scores, criteria.sensitivity.per_week, window, default)
        if present and present.per_week is not None:  # what was measured outlasts a stream that stops
            threshold = stepped(present.threshold, threshold) if window.enough else present.threshold
        elif not window.enough:  # an assumption, which is replaced at once
            return Tuning(threshold=threshold, per_week=None, at=at)
        return Tuning(threshold=threshold, per_week=per_week(count_at(scores, threshold), window.days), at=at)


class Tuner:
    """Updates thresholds once a day; processes share the work. `clock` gives Unix seconds."""

    def __init__(  # its collaborators
        self,
        redis: Redis,
        store: Store,
        interests: InterestVectors,
        points: SubscriptionPoints,
        recent: Recent,
        clock: Callable[[], float],
    ) -> None:
        self._redis = redis
        self._store = store
        self._interest_vectors = interests
        self._points = points
        self._recent = recent
        self._finder = Finder(recent, clock)
        self._clock = clock
        self._due = DueSet(redis, TUNED, LEASE, TUNING_PERIOD.total_seconds())

    async def run(self) -> None:
        """Tune what is due until cancelled."""
        await take_turns("thresholds", self.turn, POLL)

    async def turn(self) -> int:
        """Tune some of the due subscriptions, and return how many."""
        ids = await self._due.claim(self._clock(), BATCH)
        rows = await self._store.several(ids)
        present = [row for row in rows if row and not row.unreadable]
        window = await self._recent.window() if present else None
        vectors = await self._interest_vectors.stored(present)
        for row, vector in zip(present, vectors, strict=True):
            await self._tune(row, vector, window)
        await self._points.sync([row.subscription.id for row in present])
        return len(ids)

    async def _tune(self, row: Row, vector: Vector, window: Window | None) -> None:
        found = await self._finder.find(row.subscription, vector, TUNER, row.words, window, row.subscription.tuning)

        async def update(present: Subscription) -> tuple[Subscription, InterestVector | None]:
            if present.updated_at != row.subscription.updated_at:
                return present, None  # its owner has just changed it, which found a new threshold
            return present.model_copy(update={"tuning": found}), None

        await self._store.change(row.subscription.id, update)
