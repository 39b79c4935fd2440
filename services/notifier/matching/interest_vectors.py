"""The interest of a subscription: a vector and words, of its query and liked papers, less the unliked papers."""

import asyncio
from collections.abc import Sequence
from typing import Final

import numpy as np
import structlog

from services.notifier.matching.indexed_papers import Example, IndexedPapers, Vector
from services.notifier.matching.wanted_words import wanted_words
from services.notifier.subscription.model import Criteria, Subscription
from services.notifier.subscription.sensitivity import is_abstract
from services.notifier.subscription.store import InterestVector, Row, Store
from shared.embedding.embedder import Embedder
from shared.embedding.vectors import pack_vector, unpack_vector
from shared.errors import PermanentError

LIKE_WEIGHT: Final = 0.5
"""The weight of the mean liked paper beside a query, which stays the larger part: readers write what they want."""
UNLIKE_WEIGHT: Final = 0.5
"""The weight of the mean unliked paper (Rocchio): below 1, as a reader may like most of its field."""

log = structlog.get_logger("notifier")


def combined(query: Vector | None, liked: Sequence[Vector], unliked: Sequence[Vector]) -> Vector | None:
    """Return the vector of an interest, of length 1; None where nothing is given, or all cancels out.

    Source: Rocchio, Relevance Feedback in Information Retrieval, 1971.
    """
    weighed = [] if query is None else [query]
    if liked:
        weighed.append(np.mean(liked, axis=0) * (1.0 if query is None else LIKE_WEIGHT))
    if unliked:
        weighed.append(np.mean(unliked, axis=0) * -UNLIKE_WEIGHT)
    total = np.sum(weighed, axis=0) if weighed else np.zeros(1)
    length = float(np.linalg.norm(total))
    return np.asarray(total / length, np.float32) if length >= 1e-3 else None  # noqa: PLR2004  # less is rounding errors


def has_no_words(row: Row) -> bool:
    """Return whether a subscription is of an earlier version, and its liked papers have given no words yet."""
    return row.words is None and bool(row.subscription.like)


class InterestVectors:
    """Compute and read the vectors of subscriptions."""

    model: str
    size: int

    def __init__(self, papers: IndexedPapers, embedder: Embedder, store: Store) -> None:
        """Take the `papers` of the index, and the `embedder` that embeds queries."""
        self.model = embedder.model
        self.size = embedder.size
        self._papers = papers
        self._embedder = embedder
        self._store = store

    async def compute(self, criteria: Criteria) -> InterestVector:
        """Return the vector and the words of a subscription.

        Raises:
            PermanentError: a liked or unliked paper does not exist, or they cancel out.
            TransientError: Qdrant does not answer.

        """
        liked = await self._examples(criteria.like)
        unliked = await self._examples(criteria.unlike)
        query = await self._query(criteria.query) if criteria.query else None
        vector = combined(query, [one.vector for one in liked], [one.vector for one in unliked])
        if vector is None and (liked or criteria.query):
            raise PermanentError("The liked and unliked papers cancel each other out: remove some of them.")
        vector = np.zeros(self.size, np.float32) if vector is None else vector
        words = await asyncio.to_thread(wanted_words, criteria.query, [one.text for one in liked])
        return InterestVector(model=self.model, vector=pack_vector(vector), words=words)

    async def _examples(self, ids: Sequence[str]) -> list[Example]:
        """Read papers, by any of their ids."""
        found = await self._papers.examples(ids)
        if missing := [id_ for id_ in ids if id_ not in found]:
            raise PermanentError(f"The paper {missing[0]} is not in the index.")
        return [found[id_] for id_ in ids]

    async def _query(self, text: str) -> Vector:
        """Embed a sentence as a query and an abstract as a paper, as some models distinguish them."""
        if is_abstract(text):
            return np.asarray((await self._embedder.papers([text]))[0], np.float32)
        return await self._embedder.query(text)

    async def stored(self, rows: Sequence[Row]) -> list[Vector]:
        """Return the vectors of stored subscriptions, each of shape (size,).

        One of another model, or that cannot be read, is recomputed, as is one of an earlier version whose liked papers
        have given no words; where its papers are gone, the latter stays as it is.
        """
        interests = await self._store.interests([row.subscription.id for row in rows])
        known = [self._readable(interest) for interest in interests]
        return [
            await self._recompute(row, vector) if vector is None or has_no_words(row) else vector
            for row, vector in zip(rows, known, strict=True)
        ]

    def _readable(self, interest: InterestVector | None) -> Vector | None:
        if interest is None or interest.model != self.model:
            return None
        try:
            vector = unpack_vector(interest.vector)
        except ValueError:
            return None
        return vector if vector.shape == (self.size,) else None

    async def _recompute(self, row: Row, known: Vector | None) -> Vector:
        """Recompute a vector; without its liked papers it is the one `known`.

        Where none is known it is zero and matches nothing, which its state says.
        """
        try:
            interest = await self.compute(row.subscription)
        except PermanentError as error:
            log.warning("interest_vector failed", subscription=row.subscription.id, reason=str(error))
            if known is not None and known.any():
                return known
            await self._explain(row, f"It matches nothing: {error} This is tried again at the next start.")
            return np.zeros(self.size, np.float32)
        if interest.words != row.words and row.subscription.like:

            async def update(present: Subscription) -> tuple[Subscription, InterestVector | None]:
                return present, interest if present.like == row.subscription.like else None

            await self._store.change(row.subscription.id, update)
        await self._store.set_interest(row.subscription.id, interest)
        await self._explain(row, None)
        return unpack_vector(interest.vector)

    async def _explain(self, row: Row, reason: str | None) -> None:
        """Write into the state of an active subscription why it matches nothing, or that this has passed."""
        if not row.subscription.active or row.subscription.state.reason == reason:
            return

        async def update(present: Subscription) -> tuple[Subscription, InterestVector | None]:
            if not present.active:
                return present, None
            state = present.state.model_copy(update={"reason": reason})
            return present.model_copy(update={"state": state}), None

        await self._store.change(row.subscription.id, update)
