"""Interests: what a subscription means, as one vector."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import structlog

from services.notifier.matching.indexed_papers import IndexedPapers, Vector
from services.notifier.subscription.model import Wish
from services.notifier.subscription.sensitivity import is_abstract
from services.notifier.subscription.store import InterestVector, Row, Store
from shared.embedding.embedder import Embedder
from shared.embedding.vectors import pack_vector, unpack_vector
from shared.errors import PermanentError

UNLIKE: Final = 0.5
"""The weight of the mean unliked paper against the liked ones (Rocchio's): less, as one may like most of its field."""

log = structlog.get_logger("notifier")


class InterestVectors:
    """Make and read the interests of subscriptions."""

    model: str
    size: int

    def __init__(self, papers: IndexedPapers, embedder: Embedder, store: Store) -> None:
        self.model = embedder.model
        self.size = embedder.size
        self._papers = papers
        self._embedder = embedder
        self._store = store

    async def of(self, wish: Wish) -> InterestVector:
        """Make an interest.

        Raises:
            PermanentError: a liked or unliked paper is not known, or they cancel out.
            TransientError: Qdrant does not answer.

        """
        liked = await self._liked(wish.like)
        unliked = await self._liked(wish.unlike)
        if wish.query:
            liked = [await self._query(wish.query), *liked]
        vector = np.zeros(self.size, np.float32)
        if liked:
            vector = np.mean(liked, axis=0) - (UNLIKE * np.mean(unliked, axis=0) if unliked else 0)
            length = float(np.linalg.norm(vector))
            if length < 1e-3:  # noqa: PLR2004  # nothing but rounding is left
                raise PermanentError("What is liked and unliked cancels out: leave out one of them.")
            vector /= length
        return InterestVector(model=self.model, vector=pack_vector(vector))

    async def _liked(self, ids: Sequence[str]) -> list[Vector]:
        """Fetch the vectors of papers by any of their ids."""
        found = await self._papers.vectors(ids)
        if missing := [name for name in ids if name not in found]:
            raise PermanentError(f"There is no paper {missing[0]} here to compare with.")
        return [found[name] for name in ids]

    async def _query(self, text: str) -> Vector:
        """Embed a sentence as queries are, and an abstract as papers are: some models tell the two apart."""
        if is_abstract(text):
            return np.asarray((await self._embedder.papers([text]))[0], np.float32)
        return await self._embedder.query(text)

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
