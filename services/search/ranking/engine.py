"""Finds the papers that answer a query, page by page."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from services.search.query.cursor import MAX_RESULTS, mark
from services.search.query.filters import Filters
from services.search.query.parser import Query
from services.search.ranking.author_lookup import spelled
from services.search.ranking.duplicates import grouped
from services.search.ranking.fusion import Ranking, fuse, reordered, sharpened
from services.search.ranking.own_lists import OwnLists, within
from services.search.ranking.paper_index import Hit, PaperIndex, Sort
from services.search.ranking.qdrant_filter import among, where
from services.search.ranking.retrieval import Vectors
from services.search.ranking.second_look import LOOKED_AT
from shared.embedding.embedder import Embedder, text_of
from shared.qdrant.client_library import models

if TYPE_CHECKING:
    from shared.embedding.reranker import Reranker

RERANKED = 20
"""Papers that a cross-encoder reads, which takes longer than all else in a search."""
SPARE = 2
"""Results read beyond a page, to replace those that turn out to be duplicates."""


class Mode(StrEnum):
    """The way in which a query is compared with papers."""

    HYBRID = "hybrid"
    SEMANTIC = "semantic"
    LEXICAL = "lexical"


FLOOR = {Mode.HYBRID: 0.55, Mode.SEMANTIC: 0.6, Mode.LEXICAL: 0.4}
"""The share of the best score below which a paper is no result of another order than relevance.

