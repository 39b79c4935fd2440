"""What Qdrant holds of a subscription, and what a paper asks it: a superset of the matches, found without a scan.

A point has the subscription's vector with −c appended, and a paper queries with 1 appended: the result is cosine − c,
so one query answers for every threshold. `c` is the least cosine of a match that has at most the share `MANY` of the
words of its sentence. What has more of them is found by its words: a point has their weights as a sparse vector, whose
product with the terms of a paper is that share. Together the two find every match. A subscription without a vector is
found by its sets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from services.notifier.matching.indexed_papers import Vector
from services.notifier.matching.match import Subject, wanted_as
from services.notifier.matching.relatedness import MANY, SCORING, least_cosine, wanted
from services.notifier.subscription.store import Row
from shared.embedding.vectors import ANALYSIS
from shared.papers.person_names import wanted_keys
from shared.qdrant import ANALYSED, INTEREST, WORDS
from shared.qdrant.client_library import models
from shared.versions import DATA_VERSION, FIELD

ANY: Final = "*"
SCORED: Final = "scoring"
"""The field with the version of the score by which a point was made."""
MARGIN: Final = 1e-5
"""The error of float32 sums at the threshold. Within it, the reported score decides."""
NEVER: Final = 10.0
"""In place of c for a subscription that is paused or has no vector: no paper is near enough."""
Query = dict[str, Any]
"""A query as JSON of the REST API: as the client's models, thousands of candidates a batch take too long."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subscription that may match a paper, and the cosine similarity, or 0 without a vector."""

    subscription: str
    cosine: float


def point(row: Row, interest: Vector, citing: Sequence[str] = ()) -> models.PointStruct:
    """Return the point of a subscription; `interest` has shape (size,), `citing` are ids of what may match `cites`."""
    subscription = row.subscription
    payload: dict[str, Any] = {
        "owner": row.owner,
        "revision": row.revision,
        FIELD: DATA_VERSION,
        ANALYSED: ANALYSIS,
        SCORED: SCORING,
        "active": subscription.matching,
        "threshold": subscription.threshold,
    }
    vector: dict[str, Any] = {}
    place = NEVER
    if not subscription.has_vector:
        payload |= {
            "changes": [change.value for change in subscription.changes],
            "categories": list(subscription.categories) or [ANY],
            "author_keys": [key for name in subscription.authors for key in wanted_keys(name)] or [ANY],
            "source_names": list(subscription.sources) or [ANY],
            "paper_ids": list(citing) if subscription.cites else list(subscription.papers) or [ANY],
        }
    elif subscription.matching:
        asked = wanted(subscription, row.words)
        place = payload["cut"] = least_cosine(asked, subscription.threshold, MANY)
        if asked.terms:
            vector[WORDS] = models.SparseVector(indices=list(asked.terms), values=list(asked.terms.values()))
    vector[INTEREST] = [*interest.tolist(), -place]
    return models.PointStruct(id=subscription.id, vector=vector, payload=payload)


def is_current(payload: models.Payload) -> bool:
    """Return whether a point is as this program writes it."""
    return (payload.get(FIELD), payload.get(ANALYSED), payload.get(SCORED)) == (DATA_VERSION, ANALYSIS, SCORING)


def requests_for(papers: Sequence[tuple[Vector, Subject]], limit: int) -> list[Query]:
    """Return the queries for papers, three for each; each finds at most `limit` subscriptions."""
    return [
        query
        for vector, of in papers
        for query in (_near(vector, limit), _worded(vector, of, limit), _exact(of, limit))
    ]


def with_limit(query: Query, limit: int) -> Query:
    """Return the same query that finds at most `limit` subscriptions."""
    return (
        query | {"limit": limit} | ({"prefetch": query["prefetch"] | {"limit": limit}} if "prefetch" in query else {})
    )


def union(answers: Sequence[Sequence[Candidate]]) -> list[list[Candidate]]:
    """Return the candidates for each paper, each once, of the answers to `requests_for`."""
    threes = [answers[start : start + 3] for start in range(0, len(answers), 3)]
    return [list({one.subscription: one for found in three for one in found}.values()) for three in threes]


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
