"""From indexed papers to the alerts that they call for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from services.notifier.alerts import digest_body as digest
from services.notifier.channels.registry import AnyChannel, is_sent
from services.notifier.delivery.deliveries import Record
from services.notifier.matching import alert_body as alert
from services.notifier.matching import match as matching
from services.notifier.matching.indexed_papers import IndexedPapers, Vector
from services.notifier.matching.subscription_points import SubscriptionPoints
from services.notifier.secrets.signed_links import Links
from services.notifier.subscription.digest_schedule import Schedule
from services.notifier.subscription.store import Row, Store
from shared.embedding.embedder import Embedder
from shared.embedding.vectors import unpack_vector
from shared.papers.events import PaperIndexed


@dataclass(frozen=True, slots=True)
class PlannedAlert:
    """A delivery to be written: its record, its body, and the channel it goes to at first.

    `schedule` says when it goes, and `rank` orders it among those that go together. It is for its record's subscription
    and, merged, for those in `also`.
    """

    record: Record
    body: bytes
    channel: AnyChannel
    schedule: Schedule
    rank: float
    also: tuple[str, ...] = ()


@dataclass(slots=True)
class _Matched:
    """A match with all that its alert is made of."""

    row: Row
    event: PaperIndexed
    vector: Vector
    match: matching.Match


class AlertPlanner:
    """Finds the subscriptions of papers."""

    def __init__(
        self, points: SubscriptionPoints, store: Store, papers: IndexedPapers, links: Links, embedder: Embedder
    ) -> None:
        """`embedder` made the interests."""
        self._points = points
        self._store = store
        self._papers = papers
        self._links = links
        self._model = embedder.model
        self._size = embedder.size

    def objection(self, event: PaperIndexed) -> str | None:
        """Say why an event cannot be matched, or None: vectors of two models cannot be compared."""
        if event.model != self._model:
            return f"its vector is of the model {event.model}, the subscriptions' of {self._model}"
        try:
            vector = unpack_vector(event.vector)
        except ValueError as error:
            return f"its vector cannot be read: {error}"
        if vector.shape != (self._size,) or not np.isfinite(vector).all():
            return f"its vector is not one of {self._size} finite numbers"
        return None

    async def alerts(self, events: Sequence[PaperIndexed]) -> list[PlannedAlert]:
        """Give every alert that events without an objection call for, each at most once.

        Raises:
            TransientError: Qdrant does not answer.

        """
        subjects = [matching.subject(event.paper, event.changes) for event in events]
        vectors = [unpack_vector(event.vector) for event in events]
        candidates = await self._points.candidates(list(zip(vectors, subjects, strict=True)))
        rows = await self._rows({one.subscription for found in candidates for one in found})
        matched: dict[str, dict[str, _Matched]] = {}
        for event, vector, subject, found in zip(events, vectors, subjects, candidates, strict=True):
            for one in found:
                row = rows.get(one.subscription)
                active = row is not None and row.subscription.matching
                if row and active and (match := matching.match(row.subscription, subject, one.score)):
                    together = matched.setdefault(_alert_id(row, event, match), {})
                    together.setdefault(one.subscription, _Matched(row, event, vector, match))
        await self._name_nearest([one for together in matched.values() for one in together.values()])
        return [self._alert(name, list(together.values())) for name, together in matched.items()]

    async def _name_nearest(self, matched: Sequence[_Matched]) -> None:
        """Add to the reasons which of the liked papers is nearest."""
        by_likes = [one for one in matched if one.row.subscription.like]
        found = await self._papers.nearest([(one.vector, one.row.subscription.like) for one in by_likes])
        for one, nearest in zip(by_likes, found, strict=True):
            if nearest:
                reason = f"nearest liked paper: “{nearest.title}” ({nearest.score:.2f})"
                change, score, *others = one.match.reasons
                one.match = replace(one.match, reasons=(change, score, reason, *others))

    async def _rows(self, ids: set[str]) -> dict[str, Row]:
        """Read what Redis says of subscriptions; one that Redis does not know is not there."""
        rows = await self._store.several(list(ids))
        return {row.subscription.id: row for row in rows if row}

    def _alert(self, name: str, together: Sequence[_Matched]) -> PlannedAlert:
        """Make one alert for some matches, the oldest subscription's first."""
        first, *others = sorted(together, key=lambda one: (one.row.subscription.created_at, one.row.subscription.id))
        subscription, event = first.row.subscription, first.event
        also = tuple(one.row.subscription.id for one in others)
        record = Record(
            id=name,
            subscription=subscription.id,
            also=also,
            owner=first.row.owner,
            paper=event.paper.id,
            change=first.match.change.kind,
            created_at=event.indexed_at,
            next_attempt_at=event.indexed_at,
        )
        recipients = [self._told(one) for one in others]
        at, links = event.indexed_at, self._told(first).links
        body = alert.body(subscription, event.paper, first.match, at, links=links, others=recipients)
        rank = digest.rank(first.match.score, event.paper.trending)
        return PlannedAlert(record, body, subscription.channel, subscription.schedule, rank, also)

    def _told(self, one: _Matched) -> alert.Recipient:
        subscription, at = one.row.subscription, one.event.indexed_at.timestamp()
        meaning = subscription.has_vector
        links = self._links.feedback(subscription.id, one.event.paper.id, at, meaning=meaning)
        return alert.Recipient(subscription, one.match, links)


def _alert_id(row: Row, event: PaperIndexed, match: matching.Match) -> str:
    """Name the alert of a match; what is gathered for later, or for a feed, is its subscription's own."""
    one = row.subscription
    if one.merge and one.schedule == "instant" and is_sent(one.channel):
        return alert.merged_id(row.owner, one.channel, event.paper.id, match.change)
    return alert.alert_id(one.id, event.paper.id, match.change)