In hybrid mode it keeps 48 of 200 papers of Cranfield and 146 of Vaswani, with 81 and 94% of the relevant ones.
"""


@dataclass(frozen=True, slots=True)
class Page:
    """The number of results wanted, and the marks of those that were shown before."""

    limit: int
    shown: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ranked:
    """The results of a query."""

    filters: models.Filter
    """Matches all papers that its words are compared with, but for the lists of the reader."""
    order: Ranking | None
    """The most relevant ones; None for a query without words."""
    floor: float
    own: OwnLists | None = None
    """What the lists of the reader demand."""
    rerank_ms: float | None = None
    """Milliseconds that the cross-encoder took; None if none was asked."""

    @property
    def wanted(self) -> models.Filter:
        """Matches all papers that its words are compared with."""
        return within(self.filters, self.own)

    def scope(self) -> models.Filter:
        """Return the filter of all papers that paging would show, for counting."""
        return self.wanted if self.order is None else among([point for point, _ in self.order])


@dataclass(frozen=True, slots=True)
class Results:
    """One page: its hits, the marks of all that has been shown with it, and whether there is more."""

    hits: list[Hit]
    shown: frozenset[str]
    more: bool


class SearchEngine:
    """Answers queries. It has no state."""

    def __init__(self, papers: PaperIndex, embedder: Embedder, reranker: "Reranker | None" = None) -> None:
        """`embedder` must be the model that the collection was made with; `reranker` reads the first results."""
        self._papers = papers
        self._embedder = embedder
        self._reranker = reranker

    async def rank(self, query: Query, filters: Filters, mode: Mode, own: OwnLists | None = None) -> Ranked:
        """Find what answers a query; `own` is what the lists of its reader demand."""
        wanted = await self._wanted(query, filters)
        if not query.text:
            return Ranked(wanted, None, FLOOR[mode], own)
        vectors = await self._vectors(query.text, mode)
        order = fuse(*await self._papers.nearest(vectors, wanted, limit=MAX_RESULTS, own=own))
        if mode is Mode.HYBRID and order:
            looked_at = [point for point, _ in order[:LOOKED_AT]]
            order = sharpened(order, *await self._papers.second_look(query.text, vectors, looked_at))
            if self._reranker:
                return await self._reranked(
                    self._reranker, query.text, Ranked(wanted, order[:MAX_RESULTS], FLOOR[mode], own)
                )
        return Ranked(wanted, order[:MAX_RESULTS], FLOOR[mode], own)

    async def _reranked(self, reranker: "Reranker", text: str, ranked: Ranked) -> Ranked:
        """Put the first papers in the order of the cross-encoder."""
        started = time.perf_counter()
        order = ranked.order or ()
        payloads = await self._papers.get([point for point, _ in order[:RERANKED]], ("paper.title", "paper.abstract"))
        texts = [text_of(one["paper"]["title"], one["paper"].get("abstract", "")) for one in payloads.values()]
        scores = dict(zip(payloads, await reranker.scores(text, texts), strict=True))
        return replace(ranked, order=reordered(order, scores), rerank_ms=(time.perf_counter() - started) * 1_000)

    async def find(self, ranked: Ranked, sort: Sort | None, page: Page) -> Results:
        """Return one page of results. Without a sort they are by relevance; an empty query lists the newest."""
        if ranked.order is None:
            return await self._listed(ranked, sort or Sort.NEWEST, page)
        order = await self._sorted(ranked.order, ranked.floor, sort)
        while not (results := await self._page(order, page)).hits and results.more:
            page = replace(page, shown=results.shown)
        return results

    async def points(self, ranked: Ranked, sort: Sort | None, *, limit: int) -> tuple[list[str], int]:
        """Return the points of the first results, near-duplicates too, and how many results there are."""
        if ranked.order is not None:
            points = [point for point, _ in await self._sorted(ranked.order, ranked.floor, sort)]
            return points[:limit], len(points)
        points = await self._papers.ordered_points(ranked.filters, sort or Sort.NEWEST, limit=limit, own=ranked.own)
        return points, len(points) if len(points) < limit else await self._papers.count(ranked.wanted)

    async def listed(self, filters: Filters, sort: Sort, page: Page) -> Results:
        """Return one page of a list without a query."""
        return await self._listed(await self.rank(Query(), filters, Mode.HYBRID), sort, page)

    async def closeness(self, text: str, point: str) -> float | None:
        """Return the cosine of a text and a paper, as a search in semantic mode scores it; None without a text."""
        if not text:
            return None
        vectors = await self._vectors(text, Mode.SEMANTIC)
        dense, _ = await self._papers.nearest(vectors, among([point]), limit=1)
        return round(dense[0][1], 6) if dense else None

    async def _wanted(self, query: Query, filters: Filters) -> models.Filter:
        sides = (query.wanted, filters, query.unwanted)
        wanted, more, unwanted = [await spelled(side, self._papers) for side in sides]
        return where(wanted, more, unwanted=unwanted)

    async def _sorted(self, order: Ranking, floor: float, sort: Sort | None) -> Ranking:
        """Order the results that are relevant enough; without a sort all stay as they are."""
        if not sort or not order:
            return order
        best = order[0][1]
        scores = {point: score for point, score in order if score >= min(best, best * floor)}
        hits = await self._papers.ordered(among(list(scores)), sort, limit=len(scores), fields=())
        return [(hit.point, scores[hit.point]) for hit in hits]

    async def _listed(self, ranked: Ranked, sort: Sort, page: Page) -> Results:
        limit = len(page.shown) + page.limit + SPARE + 1
        points = await self._papers.ordered_points(ranked.filters, sort, limit=limit, own=ranked.own)
        results = await self._page([(point, None) for point in points], page)
        if results.hits or not results.more:
            return results
        return await self._listed(ranked, sort, replace(page, shown=results.shown))  # all that was read was shown

    async def _page(self, order: Ranking | Sequence[tuple[str, None]], page: Page) -> Results:
        """Fetch the first papers that were not shown yet; those that are alike show as one, and on one page only."""
        limit = min(page.limit, MAX_RESULTS - len(page.shown))
        before = [row for row in order if mark(row[0]) in page.shown]
        left = [row for row in order if mark(row[0]) not in page.shown]
        rows = [*before, *left[: limit + SPARE]]
        payloads = await self._papers.get([point for point, _ in rows])
        hits = [Hit(point, score, payloads[point]) for point, score in rows if point in payloads]
        groups = grouped(hits, lambda hit: hit.payload)
        again = [group for group in groups if mark(group[0].point) in page.shown]
        new = [group for group in groups if mark(group[0].point) not in page.shown][:limit]
        gone = {mark(point) for point, _ in rows if point not in payloads}  # meanwhile, and not to be asked for again
        shown = page.shown | gone | {mark(hit.point) for group in (*again, *new) for hit in group}
        more = len(shown) < MAX_RESULTS and any(mark(point) not in shown for point, _ in left)
        return Results([_standing(group) for group in new], shown, more)

    async def _vectors(self, text: str, mode: Mode) -> Vectors:
        if mode is Mode.SEMANTIC:
            return Vectors(dense=await self._embedder.query(text))
        if mode is Mode.LEXICAL:
            return Vectors(sparse=await self._embedder.sparse_query(text))
        dense, sparse = await asyncio.gather(self._embedder.query(text), self._embedder.sparse_query(text))
        return Vectors(dense, sparse)


def collapsed(hits: Sequence[Hit]) -> list[Hit]:
    """Return one hit per group of near-duplicates: its first, with the ids of the others."""
    return [_standing(group) for group in grouped(hits, lambda hit: hit.payload)]


def _standing(group: Sequence[Hit]) -> Hit:
    return replace(group[0], duplicates=tuple(hit.payload["paper"]["id"] for hit in group[1:]))
