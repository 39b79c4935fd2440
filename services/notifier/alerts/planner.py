"""The planner of alerts: which alerts a batch of indexed papers leads to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from services.notifier.alerts import digest_body
from services.notifier.channels.registry import AnyChannel, is_sent
from services.notifier.delivery.deliveries import Record
from services.notifier.matching import alert_body
from services.notifier.matching.indexed_papers import IndexedPapers, Vector
from services.notifier.matching.match import Match, match, subject
from services.notifier.matching.subscription_points import SubscriptionPoints
from services.notifier.secrets.signed_links import Links
from services.notifier.subscription.digest_schedule import Schedule
from services.notifier.subscription.store import Row, Store
from shared.embedding.embedder import Embedder
from shared.embedding.vectors import unpack_vector
from shared.papers.events import PaperIndexed


@dataclass(frozen=True, slots=True)
class PlannedAlert:
    """An alert to write: the record of its delivery, its body, and its channel.

    `schedule` says when to send it, and `rank` orders it within a digest. It is for the subscription of its record and,
    if merged, for those in `also`.
    """

    record: Record
    body: bytes
    channel: AnyChannel
    schedule: Schedule
    rank: float
    also: tuple[str, ...] = ()


@dataclass(slots=True)
class _Matched:
    """A match with the event and the subscription that its alert is built from."""

    row: Row
    event: PaperIndexed
    vector: Vector
    match: Match


class AlertPlanner:
    """Find the subscriptions that papers match, and build their alerts."""

    def __init__(
        self, points: SubscriptionPoints, store: Store, papers: IndexedPapers, links: Links, embedder: Embedder
    ) -> None:
        """Take the `embedder` that made the vectors of the subscriptions."""
        self._points = points
        self._store = store
        self._papers = papers
        self._links = links
        self._model = embedder.model
        self._size = embedder.size

    def rejection(self, event: PaperIndexed) -> str | None:
        """Return why an event cannot be matched, or None. Vectors of two models cannot be compared."""
        if event.model != self._model:
            return f"its vector is of the model {event.model}, the subscriptions' of {self._model}"
        try:
            vector = unpack_vector(event.vector)
        except ValueError as error:
            return f"its vector cannot be read: {error}"
        if vector.shape != (self._size,) or not np.isfinite(vector).all():
            return f"its vector is not one of {self._size} finite numbers"
        return None

    async def plan(self, events: Sequence[PaperIndexed]) -> list[PlannedAlert]:
        """Return every alert that valid events lead to, each once.

        Raises:
            TransientError: Qdrant does not answer.

        """
        subjects = [subject(event.paper, event.changes) for event in events]
        vectors = [unpack_vector(event.vector) for event in events]
        candidates = await self._points.candidates(list(zip(vectors, subjects, strict=True)))
        rows = await self._rows({one.subscription for found in candidates for one in found})
        matched: dict[str, dict[str, _Matched]] = {}
        for event, vector, paper, found in zip(events, vectors, subjects, candidates, strict=True):
            for candidate in found:
                row = rows.get(candidate.subscription)
                if row is None or not row.subscription.matching:
                    continue
                if result := match(row.subscription, paper, candidate.score):
                    together = matched.setdefault(_alert_id(row, event, result), {})
                    together.setdefault(candidate.subscription, _Matched(row, event, vector, result))
        await self._name_nearest([one for together in matched.values() for one in together.values()])
        return [self._alert(id_, list(together.values())) for id_, together in matched.items()]

    async def _name_nearest(self, matched: Sequence[_Matched]) -> None:
        """Add the nearest of the liked papers to the reasons."""
        by_likes = [one for one in matched if one.row.subscription.like]
        found = await self._papers.nearest([(one.vector, one.row.subscription.like) for one in by_likes])
        for one, nearest in zip(by_likes, found, strict=True):
            if nearest:
                reason = f"nearest liked paper: “{nearest.title}” ({nearest.score:.2f})"
                change, score, *others = one.match.reasons
                one.match = replace(one.match, reasons=(change, score, reason, *others))

    async def _rows(self, ids: set[str]) -> dict[str, Row]:
        """Read the rows of subscriptions, by id; one that Redis no longer has is left out."""
        rows = await self._store.several(list(ids))
        return {row.subscription.id: row for row in rows if row}

    def _alert(self, id_: str, together: Sequence[_Matched]) -> PlannedAlert:
        """Build one alert for some matches, the oldest subscription first."""
        first, *others = sorted(together, key=lambda one: (one.row.subscription.created_at, one.row.subscription.id))
        subscription, event = first.row.subscription, first.event
        also = tuple(one.row.subscription.id for one in others)
        record = Record(
            id=id_,
            subscription=subscription.id,
            also=also,
            owner=first.row.owner,
            paper=event.paper.id,
            change=first.match.change.kind,
            created_at=event.indexed_at,
            next_attempt_at=event.indexed_at,
        )
        recipients = [self._recipient(one) for one in others]
        at, links = event.indexed_at, self._recipient(first).links
        body = alert_body.compose(subscription, event.paper, first.match, at, links=links, others=recipients)
        rank = digest_body.rank(first.match.score, event.paper.trending)
        return PlannedAlert(record, body, subscription.channel, subscription.schedule, rank, also)

    def _recipient(self, one: _Matched) -> alert_body.Recipient:
        subscription, at = one.row.subscription, one.event.indexed_at.timestamp()
        meaning = subscription.has_vector
        links = self._links.feedback(subscription.id, one.event.paper.id, at, meaning=meaning)
        return alert_body.Recipient(subscription, one.match, links)


def _alert_id(row: Row, event: PaperIndexed, result: Match) -> str:
    """Return the id of the alert of a match. Only alerts that are sent at once merge."""
    one = row.subscription
    if one.merge and one.schedule == "instant" and is_sent(one.channel):
        return alert_body.merged_id(row.owner, one.channel, event.paper.id, result.change)
    return alert_body.alert_id(one.id, event.paper.id, result.change)
