"""From a query to the papers that answer it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from qdrant_client import models

from services.search.conditions import known_as, where
from services.search.cursor import MOST
from services.search.index import Hit, Papers, Sort, Vectors
from services.search.query import Filters, Query
from shared.embedding import Embedder

TIED = 8
"""Results read beyond a page, so that those which tie with its last one are ordered with it."""


class Mode(StrEnum):
    """How a query is compared with papers."""

    HYBRID = "hybrid"
    SEMANTIC = "semantic"
    LEXICAL = "lexical"


@dataclass(frozen=True, slots=True)
class Page:
    """Which of the results are wanted."""

    limit: int
    offset: int = 0


class Searching:
    """Answers queries; without state of its own."""

    def __init__(self, papers: Papers, embedder: Embedder) -> None:
        """`embedder` must be the model that the collection was made with."""
        self._papers = papers
        self._embedder = embedder

    async def find(self, query: Query, filters: Filters, mode: Mode, sort: Sort | None, page: Page) -> list[Hit]:
        """Give one page of results. Without a sort they are by relevance; an empty query lists the newest."""
        if query.work:
            return list((await self._papers.known([query.work], filters)).values())[:1] if not page.offset else []
        wanted = where(replace(filters, phrases=query.phrases))
        if not query.text:
            return await self._papers.ordered(wanted, sort or Sort.NEWEST, limit=page.limit, offset=page.offset)
        vectors = await self._vectors(query.text, mode)
        end = page.offset + page.limit
        if sort is None:
            # Fused ranks tie often, and the engine orders ties by chance: a page must not change by being looked at.
            relevant = await self._papers.relevant(vectors, wanted, limit=min(MOST, end + TIED))
            return sorted(relevant, key=_relevance)[page.offset : end]
        fields = ("published_at", "trending")
        relevant = await self._papers.relevant(vectors, wanted, fields, limit=MOST)
        chosen = sorted(relevant, key=_ORDER[sort], reverse=True)[page.offset : end]
        payloads = await self._papers.get([hit.point for hit in chosen])
        return [replace(hit, payload=payloads[hit.point]) for hit in chosen if hit.point in payloads]

    async def scope(self, query: Query, filters: Filters, mode: Mode) -> models.Filter:
        """Give the filter of all papers that paging through a search would show, for counting."""
        if query.work:
            return where(filters, withdrawn=True, extra=[known_as([query.work])])
        wanted = where(replace(filters, phrases=query.phrases))
        if not query.text:
            return wanted
        hits = await self._papers.relevant(await self._vectors(query.text, mode), wanted, (), limit=MOST)
        return models.Filter(must=[models.HasIdCondition(has_id=[hit.point for hit in hits])])

    async def _vectors(self, text: str, mode: Mode) -> Vectors:
        if mode is Mode.SEMANTIC:
            return Vectors(dense=await self._embedder.query(text))
        if mode is Mode.LEXICAL:
            return Vectors(sparse=await self._embedder.sparse_query(text))
        dense, sparse = await asyncio.gather(self._embedder.query(text), self._embedder.sparse_query(text))
        return Vectors(dense, sparse)


def _relevance(hit: Hit) -> tuple[float, str]:
    return -(hit.score or 0.0), hit.point


def _published(hit: Hit) -> str:
    return str(hit.payload.get("published_at", ""))


_ORDER: dict[Sort, Callable[[Hit], Any]] = {
    Sort.NEWEST: _published,
    Sort.TRENDING: lambda hit: (hit.payload.get("trending", float("-inf")), _published(hit)),
}
