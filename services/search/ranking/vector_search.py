"""Rankings by vectors, several in one request."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.search.ranking.fusion import Ranking
from services.search.ranking.qdrant_filter import among
from shared.embedding.vectors import SparseVector
from shared.qdrant import EXACTLY, PAPERS, Qdrant, read_or
from shared.qdrant.client_library import models


@dataclass(frozen=True, slots=True, eq=False)
class VectorSearch:
    """A ranking by one vector: what is looked for, as Qdrant's JSON, among which papers, and how many at most.

    A paper that has no such vector, or shares no term with a sparse one, is not in the ranking. Without a query it is
    empty.
    """

    using: str
    query: Any
    filters: models.Filter
    limit: int


def scoring(using: str, query: Any, points: Sequence[str]) -> VectorSearch:  # noqa: ANN401  # any JSON value
    """Return the search that scores some points."""
    return VectorSearch(using, query, among(points), len(points))


def sparse_query(terms: SparseVector) -> dict[str, Any] | None:
    """Return a sparse vector as Qdrant's JSON; None for one without terms."""
    return {"indices": terms.indices, "values": terms.values} if terms.indices else None


async def rankings(client: Qdrant, searches: Sequence[VectorSearch]) -> list[Ranking]:
    """Rank by each search, in one request; without a collection nothing is found. Raises TransientError."""
    asked = [search for search in searches if search.query is not None and search.limit]
    bodies = [
        {"query": one.query, "using": one.using, "filter": one.filters, "limit": one.limit, "params": EXACTLY}
        for one in asked
    ]
    answers = await read_or(client.ask(PAPERS, "/query/batch", {"searches": bodies}), []) if bodies else []
    found = iter([[(point["id"], point["score"]) for point in answer["points"]] for answer in answers])
    return [next(found, []) if search in asked else [] for search in searches]
