"""The points of subscriptions in Qdrant, derived from Redis, and the one query that finds a paper's matches.

A point's vector is the interest with −θ appended, and a paper asks with 1 appended: the score is then cosine − θ,
so one query finds the matches of every threshold. Subscriptions without a meaning are found by their sets instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

from services.notifier.matching.indexed_papers import Vector
from services.notifier.matching.interest_vectors import InterestVectors
from services.notifier.matching.match import Subject, person_key
from services.notifier.subscription.store import Row, Store
from shared.errors import TransientError
from shared.qdrant import INTEREST, SUBSCRIPTIONS, ensure_subscriptions, outages

ANY: Final = "*"
MARGIN: Final = 1e-5
"""What float32 sums may be off at the threshold; what lies within is decided by the score as it is reported."""
NEVER: Final = -10.0
"""In the place of −θ: no paper comes near a subscription that is paused, or has no meaning to come near to."""
FIRST_LIMIT: Final = 1_000
"""Matches asked for at first; what a query costs grows with it (of 100,000 subscriptions: 8 ms, all of them 120)."""
CHUNK: Final = 64
"""Papers to a request."""

log = structlog.get_logger("notifier")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subscription that Qdrant finds for a paper; `score` is the cosine, or 0 where meaning does not count."""

    subscription: str
    score: float


class SubscriptionPoints:
    """Keep the points of subscriptions, find those of a paper."""

    def __init__(self, client: AsyncQdrantClient, interests: InterestVectors, store: Store) -> None:
        self._client = client
        self._interest_vectors = interests
        self._store = store

    async def sync(self, ids: Sequence[str]) -> None:
        """Make the points of some subscriptions what Redis says, until Redis says no more than was written.

        Raises:
            TransientError: Qdrant does not answer.

        """
        while ids:
            rows = await self._store.several(ids)
            await self._write(ids, rows)
            after = await self._store.several(ids)
            ids = [name for name, a, b in zip(ids, rows, after, strict=True) if _revision(a) != _revision(b)]

    async def _write(self, ids: Sequence[str], rows: Sequence[Row | None]) -> None:
        gone = [name for name, row in zip(ids, rows, strict=True) if row is None]
        present = [row for row in rows if row is not None]
        interests = await self._interest_vectors.stored(present)
        points = [point(row, interest) for row, interest in zip(present, interests, strict=True)]
        async with outages():
            if points:
                await self._client.upsert(SUBSCRIPTIONS, points=points, wait=True)
            if gone:
                await self._client.delete(SUBSCRIPTIONS, points_selector=list(gone), wait=True)

    async def reconcile(self) -> int:
        """Make the collection if need be, and repair every point that is missing, extra or old; give how many.

        Points are read before rows: a row is written before its point, so a point without a row is truly extra.
        """
        await ensure_subscriptions(self._client, self._interest_vectors.model, self._interest_vectors.size)
        points = await self._points()
        wrong = 0
        async for ids in self._store.ids():
            rows = await self._store.several(ids)
            stale = [name for name, row in zip(ids, rows, strict=True) if points.pop(name, None) != _revision(row)]
            await self.sync(stale)
            wrong += len(stale)
        extra = list(points)
        await self.sync(extra)
        if wrong or extra:
            log.info("subscriptions reconciled", written=wrong, removed=len(extra))
        return wrong + len(extra)

    async def _points(self) -> dict[str, int]:
        """Read the revision of every point."""
        found: dict[str, int] = {}
        offset: Any = None
        while True:
            async with outages():
                points, offset = await self._client.scroll(
                    SUBSCRIPTIONS, limit=1_000, offset=offset, with_payload=["revision"], with_vectors=False
                )
            found |= {str(point.id): (point.payload or {}).get("revision", 0) for point in points}
            if offset is None:
                return found

    async def candidates(self, papers: Sequence[tuple[Vector, Subject]]) -> list[list[Candidate]]:
        """Find for each paper every subscription that it may be for, in the order of the papers.

        With a meaning, its threshold is met; without one, its sets are. The rest is for `matching.match`.

        Raises:
            TransientError: Qdrant does not answer, or had lost the collection, which is then made again.

        """
        found: list[list[Candidate]] = []
        for start in range(0, len(papers), CHUNK):
            chunk = papers[start : start + CHUNK]
            requests = [_near(vector) for vector, _ in chunk] + [_exact(subject) for _, subject in chunk]
            try:
                answers = await self._ask(requests)
            except UnexpectedResponse as error:
                if error.status_code != 404:  # noqa: PLR2004
                    raise
                await self.reconcile()
                raise TransientError("the subscriptions were missing in Qdrant and are written again") from error
            found += [near + exact for near, exact in zip(answers[: len(chunk)], answers[len(chunk) :], strict=True)]
        return found

    async def _ask(self, requests: list[models.QueryRequest]) -> list[list[Candidate]]:
        """Ask once for all; those whose answer was full are asked again for more."""
        # The client's own method copies every vector number by number first: half a millisecond a paper.
        batch = models.QueryRequestBatch(searches=requests)
        async with outages():
            answers = await self._client.http.search_api.query_batch_points(SUBSCRIPTIONS, query_request_batch=batch)
        found = [[_candidate(point) for point in answer.points] for answer in answers.result or ()]
        full = [place for place, one in enumerate(found) if len(one) == requests[place].limit]
        if full:
            more = [requests[place].model_copy(update={"limit": 10 * len(found[place])}) for place in full]
            for place, one in zip(full, await self._ask(more), strict=True):
                found[place] = one
        return found


