"""The points of subscriptions in Qdrant, derived from Redis, and the queries that preselect matches for a paper.

`written_points` says why these queries find every match.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import structlog

from services.notifier.matching.indexed_papers import Vector
from services.notifier.matching.interest_vectors import InterestVectors, has_no_words
from services.notifier.matching.match import MARGIN, Subject, wanted_as
from services.notifier.matching.written_points import ANY, MANY, SCORED, is_current, point
from services.notifier.subscription.store import Row, Store
from shared.errors import TransientError
from shared.qdrant import ANALYSED, INTEREST, SUBSCRIPTIONS, WORDS, Qdrant, ensure_subscriptions, outages
from shared.qdrant.client_library import UnexpectedResponse
from shared.versions import FIELD

FIRST_LIMIT: Final = 1_000
"""The limit of the first query. Its cost grows with it: 8 ms with 100,000 subscriptions, 120 ms for all of them."""
WORDED_LIMIT: Final = 400
"""That of the query by words, which finds fewer."""
PAPERS_PER_REQUEST: Final = 64
"""Papers that one request to Qdrant matches."""
Query = dict[str, Any]
"""A query as JSON of the REST API: as the client's models, thousands of candidates a batch take too long."""

log = structlog.get_logger("notifier")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subscription that may match a paper, and the cosine similarity, or 0 without a vector."""

    subscription: str
    cosine: float


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
                if points.pop(id_, None) != _revision(row) or (row and _lacks_papers(row))
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


def _lacks_papers(row: Row) -> bool:
    """Return whether the vector or the words of a subscription could not be computed: liked papers were missing."""
    subscription = row.subscription
    return subscription.active and (subscription.state.reason is not None or has_no_words(row))


def requests_for(papers: Sequence[tuple[Vector, Subject]], limit: int) -> list[Query]:
    """Return the queries for papers, three for each; each finds at most `limit` subscriptions.

    Queries of a kind follow one another: the engine reads the vectors once for all neighbours of a kind.
    """
    near = [_near(vector, limit) for vector, _ in papers]
    worded = [_worded(vector, of, min(limit, WORDED_LIMIT)) for vector, of in papers]
    return near + worded + [_exact(of, limit) for _, of in papers]


def with_limit(query: Query, limit: int) -> Query:
    """Return the same query that finds at most `limit` subscriptions."""
    return (
        query | {"limit": limit} | ({"prefetch": query["prefetch"] | {"limit": limit}} if "prefetch" in query else {})
    )


def union(answers: Sequence[Sequence[Candidate]]) -> list[list[Candidate]]:
    """Return the candidates for each paper, each once, of the answers to `requests_for`."""
    papers = len(answers) // 3
    return [
        list({one.subscription: one for found in answers[paper::papers] for one in found}.values())
        for paper in range(papers)
    ]


def candidate(point: Mapping[str, Any]) -> Candidate:
    """Restore the cosine with the cut of the point, which may differ from that of the subscription in Redis by now."""
    cut = (point.get("payload") or {}).get("cut")
    return Candidate(point["id"], 0.0 if cut is None else point["score"] + cut)


def _near(vector: Vector, limit: int) -> Query:
    """Return the query for subscriptions near enough to a paper. A filter would cost three times the scores."""
    return _scored(vector, limit) | {"score_threshold": -MARGIN}


def _worded(vector: Vector, of: Subject, limit: int) -> Query:
    """Return the query for subscriptions of whose words a paper has many."""
    present = sorted(of.terms) or [0]  # a query needs a term
    words = {"indices": present, "values": [1.0] * len(present)}
    first = {"query": words, "using": WORDS, "score_threshold": MANY - MARGIN, "limit": limit}
    return _scored(vector, limit) | {"prefetch": first}


def _scored(vector: Vector, limit: int) -> Query:
    return {
        "query": np.append(vector, np.float32(1)),
        "using": INTEREST,
        "params": {"exact": True},
        "limit": limit,
        "with_payload": ["cut"],
    }


def _exact(of: Subject, limit: int) -> Query:
    """Return the query for subscriptions without a vector whose sets a paper meets; only they have sets as payload."""
    sets = {
        "changes": {kind.value for change in of.changes for kind in wanted_as(change)},
        "categories": {*of.paper.categories, ANY},
        "author_keys": {*of.author_keys, ANY},
        "source_names": {*of.source_names, ANY},
        "paper_ids": {*of.ids, ANY},
    }
    must: list[dict[str, Any]] = [{"key": key, "match": {"any": sorted(values)}} for key, values in sets.items()]
    must.append({"key": "active", "match": {"value": True}})
    return {"filter": {"must": must}, "limit": limit, "with_payload": False}
