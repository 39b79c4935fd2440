"""Finds the papers that are like others: like one, like one of its facets, or like a list of them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from services.search.query.cursor import MAX_RESULTS
from services.search.query.filters import Filters
from services.search.ranking.author_lookup import spelled
from services.search.ranking.engine import SPARE, collapsed
from services.search.ranking.fusion import Ranking
from services.search.ranking.paper_index import Hit, PaperIndex, Sort
from services.search.ranking.qdrant_filter import among, where
from services.search.ranking.retrieval import Vectors
from services.search.ranking.vector_search import scoring, sparse_query
from services.search.similar.abstract_facets import Facet, passage
from services.search.similar.likeness import Dense, Scores, close_enough, target, together, wanted_terms
from shared.embedding.embedder import Embedder
from shared.embedding.vectors import SparseVector
from shared.qdrant import BM25, DENSE, TITLE
from shared.qdrant.client_library import models

CANDIDATES: Final = 200
"""Papers read by each of the whole's vector and the words."""
MOST_READ: Final = 20
"""Papers of a list whose words and titles are compared: the first that it is near to, and the first that it is not."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What papers shall be like, by each part.

    `whole` is a vector or Qdrant's JSON of a query; `worded` are the points that the words are of, and `given` all that
    are no answer.
    """

    whole: Any
    terms: SparseVector
    title: Dense | None
    worded: Sequence[str]
    given: frozenset[str]


class SimilarPapers:
    """Finds similar papers; raises TransientError if Qdrant does not answer."""

    def __init__(self, papers: PaperIndex, embedder: Embedder) -> None:
        """`embedder` must be the model that the collection was made with."""
        self._papers = papers
        self._embedder = embedder

    async def to_paper(
        self, hit: Hit, filters: Filters, sort: Sort | None, *, limit: int, by: Facet | None = None
    ) -> tuple[list[Hit], Facet | None]:
        """Return the papers most like one, or like a facet of it, and the facet by which they are.

        An abstract that has no sentence of the facet is compared as a whole. With a sort, those that are like enough.
        """
        wanted = where(await spelled(filters, self._papers))
        text = passage(hit.payload["paper"].get("abstract") or "", by) if by else ""
        asked = await (self._passage(text, hit.point) if text else self._points([hit.point], []))
        order = await self._ranked(asked, wanted) if asked else []
        if sort and order:
            order = await self._sorted(order, sort)
        return await self._hits(order, limit), by if text else None

    async def to_papers(
        self, positive: Sequence[str], negative: Sequence[str], wanted: models.Filter, *, limit: int
    ) -> list[Hit]:
        """Return the papers most like some and away from others; none of the given is among them.

        A paper that is given twice, as by two of its ids, counts once.
        """
        asked = await self._points(*(list(dict.fromkeys(points)) for points in (positive, negative)))
        return await self._hits(await self._ranked(asked, wanted), limit) if asked else []

    async def _points(self, positive: Sequence[str], negative: Sequence[str]) -> Asked | None:
        """Read what papers shall be like; None if none of the positive ones is there any more."""
        read = [points[:MOST_READ] for points in (positive, negative)]
        vectors = await self._papers.vectors(list(dict.fromkeys([*read[0], *read[1]])), BM25, TITLE)
        near, away = ([vectors[point] for point in points if point in vectors] for points in read)
        if not near:
            return None
        given = {"positive": positive, "negative": negative, "strategy": "average_vector"}
        terms = wanted_terms(*([SparseVector(**row[BM25]) for row in rows if row.get(BM25)] for rows in (near, away)))
        title = target(
            *([np.asarray(row[TITLE], np.float32) for row in rows if row.get(TITLE)] for rows in (near, away))
        )
        return Asked({"recommend": given}, terms, title, read[0], frozenset([*positive, *negative]))

    async def _passage(self, text: str, point: str) -> Asked:
        whole, (terms,) = await asyncio.gather(self._embedder.query(text), self._embedder.sparse_papers([text]))
        return Asked(whole, terms, None, [point], frozenset([point]))

    async def _ranked(self, asked: Asked, wanted: models.Filter) -> Ranking:
        """Rank the candidates of both sides by all parts, which takes two requests."""
        most = CANDIDATES + len(asked.given)
        found = await self._papers.nearest(Vectors(asked.whole, asked.terms), wanted, limit=most)
        whole, terms = ({point: score for point, score in side if point not in asked.given} for side in found)
        candidates = list(whole | terms)
        if not candidates:
            return []
        only_terms = [point for point in candidates if point not in whole]
        only_whole = [point for point in candidates if point not in terms]
        rest, scored, titles = await self._papers.rankings(
            [
                scoring(DENSE, asked.whole, only_terms),
                scoring(BM25, sparse_query(asked.terms), [*asked.worded, *only_whole]),
                scoring(TITLE, asked.title, candidates),
            ]
        )
        by_terms = dict(scored)
        own = [by_terms.pop(point, 0.0) for point in asked.worded]
        mean = sum(own) / len(own)
        title = None if asked.title is None else dict(titles)
        return together(Scores(whole | dict(rest), terms | by_terms, mean, title))

    async def _sorted(self, order: Ranking, sort: Sort) -> Ranking:
        """Order those that are like enough."""
        close = close_enough(order[:MAX_RESULTS])
        hits = await self._papers.ordered(among(list(close)), sort, limit=len(close), fields=())
        return [(hit.point, close[hit.point]) for hit in hits]

    async def _hits(self, order: Ranking, limit: int) -> list[Hit]:
        """Read the first papers; those that are alike count as one."""
        first = order[: limit + SPARE]
        payloads = await self._papers.get([point for point, _ in first])
        return collapsed([Hit(point, score, payloads[point]) for point, score in first if point in payloads])[:limit]