def _revision(row: Row | None) -> int | None:
    return row.revision if row else None


def point(row: Row, interest: Vector) -> models.PointStruct:
    """Make the point of a subscription; `interest` has shape (size,)."""
    subscription = row.subscription
    near = subscription.matching and subscription.has_vector
    payload: dict[str, Any] = {
        "owner": row.owner,
        "revision": row.revision,
        "active": subscription.matching,
        "threshold": subscription.threshold,
    }
    if not subscription.has_vector:
        payload |= {
            "changes": [change.value for change in subscription.changes],
            "categories": list(subscription.categories) or [ANY],
            "author_keys": [person_key(name) for name in subscription.authors] or [ANY],
            "source_names": list(subscription.sources) or [ANY],
            "paper_ids": list(subscription.papers) or [ANY],
        }
    vector = [*interest.tolist(), -subscription.threshold if near else NEVER]
    return models.PointStruct(id=subscription.id, vector={INTEREST: vector}, payload=payload)


def _near(vector: Vector) -> models.QueryRequest:
    """Ask for the interests that a paper is near enough to. No filter: to check one for all costs thrice the scores."""
    return models.QueryRequest(
        query=[*vector.tolist(), 1.0],
        using=INTEREST,
        score_threshold=-MARGIN,
        params=models.SearchParams(exact=True),
        limit=FIRST_LIMIT,
        with_payload=["threshold"],
    )


def _exact(subject: Subject) -> models.QueryRequest:
    """Ask for the subscriptions without a meaning whose sets a paper meets; only theirs are in the payload."""
    sets = {
        "changes": {change.kind.value for change in subject.changes},
        "categories": {*subject.paper.categories, ANY},
        "author_keys": {*subject.author_keys, ANY},
        "source_names": {*subject.source_names, ANY},
        "paper_ids": {*subject.ids, ANY},
    }
    must: list[models.Condition] = [
        models.FieldCondition(key=key, match=models.MatchAny(any=sorted(values))) for key, values in sets.items()
    ]
    must.append(models.FieldCondition(key="active", match=models.MatchValue(value=True)))
    return models.QueryRequest(filter=models.Filter(must=must), limit=FIRST_LIMIT, with_payload=False)


def _candidate(point: models.ScoredPoint) -> Candidate:
    """Put the threshold back that the point has, which may be another than Redis has a moment later."""
    threshold = (point.payload or {}).get("threshold")
    return Candidate(str(point.id), 0.0 if threshold is None else point.score + threshold)
