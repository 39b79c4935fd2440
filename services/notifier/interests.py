"""Interests: what a subscription means, as one vector."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import structlog
from numpy.typing import NDArray
from qdrant_client import AsyncQdrantClient, models

from services.notifier.store import Interest, Row, Store
from services.notifier.subscription import NewSubscription
from shared.embedding import Embedder
from shared.errors import PermanentError
from shared.qdrant import DENSE, PAPERS, outages
from shared.vectors import pack_vector, unpack_vector

UNLIKE: Final = 0.5
"""The weight of the mean unliked paper against the liked ones (Rocchio's): less, as one may like most of its field."""

Vector = NDArray[np.float32]
log = structlog.get_logger("notifier")


class Interests:
    """Make and read the interests of subscriptions."""

    model: str
    size: int

    def __init__(self, client: AsyncQdrantClient, embedder: Embedder, store: Store) -> None:
        self.model = embedder.model
        self.size = embedder.size
        self._client = client
        self._embedder = embedder
        self._store = store

    async def of(self, subscription: NewSubscription) -> Interest:
        """Make the interest of a subscription.

        Raises:
            PermanentError: a liked or unliked paper is not known, or they cancel out.
            TransientError: Qdrant does not answer.

        """
        liked = await self._papers(subscription.like)
        unliked = await self._papers(subscription.unlike)
        if subscription.query:
            liked = [await self._embedder.query(subscription.query), *liked]
        vector = np.zeros(self.size, np.float32)
        if liked:
            vector = np.mean(liked, axis=0) - (UNLIKE * np.mean(unliked, axis=0) if unliked else 0)
            length = float(np.linalg.norm(vector))
            if length < 1e-3:  # noqa: PLR2004  # nothing but rounding is left
                raise PermanentError("What is liked and unliked cancels out: leave out one of them.")
            vector /= length
        return Interest(model=self.model, vector=pack_vector(vector))

    async def _papers(self, ids: Sequence[str]) -> list[Vector]:
        """Fetch the vectors of papers by any of their ids."""
        if not ids:
            return []
        wanted = models.FieldCondition(key="ids", match=models.MatchAny(any=list(ids)))
        points: list[models.Record] = []
        async with outages():
            if await self._client.collection_exists(PAPERS):
                points, _ = await self._client.scroll(
                    PAPERS,
                    scroll_filter=models.Filter(must=[wanted]),
                    limit=2 * len(ids),
                    with_payload=["ids"],
                    with_vectors=[DENSE],
                )
        found = {name: _dense(point) for point in points for name in (point.payload or {}).get("ids", ())}
        if missing := [name for name in ids if name not in found]:
            raise PermanentError(f"There is no paper {missing[0]} here to compare with.")
        return [found[name] for name in ids]

    async def stored(self, rows: Sequence[Row]) -> list[Vector]:
        """Read the interests of stored subscriptions, each of shape (size,); those of another model are made again."""
        interests = await self._store.interests([row.subscription.id for row in rows])
        return [
            unpack_vector(interest.vector) if interest and interest.model == self.model else await self._again(row)
            for row, interest in zip(rows, interests, strict=True)
        ]

    async def _again(self, row: Row) -> Vector:
        """Make an interest again. One whose liked papers are gone has no meaning until its owner changes it."""
        try:
            interest = await self.of(row.subscription)
        except PermanentError as error:
            log.warning("interest cannot be made", subscription=row.subscription.id, reason=str(error))
            return np.zeros(self.size, np.float32)
        await self._store.set_interest(row.subscription.id, interest)
        return unpack_vector(interest.vector)


def _dense(point: models.Record) -> Vector:
    vectors: Any = point.vector
    return np.asarray(vectors[DENSE], np.float32)
