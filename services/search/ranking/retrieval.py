"""The two rankings of a query, by meaning and by words, as Qdrant gives them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from numpy.typing import NDArray

from services.search.ranking.fusion import Ranking
from services.search.ranking.own_lists import LOOKS, OwnLists
from services.search.ranking.qdrant_filter import ACTIVE, WITHDRAWN
from shared.embedding.embedder import SparseVector
from shared.qdrant import BM25, DENSE, EXACTLY, PAPERS, Qdrant, read_or
from shared.qdrant.client_library import models

FEW: Final = 8
"""Withdrawn papers that are searched for among those ranked: about one of 200 papers of arXiv is withdrawn."""
Json = Any


@dataclass(frozen=True, slots=True)
class Vectors:
    """The vectors of a query; one of them may be missing. The dense one may be a query in Qdrant's JSON."""

    dense: NDArray[Any] | Mapping[str, Any] | None = None
    sparse: SparseVector | None = None


async def nearest(client: Qdrant, vectors: Vectors, filters: models.Filter, limit: int) -> tuple[Ranking, Ranking]:
    """Rank by closeness to a query: by its dense vector, and by its sparse one. Raises TransientError.

    A filter that lets nearly all papers through costs a quarter of the ranking. So where nothing else is wanted, all
    are ranked, and the few that are withdrawn left out: a ranking of 200 may then be some papers shorter.
    """
    queries = _queries(vectors)
    if not queries:
        return (), ()
    if filters == ACTIVE:
        every, gone = await _rankings(client, queries, (None, limit), (WITHDRAWN, FEW))
        if not any(crowded(every[name], gone[name]) for name in queries):
            left = {name: without(every[name], gone[name]) for name in queries}
            return left.get(DENSE, ()), left.get(BM25, ())
    (found,) = await _rankings(client, queries, (filters, limit))
    return found.get(DENSE, ()), found.get(BM25, ())


async def nearest_of_lists(
    client: Qdrant, vectors: Vectors, filters: models.Filter, own: OwnLists, limit: int
) -> tuple[Ranking, Ranking] | None:
    """Rank as `nearest` what large reading lists let through, without sending their ids. Raises TransientError.

    `own` has points. More papers are ranked than are wanted, and those that do not pass left out: the rankings are
    what the filter of the lists would give. None if so few papers pass that it has to be asked.
    """
    queries = _queries(vectors)
    for look in LOOKS:
        (found,) = await _rankings(client, queries, (filters, look))
        kept = {name: [row for row in ranking if own.lets_through(row[0])] for name, ranking in found.items()}
        if all(len(kept[name]) >= limit or len(ranking) < look for name, ranking in found.items()):
            return kept.get(DENSE, [])[:limit], kept.get(BM25, [])[:limit]
    return None


def crowded(every: Ranking, gone: Ranking) -> bool:
    """Return whether more of the ranked papers may be withdrawn than the best `FEW` that were found."""
    return len(gone) == FEW and bool(every) and gone[-1][1] >= every[-1][1]


def without(every: Ranking, gone: Ranking) -> Ranking:
    """Remove from a ranking what is in another."""
    points = {point for point, _ in gone}
    return [row for row in every if row[0] not in points] if points else every


async def _rankings(
    client: Qdrant, queries: Mapping[str, Json], *asked: tuple[models.Filter | None, int]
) -> list[dict[str, Ranking]]:
    """Rank by every vector, once for each filter and limit, in one request."""
    searches = [
        {"query": query, "using": name, "filter": filters, "limit": limit, "params": EXACTLY}
        for filters, limit in asked
        for name, query in queries.items()
    ]
    answers = await read_or(client.ask(PAPERS, "/query/batch", {"searches": searches}), [])
    rankings = iter([[(point["id"], point["score"]) for point in answer["points"]] for answer in answers])
    # Where there is no collection yet there are none.
    return [{name: next(rankings, ()) for name in queries} for _ in asked]


def _queries(vectors: Vectors) -> dict[str, Json]:
    queries: dict[str, Json] = {}
    if vectors.dense is not None:
        queries[DENSE] = vectors.dense
    if vectors.sparse is not None and vectors.sparse.indices:  # a query of stopwords has none
        queries[BM25] = {"indices": vectors.sparse.indices, "values": vectors.sparse.values}
    return queries
