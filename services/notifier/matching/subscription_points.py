"""The points of subscriptions in Qdrant, derived from Redis, and the queries that preselect matches for a paper."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import structlog

from services.notifier.matching.indexed_papers import Vector
from services.notifier.matching.interest_vectors import InterestVectors
from services.notifier.matching.match import Subject
from services.notifier.matching.preselection import (
    SCORED,
    Candidate,
    Query,
    candidate,
    is_current,
    point,
    requests_for,
    union,
    with_limit,
)
from services.notifier.subscription.store import Row, Store
from shared.errors import TransientError
from shared.qdrant import ANALYSED, SUBSCRIPTIONS, Qdrant, ensure_subscriptions, outages
from shared.qdrant.client_library import UnexpectedResponse
from shared.versions import FIELD

FIRST_LIMIT: Final = 1_000
"""The limit of the first query. Its cost grows with it: 8 ms with 100,000 subscriptions, 120 ms for all of them."""
PAPERS_PER_REQUEST: Final = 64
"""Papers that one request to Qdrant matches."""

log = structlog.get_logger("notifier")


class SubscriptionPoints:
    """Keep the points of subscriptions current, and find the candidates for a paper."""

    def __init__(self, client: Qdrant, interests: InterestVectors, store: Store) -> None:
        self._client = client
        self._interest_vectors = interests
        self._store = store

    async def sync(self, ids: Sequence[str]) -> None:
        """Write the points of subscriptions as Redis has them; repeat for those that change meanwhile.

        Raises:
            TransientError: Qdrant does not answer.

        """
        while ids:
            rows = await self._store.several(ids)
            await self._write(ids, rows)
            after = await self._store.several(ids)
            ids = [id_ for id_, a, b in zip(ids, rows, after, strict=True) if _revision(a) != _revision(b)]

    async def _write(self, ids: Sequence[str], rows: Sequence[Row | None]) -> None:
        gone = [id_ for id_, row in zip(ids, rows, strict=True) if row is None]
        present = [row for row in rows if row is not None]
        interests = await self._interest_vectors.stored(present)
        citing = [await self._store.citing(row.subscription.id) if row.subscription.cites else () for row in present]
        points = [point(*each) for each in zip(present, interests, citing, strict=True)]
        async with outages():
            if points:
                await self._client.upsert(SUBSCRIPTIONS, points=points, wait=True)
            if gone:
                await self._client.delete(SUBSCRIPTIONS, points_selector=list(gone), wait=True)

    async def reconcile(self) -> int:
        """Create the collection if needed, and repair points that are missing, extra or outdated; return how many.

        Points are read before rows: a row is written before its point, so a point without a row is extra for sure.
        """
        await ensure_subscriptions(self._client, self._interest_vectors.model, self._interest_vectors.size)
        points = await self._points()
        wrong = 0
        async for ids in self._store.ids():
            rows = await self._store.several(ids)
            stale = [
                id_
                for id_, row in zip(ids, rows, strict=True)
                if points.pop(id_, None) != _revision(row) or (row and _matches_nothing(row))
            ]
            await self.sync(stale)
            wrong += len(stale)
        extra = list(points)
        await self.sync(extra)
        if wrong or extra:
            log.info("subscription_points reconciled", written=wrong, removed=len(extra))
        return wrong + len(extra)

    async def _points(self) -> dict[str, int]:
        """Return the revision of every point, by id; 0 of one that a program of another version wrote."""
        found: dict[str, int] = {}
        offset: Any = None
        while True:
            async with outages():
                points, offset = await self._client.scroll(
                    SUBSCRIPTIONS, limit=1_000, offset=offset, with_payload=["revision", FIELD, ANALYSED, SCORED]
                )
            payloads = {str(point.id): point.payload or {} for point in points}
            found |= {id_: one["revision"] if is_current(one) else 0 for id_, one in payloads.items()}
            if offset is None:
                return found

    async def candidates(self, papers: Sequence[tuple[Vector, Subject]]) -> list[list[Candidate]]:
        """Return for each paper every subscription that it may match, in the order of the papers.

        The threshold of a subscription with a vector may be met, and the sets of one without; `match` decides the rest.

        Raises:
            TransientError: Qdrant does not answer, or lost the collection, which is then created again.

        """
        found: list[list[Candidate]] = []
        for start in range(0, len(papers), PAPERS_PER_REQUEST):
            chunk = papers[start : start + PAPERS_PER_REQUEST]
            requests = await asyncio.to_thread(requests_for, chunk, FIRST_LIMIT)
            try:
                answers = await self._ask(requests)
            except UnexpectedResponse as error:
                if error.status_code != 404:  # noqa: PLR2004
                    raise
                await self.reconcile()
                raise TransientError("the subscriptions were missing in Qdrant and have been written again") from error
            found += union(answers)
        return found

    async def _ask(self, requests: list[Query]) -> list[list[Candidate]]:
        """Send all queries in one request; repeat those that reached their limit with a higher one."""
        async with outages():
            answers = await self._client.ask(SUBSCRIPTIONS, "/query/batch", {"searches": requests})
        found = await asyncio.to_thread(lambda: [[candidate(point) for point in one["points"]] for one in answers])
        full = [place for place, one in enumerate(found) if len(one) == requests[place]["limit"]]
        if full:
            more = [with_limit(requests[place], 10 * len(found[place])) for place in full]
            for place, one in zip(full, await self._ask(more), strict=True):
                found[place] = one
        return found


def _revision(row: Row | None) -> int | None:
    return row.revision if row else None


def _matches_nothing(row: Row) -> bool:
    """Return whether the vector of a subscription could not be computed; its state has the reason."""
    return row.subscription.active and row.subscription.state.reason is not None
