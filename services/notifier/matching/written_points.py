"""What Qdrant holds of a subscription, from which a paper finds a superset of the matches without a scan.

A point has the subscription's vector with −c appended, and a paper queries with 1 appended: the result is cosine − c,
so one query answers for every threshold. `c` is the least cosine of a match that has at most the share `MANY` of the
words of its interest. What has more of them is found by its words: a point has their weights as a sparse vector, whose
product with the terms of a paper is that share. Together the two find every match. A subscription without a vector is
found by its sets.
"""

from collections.abc import Sequence
from typing import Any, Final

from services.notifier.matching.indexed_papers import Vector
from services.notifier.matching.match import SCORING, least_cosine, wanted
from services.notifier.subscription.store import Row
from shared.embedding.vectors import ANALYSIS
from shared.papers.person_names import wanted_keys
from shared.qdrant import ANALYSED, INTEREST, WORDS
from shared.qdrant.client_library import models
from shared.versions import DATA_VERSION, FIELD

ANY: Final = "*"
MANY: Final = 0.5
"""The share of words above which a subscription is found by its words, whatever its cosine."""
SCORED: Final = "scoring"
"""The field with the version of the score by which a point was made."""
NEVER: Final = 10.0
"""In place of c for a subscription that is paused or has no vector: no paper is near enough."""


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
