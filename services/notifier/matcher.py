"""From indexed papers to the alerts that they call for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.notifier import alert, matching
from services.notifier.channel import AnyChannel
from services.notifier.deliveries import Record
from services.notifier.points import Points
from services.notifier.store import Row, Store
from shared.events import PaperIndexed
from shared.vectors import unpack_vector

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Alert:
    """A delivery to be written: its record, its body, and the channel it goes to at first."""

    record: Record
    body: bytes
    channel: AnyChannel


class Matcher:
    """Finds the subscriptions of papers."""

    def __init__(self, points: Points, store: Store, model: str, size: int) -> None:
        """`model` is the embedding model of the interests, `size` its dimensions."""
        self._points = points
        self._store = store
        self._model = model
        self._size = size

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

    async def alerts(self, events: Sequence[PaperIndexed]) -> list[Alert]:
        """Give every alert that events without an objection call for, each at most once.

        Raises:
            TransientError: Qdrant does not answer.

        """
        subjects = [matching.subject(event.paper, event.changes) for event in events]
        vectors = [unpack_vector(event.vector) for event in events]
        candidates = await self._points.candidates(list(zip(vectors, subjects, strict=True)))
        rows = await self._rows({one.subscription for found in candidates for one in found})
        alerts: dict[str, Alert] = {}
        for event, subject, found in zip(events, subjects, candidates, strict=True):
            for one in found:
                row = rows.get(one.subscription)
                match = (
                    matching.match(row.subscription, subject, one.score) if row and row.subscription.active else None
                )
                if row and match:
                    made = _alert(row, event, match)
                    alerts.setdefault(made.record.id, made)
        return list(alerts.values())

    async def _rows(self, ids: set[str]) -> dict[str, Row]:
        """Read what Redis says of subscriptions; one that Redis does not know is not there."""
        rows = await self._store.several(list(ids))
        return {row.subscription.id: row for row in rows if row}


def _alert(row: Row, event: PaperIndexed, match: matching.Match) -> Alert:
    subscription = row.subscription
    record = Record(
        id=alert.alert_id(subscription.id, event.paper.id, match.change),
        subscription=subscription.id,
        owner=row.owner,
        paper=event.paper.id,
        change=match.change.kind,
        created_at=event.indexed_at,
        next_attempt_at=event.indexed_at,
    )
    return Alert(record, alert.body(subscription, event.paper, match, event.indexed_at), subscription.channel)
