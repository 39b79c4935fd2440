"""The points of subscriptions in Qdrant, derived from Redis, and the one query that finds a paper's matches.

A point's vector is the interest with −θ appended, and a paper asks with 1 appended: the score is then cosine − θ,
so one query finds the matches of every threshold. Without a meaning to compare it is all zeros, and so is the score.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

from services.notifier.interests import Interests, Vector
from services.notifier.matching import Subject, person_key
from services.notifier.store import Row, Store
from shared.errors import TransientError
from shared.qdrant import INTEREST, SUBSCRIPTIONS, ensure_subscriptions, outages

ANY: Final = "*"
MARGIN: Final = 1e-5
"""What float32 sums may be off at the threshold; what lies within is decided by the score as it is reported."""
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


class Points:
    """Keep the points of subscriptions, find those of a paper."""

    def __init__(self, client: AsyncQdrantClient, interests: Interests, store: Store) -> None:
        self._client = client
        self._interests = interests
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
        points = [point(row, await self._interests.stored(row)) for row in present]
        async with outages():
            if points:
                await self._client.upsert(SUBSCRIPTIONS, points=points, wait=True)
            if gone:
                await self._client.delete(SUBSCRIPTIONS, points_selector=list(gone), wait=True)

    async def reconcile(self) -> int:
        """Make the collection if need be, and repair every point that is missing, extra or old; give how many.

        Points are read before rows: a row is written before its point, so a point without a row is truly extra.
        """
        await ensure_subscriptions(self._client, self._interests.model, self._interests.size)
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
        """Find for each paper every subscription whose threshold and sets it meets, in the order of the papers.

        Raises:
            TransientError: Qdrant does not answer, or had lost the collection, which is then made again.

        """
        found: list[list[Candidate]] = []
        for start in range(0, len(papers), CHUNK):
            chunk = papers[start : start + CHUNK]
            try:
                found += await self._ask(chunk, FIRST_LIMIT)
            except UnexpectedResponse as error:
                if error.status_code != 404:  # noqa: PLR2004
                    raise
                await self.reconcile()
                raise TransientError("the subscriptions were missing in Qdrant and are written again") from error
        return found

    async def _ask(self, papers: Sequence[tuple[Vector, Subject]], limit: int) -> list[list[Candidate]]:
        """Ask once for all; those whose answer was full are asked again for more."""
        requests = [_request(vector, subject, limit) for vector, subject in papers]
        async with outages():
            answers = await self._client.query_batch_points(SUBSCRIPTIONS, requests)
        found = [[_candidate(point) for point in answer.points] for answer in answers]
        full = [place for place, answer in enumerate(found) if len(answer) == limit]
        if full:
            more = await self._ask([papers[place] for place in full], limit * 10)
            for place, answer in zip(full, more, strict=True):
                found[place] = answer
        return found


def _revision(row: Row | None) -> int | None:
    return row.revision if row else None


def point(row: Row, interest: Vector) -> models.PointStruct:
    """Make the point of a subscription; `interest` has shape (size,)."""
    subscription = row.subscription
    vector = [*interest.tolist(), -subscription.threshold]
    payload = {
        "owner": row.owner,
        "revision": row.revision,
        "active": subscription.active,
        "threshold": subscription.threshold,
        "changes": [change.value for change in subscription.changes],
        "categories": list(subscription.categories) or [ANY],
        "author_keys": [person_key(name) for name in subscription.authors] or [ANY],
        "source_names": list(subscription.sources) or [ANY],
    }
    return models.PointStruct(id=subscription.id, vector={INTEREST: vector}, payload=payload)


def _request(vector: Vector, subject: Subject, limit: int) -> models.QueryRequest:
    sets = {
        "changes": {change.kind.value for change in subject.changes},
        "categories": {*subject.paper.categories, ANY},
        "author_keys": {*subject.author_keys, ANY},
        "source_names": {*subject.source_names, ANY},
    }
    must: list[models.Condition] = [
        models.FieldCondition(key=key, match=models.MatchAny(any=sorted(values))) for key, values in sets.items()
    ]
    must.append(models.FieldCondition(key="active", match=models.MatchValue(value=True)))
    return models.QueryRequest(
        query=[*vector.tolist(), 1.0],
        using=INTEREST,
        filter=models.Filter(must=must),
        score_threshold=-MARGIN,
        params=models.SearchParams(exact=True),
        limit=limit,
        with_payload=["threshold"],
    )


def _candidate(point: models.ScoredPoint) -> Candidate:
    """Put the threshold back that the point has, which may be another than Redis has a moment later."""
    return Candidate(str(point.id), point.score + float((point.payload or {}).get("threshold", 0.0)))
